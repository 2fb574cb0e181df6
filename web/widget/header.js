/** What frames the conversation: launcher, header with languages, and the line that the law asks for. */

import { EMERGENCY_NUMBER, phoneCard } from "./answer.js";
import { button, h, spoken } from "./elements.js";
import { icon, lighthouse, wave } from "./icons.js";

/** Names of the languages in themselves, for when the server cannot be asked. */
const ownNames = () => Object.keys(CORE).map((code) => ({
  code,
  name: new Intl.DisplayNames([code], { type: "language" }).of(code).replace(/^./, (letter) => letter.toUpperCase()),
}));

/** Made once: a new one under a pointer that rests there would ask for the texts again, and so without end. */
export function makeLauncher(chat) {
  const [unread, invitation, purpose] = [h("span", { className: "unread", hidden: true }), h("small"), spoken("")];
  const element = h("button", {
    type: "button", className: "launcher", "aria-haspopup": "dialog", onclick: () => chat.open(),
    onpointerenter: () => chat.load(), onfocus: () => chat.load(),
  }, lighthouse(), h("span", {}, h("strong", {}, chat.name), " ", invitation), purpose, unread);
  const draw = () => {
    invitation.textContent = chat.t("ask_here");
    purpose.textContent = ` – ${chat.t("opens_chat")}`;
    unread.hidden = !chat.unread;
    unread.replaceChildren(h("span", { "aria-hidden": "true" }, String(chat.unread)), spoken(chat.t("unread", { count: chat.unread })));
  };
  return { element, draw };
}

export function makeHeader(chat, menu, titleId) {
  const page = chat.position === "page";
  const closes = chat.isCorner
    ? button(icon("close"), () => chat.close(), { className: "close", "aria-label": chat.t("close") }) : null;
  return h("div", { className: "header" },
    h("div", { className: "column" },
      lighthouse(),
      h("div", { className: "name" },
        h(page ? "h1" : "h2", { id: titleId, tabIndex: -1, className: "title" }, chat.name),
        h("p", {}, chat.t("tagline"))),
      languageSwitch(chat),
      menu?.toggle, closes),
    wave());
}

function languageSwitch(chat) {
  const languages = chat.configuration?.languages ?? ownNames();
  const buttons = languages.map(({ code, name }) =>
    button([h("span", { className: "long" }, name), h("span", { className: "short" }, code)], () => chat.chooseLanguage(code), {
      lang: code, "data-language": code, "aria-pressed": String(code === chat.language),
    }));
  return h("div", { className: "languages", role: "group", "aria-label": chat.t("language") || null }, buttons);
}

/** Automation, no decisions, 112: in view whatever else is. */
export function makeDuty(chat) {
  return h("div", { className: "duty", role: "note", "aria-label": chat.t("duty_title") },
    h("div", { className: "column" },
      h("p", {}, chat.t("duty")),
      h("a", { className: "duty-call", href: `tel:${EMERGENCY_NUMBER}` }, icon("phone"), chat.t("call_112"))));
}

/** In place of the conversation while the server cannot be reached: calm words, numbers, another try. */
export function makeUnreachable(chat) {
  const numbers = [
    { name: chat.t("emergency_number"), number: EMERGENCY_NUMBER },
    { name: chat.t("medical_helpline"), number: "116117" },
  ];
  return h("div", { className: "unreachable column" },
    h("p", { className: "lead", role: "status" }, chat.t("unreachable")),
    h("ul", { className: "cards", role: "list" }, numbers.map((item) => h("li", {}, phoneCard(chat, item)))),
    h("div", { className: "choices" }, button(chat.t("retry"), () => chat.load(), { className: "primary" })));
}
