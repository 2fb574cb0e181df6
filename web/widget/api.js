/** Calls of the server, and what went wrong with one. */

import { fill } from "./elements.js";

const SCRIPT = document.currentScript?.src;
const REQUEST_TIMEOUT = 60_000;
const GONE = ["conversation_not_found", "token_rejected", "token_missing"];
const TEXTS = { 0: "offline", 413: "too_long", 429: "too_many", 503: "not_ready" };

/** Where the script came from is where the server is, unless the page says otherwise. */
export const OWN_SERVER = new URL(SCRIPT || location.href).origin;

/** A call without an answer that can be used: its HTTP status (0 without a connection) and the API's error code. */
export class Failure extends Error {
  constructor(status, error = {}, retryAfter = 0) {
    super(`${status} ${error.code ?? ""}`);
    this.status = status;
    this.code = error.code ?? "";
    this.details = error.details ?? {};
    this.retryAfter = retryAfter;
  }

  /** The conversation is not there any more, or is not ours. */
  get gone() {
    return GONE.includes(this.code);
  }

  get ended() {
    return this.code === "conversation_ended";
  }

  /** Whether the same call may succeed later. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  get text() {
    return this.ended ? "conversation_over" : (TEXTS[this.status] ?? "failed");
  }
}

async function failureOf(response) {
  const body = await response.json().catch(() => ({}));
  return new Failure(response.status, body?.error ?? {}, Number(response.headers.get("Retry-After")) || 0);
}

function timeLimit(milliseconds) {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), milliseconds);
  return controller.signal;
}

/** The server's answers; `token` opens one conversation. */
export class Api {
  constructor(server) {
    this.server = server;
    this.token = null;
  }

  /** Send a request and return its response once it is a good one. */
  async fetch(method, path, { body, headers = {}, signal } = {}) {
    let response;
    try {
      response = await fetch(`${this.server}/api/v1${path}`, {
        method,
        headers: {
          ...(body && { "Content-Type": "application/json" }),
          ...(this.token && path !== "/conversations" && { Authorization: `Bearer ${this.token}` }),
          ...headers,
        },
        body: body && JSON.stringify(body),
        credentials: "omit",
        signal: signal ?? timeLimit(REQUEST_TIMEOUT),
      });
    } catch {
      throw new Failure(0);
    }
    if (!response.ok) throw await failureOf(response);
    return response;
  }

  async call(method, path, body, headers) {
    const response = await this.fetch(method, path, { body, headers });
    if (response.status === 204) return null;
    try {
      return await response.json();
    } catch {
      throw new Failure(0); // Cut off, or a proxy's page.
    }
  }

  /** What the widget shows in one language. */
  async fetchConfiguration(language) {
    try {
      const response = await fetch(`${this.server}/api/v1/widget?language=${language}`, {
        credentials: "omit",
        signal: timeLimit(REQUEST_TIMEOUT),
      });
      if (response.ok) return await response.json();
    } catch {
      // Said below.
    }
    throw new Failure(0);
  }
}

/** Texts of one language: the server's once they are here, the script's own before. */
export function translator(language, strings, name) {
  const texts = { ...CORE[language], ...strings };
  return (key, values = {}) => fill(texts[key] ?? "", { name, ...values });
}
