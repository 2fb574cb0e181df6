/** The log: shows each message once, adds what is new, and keeps the reader's place. */

import { h, isCalm } from "./elements.js";
import { messageElement, turnElement } from "./messages.js";

/** What stands in the log, in order: a key that stays, a version that changes with the looks, how to make it. */
function logItems(chat) {
  const { session, language } = chat;
  const stored = session.messages.items;
  let asked = false;
  const messages = (stored.length ? stored : chat.greeting()).map((message, place) => {
    asked ||= message.sender === "resident";
    const answers = asked && message.sender === "bot" && !message.emergency;
    return {
      key: asked ? (message.key ?? message.id) : `greeting-${place}`,
      version: [language, message.text].join(),
      message,
      make: () => messageElement(chat, chat.withOwnGreeting(message, place), answers),
    };
  });
  const adopted = new Set(session.outbox.turns.map((turn) => turn.adopted).filter(Boolean));
  const notices = session.notices.map((key) => ({
    key: `notice-${key}`, version: language, make: () => h("p", { className: "notice" }, h("span", {}, chat.t(key))),
  }));
  const turns = session.outbox.turns
    .filter((turn) => !turn.restored || turn.failure)
    .map((turn) => ({
      key: `own-${turn.key}`,
      version: [language, turn.title, ...turnMarks(session, turn)].join(),
      make: () => turnElement(chat, turn),
    }));
  return [...notices, ...messages.filter(({ message }) => !adopted.has(message.id)), ...turns];
}

/** What is shown of a turn beside its words; nothing while all goes well, so that it stays the same element once sent. */
function turnMarks({ outbox }, turn) {
  if (turn.failure) return [turn.failure.text];
  return turn.status === "queued" && outbox.turns[0] !== turn ? ["queued"] : [];
}

export class Log {
  constructor(chat, scroller) {
    this.chat = chat;
    this.scroller = scroller;
    this.shown = new Map();
    this.element = h("div", { className: "log", role: "log", "aria-live": "polite", "aria-label": chat.t("conversation") });
  }

  /** Bring the log up to date. Everything at once (a reload, another language) is not read aloud. */
  draw() {
    const items = logItems(this.chat);
    const all = !this.shown.size;
    if (all) this.element.setAttribute("aria-live", "off");
    const follows = this.#atEnd();
    const shown = new Map();
    let place = this.element.firstChild;
    let fresh = null;
    for (const item of items) {
      const known = this.shown.get(item.key);
      const element = known?.version === item.version ? known.element : item.make();
      shown.set(item.key, { element, version: item.version });
      if (!known && !all) fresh ??= element;
      if (known && known.element !== element) {
        if (known.element === place) place = place.nextSibling;
        known.element.replaceWith(element);
      } else if (element === place) place = place.nextSibling;
      else this.element.insertBefore(element, place);
    }
    for (const [key, { element }] of this.shown) if (!shown.has(key)) element.remove();
    this.shown = shown;
    if (all) this.#showEnd();
    else if (fresh) this.#reveal(fresh, follows);
  }

  #atEnd() {
    const box = this.scroller();
    return box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  }

  /** Change what stands below; whoever reads at the end stays there. */
  keepEnd(change) {
    const follows = this.#atEnd();
    change();
    const box = this.scroller();
    if (follows) box.scrollTop = box.scrollHeight;
  }

  #showEnd() {
    setTimeout(() => this.element.setAttribute("aria-live", "polite"), 500);
    const own = [...this.element.querySelectorAll(".resident")].pop();
    if (own) this.#scrollTo(own, false);
  }

  /** Show what is new from its beginning; whoever reads further up is left there, unless the new is the own message or a human's. */
  #reveal(element, follows) {
    const own = ["resident", "human"].some((name) => element.classList.contains(name));
    const before = element.previousElementSibling;
    const answers = before?.classList.contains("resident");
    if (own || follows || answers) this.#scrollTo(answers ? before : element, true);
  }

  #scrollTo(element, smooth) {
    const box = this.scroller();
    const top = element.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop - 12;
    box.scrollTo({ top, behavior: smooth && !isCalm() ? "smooth" : "auto" });
  }
}
