/** Making elements, and small helpers on text. Text from anybody becomes text nodes, never HTML. */

/** Make an element. `values` are its properties, else attributes; null and undefined ones are left out. */
export function h(tag, values = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) continue;
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** Text for a screen reader alone. */
export const spoken = (text) => h("span", { className: "spoken" }, text);

/** A button; `values` may hold a class name, an icon and ARIA attributes. */
export function button(label, onclick, values = {}) {
  return h("button", { type: "button", onclick, ...values }, label);
}

/** Put values where braces stand: `{name}`. */
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

export const digits = (number) => number.replace(/[^\d+]/g, "");
export const host = (url) => url.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/$/, "");

/** Characters as the server counts them, not UTF-16 units. */
export const lengthOf = (text) => Array.from(text).length;

let made = 0;
/** An id that no other element of any instance has. */
export const newId = (name) => `lotsi-${name}-${(made += 1)}`;

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const isTouch = () => matchMedia("(pointer: coarse)").matches;
export const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Wait, a second at most, while something in the element is pressed: what is replaced under a finger loses its click. */
export async function released(element) {
  for (let looks = 0; looks < 50 && element.matches(":active"); looks += 1) {
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

/** Seconds to wait before the next try: 1, 2, 4 … 30, a little spread so that many residents do not return at once. */
export const backOff = (tries) => Math.min(30, 2 ** tries) * (0.8 + Math.random() * 0.4);
