/** The field for the resident's words: grows with them, counts them, refuses what cannot be sent, and keeps a draft. */

import { button, h, lengthOf, newId } from "./elements.js";
import { icon } from "./icons.js";

const COUNTER_SHOWN_FROM = 0.9;

export class Composer {
  constructor(chat) {
    this.chat = chat;
    const [field, hint, counter, note] = ["message", "hint", "counter", "note"].map(newId);
    this.label = h("label", { htmlFor: field });
    this.field = h("textarea", {
      id: field, rows: 1, autocomplete: "off", enterKeyHint: "send", "aria-describedby": `${hint} ${counter} ${note}`,
      oninput: () => {
        this.fit();
        if (this.field.value.trim()) chat.session.tellWriting();
      },
      onkeydown: (event) => this.#onKey(event),
      onpaste: (event) => this.#refuseFiles(event, event.clipboardData),
      ondrop: (event) => this.#refuseFiles(event, event.dataTransfer),
    });
    this.counter = h("p", { id: counter, className: "counter", hidden: true });
    this.note = h("p", { id: note, className: "note", role: "status" });
    this.element = h("form", { className: "composer", noValidate: true, onsubmit: (event) => this.#submit(event) },
      h("div", { className: "column" },
        this.note,
        h("div", { className: "field" }, this.field,
          h("button", { type: "submit", className: "send" }, icon("send"), h("span", {}, chat.t("send")))),
        h("div", { className: "below" }, h("p", { id: hint, className: "hint" }, chat.t("hint")), this.counter)));
    this.write(chat.session.kept.draft);
  }

  /** Say who gets the message. */
  draw() {
    this.label.textContent = this.chat.t(this.chat.session.state === "human" ? "to_counsellor" : "question");
  }

  write(text) {
    if (this.field.value !== text) this.field.value = text;
    this.fit();
  }

  fit() {
    const { field, counter, chat } = this;
    const limit = chat.configuration.message_limit;
    const left = limit - lengthOf(field.value);
    counter.hidden = left > limit * (1 - COUNTER_SHOWN_FROM);
    counter.textContent = chat.t(left < 0 ? "over" : "left", { count: Math.abs(left) });
    counter.classList.toggle("over", left < 0);
    field.setAttribute("aria-invalid", String(left < 0));
    field.style.height = "auto";
    if (field.scrollHeight) field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
    if (left >= 0 && this.note.dataset.about === "length") this.say("");
    chat.session.keep({ draft: field.value });
  }

  say(key, about = "") {
    this.note.dataset.about = about;
    this.note.textContent = key && `${this.chat.t(key)} ${about === "length" ? this.counter.textContent : ""}`.trim();
  }

  #submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (lengthOf(text) > this.chat.configuration.message_limit) this.say("too_long", "length");
    else if (text) {
      this.say("");
      this.chat.send({ text }, text);
      this.write("");
      return;
    }
    this.field.focus();
  }

  #onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit(event);
  }

  #refuseFiles(event, data) {
    if (!data?.files?.length) return;
    if (!data.getData("text/plain")) event.preventDefault();
    this.say("no_files", "files");
  }
}

/** Questions that others often begin with. */
export function starterList(chat) {
  const id = newId("starters");
  const items = chat.configuration.starters.map((text) => h("li", {}, button(text, () => chat.send({ text }, text))));
  return h("section", { className: "starters", "aria-labelledby": id },
    h("h3", { id }, chat.t("starters")), h("ul", { role: "list" }, items));
}
