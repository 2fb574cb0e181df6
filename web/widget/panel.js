/** One widget on a page: builds its parts, keeps them in step with the conversation, and does what they ask. */

import { Failure, translator } from "./api.js";
import { endedPanel } from "./closing.js";
import { Composer, starterList } from "./composer.js";
import { backOff, button, h, isTouch, newId, released } from "./elements.js";
import { makeDuty, makeHeader, makeLauncher, makeUnreachable } from "./header.js";
import { humanSheet, leaveButton, placeText } from "./human.js";
import { icon } from "./icons.js";
import { Log } from "./log.js";
import { Menu } from "./menu.js";

const TYPING_DELAY = 250;
const TOAST_SECONDS = 8;

export class Chat {
  /** `options`: `language`, `name`, `greeting`, `position`, `isOpen`; `notify` tells the page what happens. */
  constructor(root, session, options, notify) {
    Object.assign(this, options, { root, session, notify, configuration: null, unreachable: false, unread: 0, tries: 0 });
    this.lookup = new Map();
    const heard = { change: () => this.#drawSoon(), say: ({ detail }) => this.say(detail.key), message: (event) => this.#onMessage(event) };
    for (const [type, listener] of Object.entries(heard)) session.addEventListener(type, listener);
    this.detach = () => {
      for (const [type, listener] of Object.entries(heard)) session.removeEventListener(type, listener);
      clearTimeout(this.timer);
      this.detached = true;
    };
    this.launcher = this.isCorner ? makeLauncher(this) : null;
    this.root.replaceChildren(...(this.launcher ? [this.launcher.element] : []));
    this.build();
    if (this.isOpen) this.load();
    else if (session.used) this.session.live.follow();
  }

  get isCorner() {
    return this.position.startsWith("bottom");
  }

  // Texts

  t(key, values) {
    return translator(this.language, this.configuration?.strings, this.name)(key, values);
  }

  /** The language of a part, where it is another than its surroundings'. */
  foreign(language) {
    return language && language !== this.language ? language : null;
  }

  greeting() {
    return this.configuration?.greeting ?? [];
  }

  /** The page may greet in its own words. */
  withOwnGreeting(message, place) {
    const own = place === 0 && message.sender === "bot" && this.ownGreeting;
    return own ? { ...message, text: own, language: this.language } : message;
  }

  // Loading

  /**
   * Fetch the texts of the language, then show the conversation; on failure say so and try again.
   *
   * @param again whether the failure is on view already: one more changes nothing under the reader's hand.
   */
  async load(again = false) {
    const { language } = this;
    if (this.configuration?.language === language || this.loading === language) return;
    this.loading = language;
    clearTimeout(this.timer);
    try {
      const configuration = this.lookup.get(language) ?? (await this.session.api.fetchConfiguration(language));
      await released(this.root);
      this.lookup.set(language, configuration);
      if (this.language !== language || this.detached) return;
      Object.assign(this, { configuration, unreachable: false, tries: 0 });
      this.notify("language");
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      await released(this.root);
      if (this.detached) return;
      this.unreachable = !this.configuration;
      this.tries += 1;
      this.timer = setTimeout(() => this.load(true), backOff(this.tries) * 1000);
      if (again) return;
    } finally {
      if (this.loading === language) this.loading = null;
    }
    this.build();
    if (this.awaitsFocus && this.configuration) this.#focusOpened();
    if (this.configuration && this.session.used && !this.session.messages.items.length) this.session.restore();
  }

  // Building

  /** Build everything anew: at first, once the texts are there, in another language. */
  build() {
    const focus = this.#focusedPart();
    const [title, ready] = [newId("title"), Boolean(this.configuration)];
    this.menu = ready ? new Menu(this) : null;
    this.sheet = null;
    this.body = h("div", { className: "body", tabIndex: 0, role: "group", "aria-label": this.t("conversation") || null });
    this.log = ready ? new Log(this, () => this.#scroller()) : null;
    this.composer = ready ? new Composer(this) : null;
    this.foot = h("div", { className: "foot" });
    this.toastLine = h("p", { className: "toast", role: "status" });
    this.status?.remove();
    this.status = h("p", { className: "spoken", role: "status" });
    const role = this.isCorner ? "dialog" : "region";
    this.panel?.remove();
    this.panel = h("div", { className: "panel", role, "aria-labelledby": title },
      makeHeader(this, this.menu, title), this.menu?.element, makeDuty(this),
      this.toastLine, this.body, this.foot);
    this.panel.addEventListener("click", (event) => this.#closeMenuOutside(event));
    this.panel.addEventListener("focusin", (event) => this.#uncover(event));
    this.root.append(this.panel, this.status);
    this.root.lang = this.language;
    if (ready) this.#fillBody();
    else if (this.unreachable) this.body.replaceChildren(makeUnreachable(this));
    this.draw();
    this.showOpen();
    this.#refocus(focus);
  }

  #fillBody() {
    this.typing = h("p", { className: "typing", hidden: true },
      h("span", { className: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), (this.writer = h("span")));
    this.offline = h("p", { className: "offline", hidden: true }, icon("alert"), this.t("offline_notice"));
    this.starters = starterList(this);
    this.unloaded = h("div", { className: "failure", hidden: true }, h("p", {}, icon("alert"), this.t("not_loaded")),
      h("div", { className: "choices" }, button(this.t("retry"), () => this.session.restore(), { className: "primary" })));
    this.body.replaceChildren(h("div", { className: "column" },
      this.log.element, this.unloaded, this.typing, this.starters));
    this.queueText = h("p", { role: "status", className: "queue-text" });
    this.queueLine = h("div", { className: "queue-line" }, this.queueText);
    this.leave = null;
    this.bar = h("div", { className: "bar column" });
    this.humanButton = button([icon("person"), this.t("human")], () => this.openHuman(), { className: "human-button" });
    this.foot.replaceChildren(this.offline, this.bar, this.composer.element);
    this.bar.append(this.queueLine, this.composer.label, this.humanButton);
  }

  // Keeping in step

  #drawSoon() {
    if (this.drawing) return;
    this.drawing = true;
    queueMicrotask(() => {
      this.drawing = false;
      this.draw();
    });
  }

  draw() {
    const { session } = this;
    this.root.dataset.state = this.unreachable ? "unreachable" : this.configuration ? session.state : "loading";
    this.root.dataset.online = String(session.online);
    this.launcher?.draw();
    if (!this.configuration) return;
    if (!session.loading || session.messages.items.length) this.log.draw();
    this.composer.draw();
    this.offline.hidden = session.online;
    this.unloaded.hidden = !session.failure;
    this.starters.hidden = session.used || session.loading;
    const awaits = session.outbox.sending && session.state !== "human";
    this.root.dataset.busy = String(awaits);
    this.#drawTyping(session.writing ? "human_typing" : awaits && "typing");
    this.#drawBar();
    this.#drawEnd();
    if (this.drawnState !== session.state) this.sheet?.draw?.();
    this.drawnState = session.state;
  }

  /** `key`: of who is writing; nothing if nobody is. A counsellor who pauses is announced once an answer. */
  #drawTyping(key) {
    if (key !== this.drawnTyping) {
      clearTimeout(this.typingTimer);
      this.typingTimer = null;
      if (this.drawnTyping && this.status.textContent === this.t(this.drawnTyping)) this.status.textContent = "";
      this.drawnTyping = key;
    }
    if (!key) this.typing.hidden = true;
    else if (this.typing.hidden) {
      this.typingTimer ??= setTimeout(() => {
        this.writer.textContent = this.t(key);
        this.log.keepEnd(() => { this.typing.hidden = false; });
        if (key === "typing" || !this.announced) this.say(key);
        this.announced ||= key === "human_typing";
      }, TYPING_DELAY);
    } else this.writer.textContent = this.t(key);
  }

  #drawBar() {
    const { state } = this.session;
    const text = { waiting: placeText(this), human: this.t("with_human") }[state] ?? "";
    if (this.queueText.textContent !== text) this.queueText.textContent = text;
    if (state === "waiting") this.leave ??= leaveButton(this);
    else {
      this.leave?.remove();
      this.leave = null;
    }
    if (this.leave && !this.leave.isConnected) this.queueLine.append(this.leave);
    this.queueLine.hidden = !text;
  }

  #drawEnd() {
    const ended = this.session.state === "ended";
    if (ended === Boolean(this.ended?.isConnected)) return;
    const active = this.root.getRootNode().activeElement;
    if (ended) this.foot.append((this.ended = endedPanel(this)));
    else this.ended.remove();
    this.composer.element.hidden = this.composer.label.hidden = ended;
    if (ended && this.composer.element.contains(active)) this.ended.querySelector(".lead").focus({ preventScroll: true });
  }

