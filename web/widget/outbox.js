/**
 * Messages on their way: one after another, each under one idempotency key, until the server has answered it.
 *
 * They are kept in the tab's storage, so that neither a lost network nor a reload loses one or sends one twice.
 */

import { Failure } from "./api.js";
import { backOff, newKey } from "./elements.js";

const MOST_TRIES = 5; // For a server's fault; a missing network is tried for as long as it lasts.

export class Outbox {
  constructor(session) {
    this.session = session;
    this.turns = session.kept.turns.map((turn) => ({ ...turn, status: "queued", tries: 0, restored: true }));
    this.running = false;
    this.timer = 0;
  }

  /** Whether an answer is awaited. */
  get sending() {
    return this.turns.some(({ status }) => status === "sending");
  }

  add(body, title, language) {
    this.turns.push({ key: newKey(), body, title, language, status: "queued", tries: 0 });
    this.#keep();
    this.session.changed();
    this.flush();
  }

  remove(turn) {
    this.turns = this.turns.filter((item) => item !== turn);
    this.#keep();
    this.session.changed();
  }

  /** Try again because the resident asks for it. */
  retry(turn) {
    Object.assign(turn, { stuck: false, failure: null, tries: 0, status: "queued" });
    this.session.changed();
    return this.flush();
  }

  async flush() {
    clearTimeout(this.timer);
    if (this.running) return;
    this.running = true;
    try {
      for (let turn = this.#next(); turn; turn = this.#next()) {
        if (!(await this.#attempt(turn))) break;
      }
    } finally {
      this.running = false;
      this.session.changed();
    }
  }

  #next() {
    return this.turns.find(({ stuck }) => !stuck);
  }

  /** Send one; return whether the next may follow. */
  async #attempt(turn) {
    turn.status = "sending";
    this.session.changed();
    try {
      const answer = await this.#deliver(turn);
      this.session.setOnline(true);
      await this.#settle(turn, answer);
      return true;
    } catch (failure) {
      return this.#fail(turn, failure);
    }
  }

  #fail(turn, failure) {
    turn.status = "failed";
    turn.failure = failure instanceof Failure ? failure : new Failure(500);
    turn.tries += 1;
    if (failure instanceof Failure && failure.status === 0) this.session.setOnline(false);
    const again = turn.failure.passing && (turn.failure.status === 0 || turn.tries < MOST_TRIES);
    turn.stuck = !again;
    if (again) {
      const wait = Math.max(turn.failure.retryAfter, backOff(turn.tries));
      this.timer = setTimeout(() => this.flush(), wait * 1000);
    }
    if (!(failure instanceof Failure)) setTimeout(() => { throw failure; });
    return !again;
  }

  /** Send a turn to the conversation, which begins now if it has not; if it is gone, to a new one. */
  async #deliver(turn) {
    const { session } = this;
    if (!session.kept.id) await session.begin(turn.language);
    const post = async () => {
      await session.tellLanguage();
      return session.call("POST", "/messages", turn.body, { "Idempotency-Key": turn.key });
    };
    try {
      return await post();
    } catch (failure) {
      if (!failure.gone && failure.code !== "payload_unknown") throw failure;
      if (turn.body.payload) turn.body = { text: turn.title }; // No other conversation knows the button.
      turn.key = newKey();
      this.#keep();
      if (failure.gone) {
        session.forget("expired");
        await session.begin(turn.language);
      }
      return post();
    }
  }

  async #settle(turn, answer) {
    const { session } = this;
    this.turns = this.turns.filter((item) => item !== turn);
    this.#keep();
    const first = answer.messages[0]?.position;
    if (!turn.adopted && !turn.restored) session.messages.addLocal(turn.key, turn.title, first);
    session.merge(answer.messages);
    session.setState(answer.state, session.place);
    if (answer.masked.length || turn.adopted || turn.restored) await session.sync().catch(() => {});
    session.tellOthers("changed");
  }

  #keep() {
    const turns = this.turns.map(({ key, body, title, language }) => ({ key, body, title, language }));
    this.session.keep({ turns });
  }
}
