/**
 * One conversation with the server. All widgets of a page that talk with the same server share it.
 *
 * Events: `change` (show it anew), `say` (tell it to a screen reader: `detail.key`), `message` (a new one).
 */

import { Api, Failure } from "./api.js";
import { Live } from "./live.js";
import { MessageList } from "./message_list.js";
import { Outbox } from "./outbox.js";
import { readStored, writeStored } from "./storage.js";

/** A sign that somebody is writing holds for so long, and is sent at most so often, in milliseconds. */
const WRITING_HOLDS = 6000;
const WRITING_EVERY = 4000;
const EMPTY = { id: null, token: null, told: null, wanted: null, state: "bot", turns: [], rated: false };
const sessions = new Map();

/** Return the conversation with a server; `name` keeps several apart. */
export function sessionFor(server, name) {
  const key = `lotsi:${server}${name ? `:${name}` : ""}`;
  if (!sessions.has(key)) sessions.set(key, new Session(server, key));
  return sessions.get(key);
}

export class Session extends EventTarget {
  constructor(server, key) {
    super();
    this.key = key;
    this.kept = { ...EMPTY, draft: "", zoom: 100, choice: null, open: false, ...readStored(key) };
    this.api = new Api(server);
    this.api.token = this.kept.token;
    this.messages = new MessageList();
    this.notices = [];
    this.place = null;
    this.writing = false;
    this.writingTold = 0;
    this.loading = false;
    this.failure = null;
    this.online = navigator.onLine !== false;
    this.live = new Live(this);
    this.outbox = new Outbox(this);
    this.#listen();
  }

  get state() {
    return this.kept.state;
  }

  /** Whether there is anything to restore. */
  get used() {
    return Boolean(this.kept.id || this.outbox.turns.length);
  }

  keep(changes) {
    Object.assign(this.kept, changes);
    writeStored(this.key, this.kept);
  }

  changed() {
    this.dispatchEvent(new CustomEvent("change"));
  }

  say(key) {
    this.dispatchEvent(new CustomEvent("say", { detail: { key } }));
  }

  /** Call the server about this conversation. */
  call(method, path = "", body = undefined, headers = {}) {
    return this.api.call(method, `/conversations/${this.kept.id}${path}`, body, headers);
  }

  async begin(language) {
    const begun = await this.api.call("POST", "/conversations", { language });
    this.keep({ ...EMPTY, turns: this.kept.turns, id: begun.id, token: begun.token, told: language, wanted: language });
    this.api.token = begun.token;
    this.messages.add(begun.messages);
  }

  /** Begin where that has not happened, for what needs a conversation without a message. */
  async ensureBegun(language) {
    if (!this.kept.id) await this.begin(language);
    this.changed();
  }

  /** Answer in this language from now on. A failure is made good before the next message. */
  useLanguage(language) {
    this.keep({ wanted: language });
    this.tellLanguage().catch(() => {});
  }

  async tellLanguage() {
    const { id, wanted, told } = this.kept;
    if (!id || !wanted || wanted === told) return;
    try {
      await this.call("PATCH", "", { language: wanted });
    } catch (failure) {
      if (failure.passing || failure.gone) throw failure;
    }
    this.keep({ told: wanted });
  }

  send(body, title, language) {
    this.outbox.add(body, title, language);
  }

  /** The counsellor is writing, until nothing is heard of it any more. */
  noteWriting(is = true) {
    clearTimeout(this.writingTimer);
    this.writing = is && this.state === "human";
    if (this.writing) this.writingTimer = setTimeout(() => this.noteWriting(false), WRITING_HOLDS);
    this.changed();
  }

  /** Let the counsellor know that the resident is writing; nothing depends on it. */
  tellWriting() {
    const now = Date.now();
    if (this.state !== "human" || now - this.writingTold < WRITING_EVERY) return;
    this.writingTold = now;
    this.call("POST", "/typing").catch(() => {});
  }

  merge(messages) {
    const fresh = this.messages.add(messages, this.outbox.turns);
    if (fresh.some(({ sender }) => sender === "human")) this.noteWriting(false);
    for (const message of fresh) this.dispatchEvent(new CustomEvent("message", { detail: message }));
    this.changed();
  }

  setState(state, place = null) {
    if (!state) return;
    this.place = place;
    if (state !== this.kept.state) this.keep({ state });
    if (state !== "human" && this.writing) this.noteWriting(false);
    this.live.follow();
    this.changed();
  }

  /** Read the whole conversation anew. */
  async sync() {
    const { id } = this.kept;
    const asked = new Set(this.messages.items);
    const read = await this.call("GET", "/messages");
    if (id !== this.kept.id) return;
    this.messages.replace(read.messages, asked);
    this.setState(read.state, this.place);
  }

  /** Show the tab's conversation again after a reload; then send what the reload cut off, under its old key. */
  async restore() {
    if (this.loading) return;
    this.loading = true;
    this.failure = null;
    this.changed();
    try {
      if (this.kept.id) await this.sync();
    } catch (failure) {
      if (failure.gone) this.forget("expired");
      else this.failure = failure;
    } finally {
      this.loading = false;
      this.changed();
    }
    await this.outbox.flush();
  }

  /** Leave the conversation behind, with all that was shown of it; what was not sent yet stays. */
  forget(notice) {
    this.live.stop();
    this.keep({ ...EMPTY, turns: this.kept.turns });
    this.api.token = null;
    this.messages = new MessageList();
    this.notices = notice ? [notice] : [];
    this.place = null;
    this.failure = null;
    if (notice) this.say(notice);
    this.changed();
  }

  /** Tell the other tabs that have this conversation open. */
  tellOthers(type, id = this.kept.id) {
    this.channel?.postMessage({ type, id });
  }

  #listen() {
    addEventListener("online", () => this.#reconnect());
    addEventListener("offline", () => this.setOnline(false));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.refresh();
    });
    if (!("BroadcastChannel" in window)) return;
    try {
      this.channel = new BroadcastChannel(this.key);
    } catch {
      return; // A sandboxed frame.
    }
    this.channel.addEventListener("message", ({ data }) => {
      if (data.id !== this.kept.id || !data.id) return;
      if (data.type === "erased") this.forget("erased");
      else this.refresh();
    });
  }

  setOnline(online) {
    if (online === this.online) return;
    this.online = online;
    this.say(online ? "online_again" : "offline_notice");
    this.changed();
  }

  #reconnect() {
    this.setOnline(true);
    if (this.failure) this.restore();
    else this.outbox.flush();
  }

  /** Take up what another tab or the counsellor did meanwhile. */
  async refresh() {
    if (!this.kept.id || this.loading || !this.messages.items.length) return;
    try {
      await this.sync();
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      if (failure.gone) this.forget("expired");
    }
    this.outbox.flush();
  }
}