  #onMessage({ detail: { id, sender, position } }) {
    if (!this.isOpen && sender !== "resident") this.unread += 1;
    if (sender === "human") this.announced = false;
    this.notify("lotsi-message", { id, sender, position });
  }

  say(key) {
    if (this.isOpen) this.status.textContent = this.t(key);
  }

  toast(key) {
    this.toastLine.textContent = this.t(key);
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => { this.toastLine.textContent = ""; }, TOAST_SECONDS * 1000);
  }

  // What the parts ask

  send(body, title) {
    this.session.send(body, title, this.language);
    this.draw();
    this.focusField();
  }

  write(text) {
    this.composer.write(text);
  }

  /** Keep the keyboard's place ready for the next message; a phone's own keyboard would cover the answer. */
  focusField(always = false) {
    const own = [...(this.log?.element.querySelectorAll(".resident") ?? [])].pop();
    const field = this.session.state === "ended" ? this.body : this.composer.field;
    const target = isTouch() && !always ? (own ?? this.body) : field;
    target.focus({ preventScroll: true });
  }

  async beginAnew() {
    const { session } = this;
    if (["waiting", "human"].includes(session.state)) await session.call("POST", "/end").catch(() => {});
    session.forget();
    this.closeSheet();
  }

  async requestHandoff(request) {
    const { session } = this;
    if (session.state === "ended") session.forget();
    await session.ensureBegun(this.language);
    const answer = await session.call("POST", "/handoff", request);
    session.setState(answer.state, answer.place ?? null);
    session.merge(answer.messages ?? []);
    session.tellOthers("changed");
  }

  async openHuman() {
    this.openSheet(humanSheet);
    try {
      const { human } = await this.session.api.fetchConfiguration(this.language);
      await released(this.root);
      Object.assign(this.configuration.human, human);
      this.sheet?.draw?.();
    } catch {
      // What is known stays on view.
    }
  }

  openSheet(make) {
    this.sheet = make(this);
    this.panel.querySelector(".sheet")?.remove();
    this.body.after(this.sheet.element);
    this.root.dataset.sheet = this.sheet.element.dataset.sheet;
    this.body.hidden = this.foot.hidden = true;
    this.sheet.heading.focus();
  }

  closeSheet() {
    if (!this.sheet) return;
    this.sheet.element.remove();
    this.sheet = null;
    delete this.root.dataset.sheet;
    this.body.hidden = this.foot.hidden = false;
    this.humanButton.focus({ preventScroll: true });
  }

  chooseLanguage(language) {
    if (language === this.language) return;
    this.session.keep({ choice: { page: this.pageLanguage, language } });
    this.setLanguage(language);
  }

  setLanguage(language) {
    this.language = language;
    this.session.useLanguage(language);
    if (this.isOpen || this.configuration) this.load();
    else this.build();
  }

  setZoom(zoom) {
    this.session.keep({ zoom });
    this.notify("zoom");
  }

  // Opening and closing

  open() {
    if (this.isOpen) return;
    this.isOpen = true;
    this.unread = 0;
    this.session.keep({ open: true });
    this.load();
    this.draw();
    this.showOpen();
    this.#focusOpened();
    this.notify("lotsi-open");
  }

  /** Put the focus where one begins: the field once it is there; on a phone the title, so that no keyboard springs up. */
  #focusOpened() {
    this.awaitsFocus = !this.composer;
    if (isTouch() || !this.composer) this.panel.querySelector(".title").focus({ preventScroll: true });
    else this.focusField();
  }

  close() {
    if (!this.isOpen || !this.isCorner) return;
    this.isOpen = false;
    this.session.keep({ open: false });
    this.menu?.show(false);
    this.showOpen();
    this.launcher.element.focus();
    this.notify("lotsi-close");
  }

  showOpen() {
    this.panel.hidden = !this.isOpen;
    this.root.dataset.open = String(this.isOpen);
    if (this.launcher) this.launcher.element.hidden = this.isOpen;
    if (this.isOpen) this.composer?.fit();
    this.notify("layout");
  }

  /** Escape goes one step back: the menu, the sheet, the panel. */
  onEscape() {
    if (this.menu?.isOpen) this.menu.show(false, true);
    else if (this.sheet) this.closeSheet();
    else this.close();
  }

  #closeMenuOutside(event) {
    if (!this.menu?.isOpen) return;
    const path = event.composedPath();
    if (!path.includes(this.menu.element) && !path.includes(this.menu.toggle)) this.menu.show(false);
  }

  /** What the focus moves to must not lie under the menu (WCAG 2.4.11); the header never does. */
  #uncover({ target }) {
    if (this.menu?.isOpen && !target.closest(".menu, .header")) this.menu.show(false);
  }

  #scroller() {
    return this.root.hasAttribute("data-short") ? this.panel : this.body;
  }

  /** Which part has the focus, in words that still hold after building anew. */
  #focusedPart() {
    const active = this.root.getRootNode().activeElement;
    if (!active || !this.panel?.contains(active)) return null;
    if (active.dataset.language) return `[data-language="${active.dataset.language}"]`;
    if (active.href) return `${active.className && `.${active.className}`}[href="${active.getAttribute("href")}"]`;
    return { TEXTAREA: "textarea" }[active.tagName] ?? ".title";
  }

  #refocus(selector) {
    if (!selector) return;
    (this.root.querySelector(selector) ?? this.panel.querySelector(".title")).focus({ preventScroll: true });
  }
}
