/** Thumbs up or down for an answer, and what was missing. */

import { button, h, newId, spoken } from "./elements.js";
import { icon } from "./icons.js";

const LABELS = { up: "helped", down: "no_help" };

export function feedbackBar(chat, message) {
  let value = message.feedback ?? null;
  const thanks = h("span", { className: "thanks", role: "status" });
  const form = reasonForm(chat, (reason) => give("down", reason));
  const thumbs = ["up", "down"].map((kind) =>
    button(icon(kind), () => give(value === kind ? null : kind), { className: "thumb", title: chat.t(LABELS[kind]) }));
  thumbs.forEach((thumb, number) => thumb.append(spoken(chat.t(Object.values(LABELS)[number]))));

  function show(asks) {
    thumbs.forEach((thumb, number) => thumb.setAttribute("aria-pressed", String(Object.keys(LABELS)[number] === value)));
    form.hidden = !asks;
    if (asks) form.scrollIntoView({ block: "nearest" });
  }

  async function give(wanted, reason) {
    const before = value;
    value = wanted;
    show(wanted === "down" && reason === undefined);
    thanks.textContent = "";
    try {
      await chat.session.call("POST", `/messages/${message.id}/feedback`, { value, ...(reason && { reason }) });
      message.feedback = value;
      if (value) thanks.textContent = chat.t("thanks");
    } catch {
      value = before;
      show(false);
      thanks.textContent = chat.t("not_sent");
    }
  }

  show(false);
  return h("div", { className: "feedback" },
    h("div", { className: "thumbs", role: "group", "aria-label": chat.t("feedback") }, thumbs, thanks), form);
}

function reasonForm(chat, give) {
  const id = newId("reason");
  const input = h("input", { id, type: "text", maxLength: 500, autocomplete: "off" });
  const onsubmit = (event) => {
    event.preventDefault();
    give(input.value.trim());
    input.value = "";
    chat.focusField();
  };
  return h("form", { className: "reason", onsubmit, noValidate: true },
    h("label", { htmlFor: id }, chat.t("reason")),
    h("div", { className: "row" }, input, h("button", { type: "submit", className: "small" }, chat.t("send_reason"))));
}
