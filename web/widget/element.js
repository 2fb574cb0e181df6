/** The custom element `<lotsi-chat>`: attributes in, events out, and what concerns the page around it. */

import { OWN_SERVER } from "./api.js";
import { h } from "./elements.js";
import { Chat } from "./panel.js";
import { sessionFor } from "./session.js";

const POSITIONS = ["bottom-right", "bottom-left", "inline", "page"];
const FULL_BELOW = { width: 34, height: 30 };
const SHORT_BELOW = 23;

class LotsiChat extends HTMLElement {
  static observedAttributes = ["lang", "name", "greeting", "position", "open", "color-scheme", "server", "conversation"];

  #cleanups = [];

  connectedCallback() {
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    addStyles(shadow);
    this.probe = h("span", { className: "probe", "aria-hidden": "true" });
    this.root = h("div", { className: "root", part: "root" });
    shadow.append(this.probe, this.root);
    this.#start();
    this.#watch();
  }

  disconnectedCallback() {
    this.#cleanups.forEach((undo) => undo());
    this.#cleanups = [];
    this.chat?.detach();
    this.chat = null;
    this.shadowRoot.replaceChildren();
  }

  attributeChangedCallback(name, before, after) {
    const { chat } = this;
    if (!chat || before === after) return;
    if (name === "open") (after === null ? chat.close() : chat.open());
    else if (name === "lang") {
      if (this.#language() !== chat.language) {
        chat.pageLanguage = this.#pageLanguage();
        chat.setLanguage(this.#language());
      }
    } else if (name === "color-scheme") this.#showTheme();
    else {
      chat.detach();
      this.#start();
    }
  }

  /** Whether the chat is open; setting it opens and closes. */
  get open() {
    return this.hasAttribute("open");
  }

  set open(value) {
    this.toggleAttribute("open", Boolean(value));
  }

  #start() {
    const attribute = (name) => this.getAttribute(name)?.trim();
    const session = sessionFor((attribute("server") || OWN_SERVER).replace(/\/+$/, ""), attribute("conversation"));
    const position = POSITIONS.includes(attribute("position")) ? attribute("position") : POSITIONS[0];
    this.session = session;
    const corner = position.startsWith("bottom");
    this.root.dataset.position = position;
    this.#showTheme();
    this.#measure();
    const again = corner && session.kept.open && session.kept.id && !this.#isSmall();
    this.chat = new Chat(this.root, session, {
      language: this.#language(),
      pageLanguage: this.#pageLanguage(),
      name: attribute("name") || "Lotsi",
      ownGreeting: attribute("greeting"),
      position,
      isOpen: !corner || this.open || Boolean(again),
    }, (type, detail) => this.#notify(type, detail));
    this.#reflect();
    this.#layout();
  }

  #pageLanguage() {
    const stated = [this.getAttribute("lang"), document.documentElement.lang, ...navigator.languages];
    return stated.map((tag) => tag?.slice(0, 2).toLowerCase()).find((code) => code in CORE) ?? Object.keys(CORE)[0];
  }

  /** The resident's choice holds as long as the page stays in the language that it was made on. */
  #language() {
    const { choice } = this.session.kept;
    return choice?.page === this.#pageLanguage() ? choice.language : this.#pageLanguage();
  }

  #notify(type, detail) {
    if (type === "layout") this.#layout();
    else if (type === "zoom") this.#measure();
    else if (type === "language") this.#showPageLanguage();
    else {
      this.#reflect();
      this.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, detail }));
    }
  }

  #reflect() {
    if (this.chat?.isCorner && this.chat.isOpen !== this.open) this.open = this.chat.isOpen;
  }

  /** On a page of its own, the page speaks the language of the chat. */
  #showPageLanguage() {
    const { chat } = this;
    if (chat?.position !== "page") return;
    document.documentElement.lang = chat.language;
    document.title = chat.configuration.title;
  }

  // The space that there is

  #watch() {
    const listen = (target, type, listener) => {
      target?.addEventListener?.(type, listener);
      this.#cleanups.push(() => target?.removeEventListener?.(type, listener));
    };
    const layout = () => this.#layout();
    listen(window, "resize", layout);
    listen(window.visualViewport, "resize", layout);
    listen(window.visualViewport, "scroll", layout);
    listen(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.#showTheme());
    listen(this.root, "keydown", (event) => this.#onKey(event));
    if (!("ResizeObserver" in window)) return;
    const observer = new ResizeObserver(() => this.#measure());
    observer.observe(this.probe);
    this.#cleanups.push(() => observer.disconnect());
  }

  /** Set `--r`, the widget's root size: the reader's own text size, times what the menu says. */
  #measure() {
    const own = this.probe.getBoundingClientRect().width || 16;
    this.size = (own * this.session.kept.zoom) / 100;
    this.root.style.setProperty("--r", `${this.size}px`);
    this.#layout();
  }

  #isSmall() {
    return innerWidth < FULL_BELOW.width * this.size || innerHeight < FULL_BELOW.height * this.size;
  }

  #layout() {
    const { root, chat } = this;
    if (!chat) return;
    const view = window.visualViewport;
    if (view && view.scale === 1) {
      root.style.setProperty("--view-height", `${view.height}px`);
      root.style.setProperty("--view-top", `${view.offsetTop}px`);
    }
    const full = chat.isCorner && this.#isSmall();
    root.toggleAttribute("data-full", full);
    chat.panel.setAttribute("aria-modal", String(full));
    if (!chat.isCorner) chat.panel.removeAttribute("aria-modal");
    root.toggleAttribute("data-short", chat.isOpen && chat.panel.clientHeight < SHORT_BELOW * this.size);
  }

  #showTheme() {
    const wanted = this.getAttribute("color-scheme");
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    this.root.dataset.theme = ["light", "dark"].includes(wanted) ? wanted : system;
  }

  // The keyboard

  #onKey(event) {
    if (event.key === "Escape" && !event.isComposing) {
      event.stopPropagation();
      this.chat.onEscape();
    } else if (event.key === "Tab" && this.root.hasAttribute("data-full") && this.chat.isOpen) this.#keepInside(event);
  }

  /** Where the panel covers the page, the focus stays in it. */
  #keepInside(event) {
    const all = [...this.chat.panel.querySelectorAll("a[href], button, input, textarea, summary, [tabindex='0']")]
      .filter((element) => !element.disabled && element.getClientRects().length);
    const [first, last] = [all[0], all[all.length - 1]];
    const at = this.shadowRoot.activeElement;
    const leaves = event.shiftKey ? at === first || !all.includes(at) : at === last;
    if (!leaves) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
}

/** A constructed style sheet needs no permission in the page's Content-Security-Policy. */
function addStyles(shadow) {
  if ("adoptedStyleSheets" in shadow && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    shadow.adoptedStyleSheets = [sheet];
  } else shadow.append(h("style", {}, STYLES));
}

if (!customElements.get("lotsi-chat")) customElements.define("lotsi-chat", LotsiChat);
