/** From a message to what is shown of it, by who wrote it. */

import { EMERGENCY_NUMBER, channelList, emergencyCall, sourceDetails, suggestions } from "./answer.js";
import { button, h, spoken } from "./elements.js";
import { feedbackBar } from "./feedback.js";
import { icon } from "./icons.js";
import { knownNumbers, linked, plainText, richText } from "./text.js";

/** `answers`: whether it answers a question, and so can be judged. */
export function messageElement(chat, message, answers) {
  const make = { resident: residentMessage, human: humanMessage, system: systemMessage }[message.sender] ?? botMessage;
  return make(chat, message, answers);
}

function botMessage(chat, message, answers) {
  const { text, language, sources = [], channels = [], buttons = [], emergency = false, handoff = false } = message;
  const numbers = knownNumbers(channels);
  const others = emergency ? channels.filter(({ number }) => number !== EMERGENCY_NUMBER) : channels;
  return h("div", { className: emergency ? "message bot emergency" : "message bot" },
    emergency
      ? h("p", { className: "alarm" }, icon("alert"), chat.t("help_now"))
      : h("p", { className: "sender" }, chat.name, spoken(":")),
    h("div", { className: "answer" },
      h("div", { className: "text", lang: chat.foreign(language) }, richText(chat, text, numbers)),
      emergency ? emergencyCall(chat, channels) : null,
      emergency ? channelList(chat, others, language, numbers) : null,
      sourceDetails(chat, sources, language)),
    emergency ? null : channelList(chat, others, language, numbers),
    handoff ? humanButton(chat, "person", "human") : null,
    suggestions(chat, buttons, language),
    answers && message.id ? feedbackBar(chat, message) : null);
}

function humanMessage(chat, { text, language }) {
  return h("div", { className: "message human" },
    h("p", { className: "sender" }, icon("person"), chat.t("counsellor"), h("span", {}, ` · ${chat.t("counsellor_note")}`),
      spoken(":")),
    h("div", { className: "answer" },
      h("div", { className: "text", lang: chat.foreign(language) }, richText(chat, text, knownNumbers([])))));
}

function humanButton(chat, sign, key) {
  return h("div", { className: "choices" },
    button([icon(sign), chat.t(key)], () => chat.openHuman(), { className: "primary" }));
}

function systemMessage(chat, { text, language, channels = [], handoff = false }) {
  const numbers = knownNumbers(channels);
  const notice = h("p", { className: "notice", lang: chat.foreign(language) }, h("span", {}, linked(chat, text, numbers)));
  return h("div", { className: "message" }, notice, channelList(chat, channels, language, numbers),
    handoff ? humanButton(chat, "phone", "call_back") : null);
}

function residentMessage(chat, { text, language, masked = [] }) {
  return h("div", { className: "message resident", tabIndex: -1 },
    spoken(`${chat.t("you")}:`),
    h("div", { className: "text", lang: chat.foreign(language) }, plainText(chat, text, masked)),
    masked.length ? h("p", { className: "masked" }, icon("shield"), chat.t("masked")) : null);
}

/** A message on its way: the resident's words, and below them what keeps them. */
export function turnElement(chat, turn) {
  const element = residentMessage(chat, { text: turn.title });
  if (turn.failure) element.append(failureBox(chat, turn));
  else if (turn.status === "queued" && chat.session.outbox.turns[0] !== turn) element.append(h("p", { className: "masked" }, icon("clock"), chat.t("queued")));
  return element;
}

function failureBox(chat, turn) {
  const { outbox } = chat.session;
  const again = async () => {
    chat.focusField();
    if (turn.failure.ended) await chat.beginAnew();
    outbox.retry(turn);
  };
  const change = () => {
    outbox.remove(turn);
    chat.write([turn.title, chat.session.kept.draft].filter(Boolean).join("\n"));
    chat.focusField(true);
  };
  return h("div", { className: "failure" },
    h("p", {}, icon("alert"), chat.t(turn.failure.text)),
    h("div", { className: "choices" },
      button(chat.t(turn.failure.ended ? "send_anew" : "retry"), again, { className: "primary" }),
      turn.body.text ? button(chat.t("edit"), change) : null));
}
