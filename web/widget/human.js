/** The way to a human: the queue within service hours; numbers, hours and a call back at any time. */

import { phoneCard } from "./answer.js";
import { Failure } from "./api.js";
import { button, h } from "./elements.js";
import { icon } from "./icons.js";
import { formField, makeSheet } from "./sheet.js";
import { clockTime } from "./text.js";

/** A phone number as people write it: digits, and what stands between them. */
const PHONE = /^\+?[\d\s()/.-]{5,25}$/;

export function humanSheet(chat) {
  const status = h("p", { className: "sheet-status", role: "status" });
  const queue = h("div", { className: "queue" });
  const sheet = makeSheet(chat, "human", chat.t("human_title"),
    queue, status, numberList(chat), callBackForm(chat));
  sheet.draw = () => queue.replaceChildren(...queueParts(chat, (key) => { status.textContent = key && chat.t(key); }));
  sheet.draw();
  return sheet;
}

function queueParts(chat, say) {
  const { human } = chat.configuration;
  if (chat.session.state === "human") return [h("p", { className: "lead" }, chat.t("with_human"))];
  if (chat.session.state === "waiting") {
    return [h("p", { className: "lead" }, placeText(chat)), h("p", {}, chat.t("waiting_note")), leaveButton(chat)];
  }
  const hours = human.hours ? h("p", { className: "hours" }, icon("clock"), `${chat.t("hours")}: ${human.hours}`) : null;
  if (!human.open) {
    const opens = human.opens_at && chat.t("opens_at", { time: clockTime(human.opens_at, chat.language) });
    return [h("p", { className: "lead" }, chat.t("human_closed")), opens ? h("p", {}, opens) : "", hours ?? ""];
  }
  const until = human.closes_at
    ? chat.t("human_open", { time: clockTime(human.closes_at, chat.language) }) : chat.t("human_open_now");
  const join = button([icon("person"), chat.t("join_queue")], () => joinQueue(chat, join, say), { className: "primary" });
  return [h("p", { className: "lead" }, until), hours ?? "", h("div", { className: "choices" }, join)];
}

async function joinQueue(chat, join, say) {
  join.disabled = true;
  say("");
  try {
    await chat.requestHandoff({ kind: "queue" });
    chat.closeSheet();
  } catch (failure) {
    join.disabled = false;
    if (!(failure instanceof Failure)) throw failure;
    if (failure.code === "human_closed") {
      Object.assign(chat.configuration.human, { open: false }, failure.details);
      chat.sheet?.draw?.();
      chat.sheet?.heading.focus();
    } else say("not_sent");
  }
}

export function placeText(chat) {
  const { place } = chat.session;
  return place ? chat.t("waiting", { place }) : chat.t("waiting_unknown");
}

export function leaveButton(chat) {
  const leave = button(chat.t("leave_queue"), async () => {
    leave.disabled = true;
    try {
      const answer = await chat.session.call("DELETE", "/handoff");
      chat.session.setState(answer?.state ?? "bot");
      chat.say("left_queue");
    } catch {
      chat.say("not_sent");
    }
    leave.disabled = false;
    chat.focusField();
  });
  return h("div", { className: "choices" }, leave);
}

function numberList(chat) {
  const numbers = chat.configuration.human.numbers.map(({ name, number, hours }) =>
    h("li", {}, phoneCard(chat, { name, number, note: hours })));
  return h("div", {}, h("h4", {}, chat.t("numbers")), h("ul", { className: "cards", role: "list" }, numbers));
}

function callBackForm(chat) {
  const phone = formField(chat.t("your_phone"), { type: "tel", autocomplete: "tel", required: true, maxLength: 40 });
  const name = formField(chat.t("your_name"), { type: "text", autocomplete: "name", maxLength: 100 });
  const when = formField(chat.t("call_when"), { type: "text", maxLength: 200 });
  const status = h("p", { className: "sheet-status", role: "status", tabIndex: -1 });
  const submit = h("button", { type: "submit", className: "primary" }, icon("phone"), chat.t("send_call_back"));
  const form = h("form", { className: "call-back", noValidate: true });

  const refuse = () => {
    phone.say(chat.t("phone_invalid"));
    phone.input.focus();
  };
  form.onsubmit = async (event) => {
    event.preventDefault();
    const [number, who, time] = [phone, name, when].map(({ input }) => input.value.trim());
    status.textContent = "";
    phone.say("");
    if (!PHONE.test(number)) return refuse();
    submit.disabled = true;
    try {
      await chat.requestHandoff({ kind: "callback", phone: number, ...(who && { name: who }), ...(time && { when: time }) });
      form.replaceChildren(status);
      status.textContent = chat.t("called_back");
      status.focus();
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      if (failure.status === 400) refuse();
      else status.textContent = chat.t("not_sent");
    } finally {
      submit.disabled = false;
    }
  };
  form.append(phone.element, name.element, when.element, status, h("div", { className: "choices" }, submit));
  return h("div", {}, h("h4", {}, chat.t("call_back")), h("p", { className: "small-print" }, chat.t("call_back_note")), form);
}
