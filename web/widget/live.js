/** The counsellor's end of the conversation as it happens: a stream while one waits for a human or talks with one. */

import { Failure } from "./api.js";
import { backOff } from "./elements.js";
import { readEvents } from "./stream.js";

const LIVE_STATES = ["waiting", "human"];

const pause = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

export class Live {
  constructor(session) {
    this.session = session;
    this.controller = null;
  }

  /** Connect or let go, as the conversation's state asks. */
  follow() {
    const { id, state } = this.session.kept;
    if (!id || !LIVE_STATES.includes(state)) this.stop();
    else if (!this.controller) this.#run(id);
  }

  stop() {
    this.controller?.abort();
    this.controller = null;
  }

  async #run(id) {
    const { session } = this;
    const controller = (this.controller = new AbortController());
    let tries = 0;
    const handle = (type, data) => {
      if (controller.signal.aborted) return;
      tries = 0;
      session.setOnline(true);
      this.#handle(type, data);
    };
    while (!controller.signal.aborted) {
      try {
        await readEvents(session.api, `/conversations/${id}/events`, session.messages.last, controller.signal, handle);
      } catch (failure) {
        if (controller.signal.aborted) return;
        if (failure instanceof Failure && failure.gone) {
          session.forget("expired");
          return;
        }
        if (failure instanceof Failure && failure.status === 0) session.setOnline(false);
      }
      await pause(backOff(tries));
      tries += 1;
    }
  }

  #handle(type, data) {
    if (type === "message") this.session.merge([data]);
    else if (type === "state") this.session.setState(data.state, data.place ?? null);
    else if (type === "typing") this.session.noteWriting();
    else if (type === "erased") this.session.forget("erased");
  }
}
