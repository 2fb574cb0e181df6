// What happens on the server, as it happens: a stream of events, and where none can be kept open, questions in a row.

import { call } from "./staff.js";

const PATIENCE = 5_000;

/**
 * Follow.
 *
 * @param address of the stream, as a function, since it may say what is known already.
 * @param handlers by event; each gets the event's data.
 * @param poll asks once, where the stream does not work; it may throw.
 */
export function follow(address, handlers, poll) {
  const offline = document.querySelector("[data-offline]");
  const setOffline = (is) => { if (offline) offline.hidden = !is; };
  let stream = null;
  let stopped = false;

  const stop = () => {
    stopped = true;
    stream?.close();
  };

  const ask = async () => {
    if (stopped) return;
    try {
      await poll();
      setOffline(false);
      if (!stopped) open(); // Perhaps it works now.
    } catch {
      setOffline(true);
      setTimeout(ask, PATIENCE);
    }
  };

  function open() {
    stream = new EventSource(address());
    stream.onopen = () => setOffline(false);
    stream.onerror = () => {
      stream.close();
      setTimeout(ask, stopped ? 0 : PATIENCE);
    };
    for (const [kind, handle] of Object.entries(handlers)) {
      stream.addEventListener(kind, (event) => handle(JSON.parse(event.data), stop));
    }
    stream.addEventListener("beat", () => document.dispatchEvent(new Event("lotsi:beat")));
    stream.addEventListener("ended", () => {
      stop();
      call("/staff/presence", { method: "POST" }); // It leads to the sign-in page, and back here.
    });
  }

  addEventListener("pagehide", stop);
  open();
}
