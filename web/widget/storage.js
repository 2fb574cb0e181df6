/** What outlives a reload of the tab: session storage, or memory where the browser gives none (a sandboxed frame). */

const memory = new Map();

export function readStored(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? memory.get(key) ?? {};
  } catch {
    return memory.get(key) ?? {};
  }
}

export function writeStored(key, value) {
  memory.set(key, value);
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // No storage, or it is full: the conversation then lasts as long as the page.
  }
}
