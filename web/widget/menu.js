/** The menu: text size, saving, starting over, erasing, and who is behind the chat. */

import { button, h, newId } from "./elements.js";
import { endSheet, eraseSheet, startOverSheet } from "./closing.js";
import { icon } from "./icons.js";
import { copyConversation, formats, saveConversation } from "./saving.js";

const SIZES = [100, 115, 130, 150, 175, 200];

export class Menu {
  constructor(chat) {
    this.chat = chat;
    const id = newId("menu");
    this.toggle = button([icon("menu"), h("span", {}, chat.t("menu"))], () => this.show(!this.isOpen),
      { className: "menu-button", "aria-expanded": "false", "aria-controls": id });
    this.element = h("div", { id, className: "menu", role: "group", "aria-label": chat.t("menu"), hidden: true });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  show(open, refocus = false) {
    if (open) this.element.replaceChildren(...this.#content());
    this.element.hidden = !open;
    this.toggle.setAttribute("aria-expanded", String(open));
    if (refocus) this.toggle.focus();
  }

  #content() {
    const { chat } = this;
    const begun = Boolean(chat.session.kept.id);
    return [
      this.#sizes(),
      begun ? this.#saving() : "",
      begun ? h("div", { className: "menu-part" },
        this.#item("again", "start_over", () => chat.openSheet(startOverSheet)),
        chat.session.state === "ended" ? "" : this.#item("door", "end", () => chat.openSheet(endSheet)),
        this.#item("bin", "erase", () => chat.openSheet(eraseSheet))) : "",
      this.#links(),
    ];
  }

  #item(name, key, act) {
    return button([icon(name), this.chat.t(key)], () => {
      this.show(false, true);
      act();
    }, { className: "menu-item" });
  }

  #sizes() {
    const { chat } = this;
    const shown = h("span", { className: "size", role: "status" });
    const step = (by) => {
      const place = SIZES.indexOf(chat.session.kept.zoom) + by;
      if (SIZES[place]) chat.setZoom(SIZES[place]);
      draw();
    };
    const smaller = button("A−", () => step(-1), { "aria-label": chat.t("smaller"), className: "round" });
    const larger = button("A+", () => step(1), { "aria-label": chat.t("larger"), className: "round" });
    const draw = () => {
      const place = SIZES.indexOf(chat.session.kept.zoom);
      shown.textContent = `${SIZES[place]} %`;
      smaller.setAttribute("aria-disabled", String(place === 0));
      larger.setAttribute("aria-disabled", String(place === SIZES.length - 1));
    };
    draw();
    const id = newId("size");
    return h("div", { className: "menu-part sizes", role: "group", "aria-labelledby": id },
      h("span", { id, className: "menu-label" }, chat.t("text_size")), smaller, shown, larger);
  }

  #saving() {
    const { chat } = this;
    const id = newId("save");
    const choices = Object.entries(formats(chat)).map(([format, label]) =>
      button(label, () => {
        this.show(false, true);
        saveConversation(chat, format);
      }, { className: "small", "data-format": format }));
    return h("div", { className: "menu-part" },
      h("div", { role: "group", "aria-labelledby": id },
        h("span", { id, className: "menu-label" }, icon("save"), chat.t("save")), h("div", { className: "formats" }, choices)),
      this.#item("copy", "copy", () => copyConversation(chat)));
  }

  #links() {
    const { chat } = this;
    const { links = {}, responsible } = chat.configuration;
    const items = ["privacy", "accessibility", "about"].filter((key) => links[key]).map((key) =>
      h("li", {}, h("a", { href: new URL(links[key], chat.session.api.server).href, target: "_blank", rel: "noopener" },
        chat.t(key), h("span", { className: "spoken" }, ` (${chat.t("opens_new")})`))));
    return h("div", { className: "menu-part links" },
      h("ul", { role: "list" }, items),
      responsible ? h("p", {}, responsible) : "");
  }
}
