/** Server-sent events by `fetch`, since `EventSource` cannot send a token in a header. */

const SILENCE = 40_000; // The server says something every 15 seconds.

/** Split what has come in into whole events; the rest waits for more. */
function parse(buffer) {
  const blocks = buffer.split(/\r\n\r\n|\n\n|\r\r/);
  const rest = blocks.pop();
  const events = blocks.map((block) => {
    const event = { type: "message", data: [], id: "" };
    for (const line of block.split(/\r\n|\n|\r/)) {
      const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (field === "data") event.data.push(value);
      else if (field === "event") event.type = value;
      else if (field === "id") event.id = value;
    }
    return event;
  });
  return { events: events.filter(({ data, type }) => data.length || type !== "message"), rest };
}

/**
 * Read events until the connection ends.
 *
 * @param api the server.
 * @param path of the events.
 * @param last position that is known already; null for none.
 * @param signal ends the reading.
 * @param handle called with each event's type and data.
 */
export async function readEvents(api, path, last, signal, handle) {
  const silence = new AbortController();
  const stop = () => silence.abort();
  signal.addEventListener("abort", stop, { once: true });
  let timer = setTimeout(stop, SILENCE);
  try {
    const headers = { Accept: "text/event-stream", ...(last !== null && { "Last-Event-ID": String(last) }) };
    const response = await api.fetch("GET", path, { headers, signal: silence.signal });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let buffer = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(stop, SILENCE);
      const { events, rest } = parse(buffer + decoder.decode(value, { stream: true }));
      buffer = rest;
      for (const event of events) handle(event.type, event.data.length ? JSON.parse(event.data.join("\n")) : {});
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    stop();
  }
}
