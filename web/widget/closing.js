/** Starting over, ending and erasing; and what is asked when a conversation has ended: how it was. */

import { Failure } from "./api.js";
import { button, h, newId, spoken } from "./elements.js";
import { formField, confirmSheet } from "./sheet.js";

const MOST_STARS = 5;

export function startOverSheet(chat) {
  const texts = { title: chat.t("start_over_title"), text: chat.t("start_over_text"), yes: chat.t("start_over") };
  return confirmSheet(chat, "start-over", texts, async () => {
    await chat.beginAnew();
    chat.focusField();
  });
}

export function endSheet(chat) {
  const texts = { title: chat.t("end_title"), text: chat.t("end_text"), yes: chat.t("end_now") };
  return confirmSheet(chat, "end", texts, async () => {
    try {
      const { state } = await chat.session.call("POST", "/end");
      chat.session.setState(state);
      chat.session.tellOthers("changed");
      chat.closeSheet();
      chat.say("ended");
    } catch (failure) {
      failed(chat, failure, "not_sent");
    }
  });
}

export function eraseSheet(chat) {
  const texts = { title: chat.t("erase_title"), text: chat.t("erase_text"), yes: chat.t("erase_now"), dangerous: true };
  return confirmSheet(chat, "erase", texts, async () => {
    const { id } = chat.session.kept;
    try {
      await chat.session.call("DELETE");
    } catch (failure) {
      if (!failure.gone) return failed(chat, failure, "not_erased");
    }
    chat.session.tellOthers("erased", id);
    chat.session.forget("erased");
    chat.closeSheet();
    return undefined;
  });
}

function failed(chat, failure, key) {
  if (!(failure instanceof Failure)) throw failure;
  if (failure.gone) {
    chat.session.forget("expired");
    chat.closeSheet();
  } else chat.toast(key);
}

/** Stands in place of the message field once the conversation has ended. */
export function endedPanel(chat) {
  return h("div", { className: "ended" },
    h("div", { className: "column" },
      h("p", { className: "lead", tabIndex: -1 }, chat.t("ended")),
      chat.session.kept.rated ? h("p", {}, chat.t("thanks")) : ratingForm(chat),
      h("div", { className: "choices" }, button(chat.t("new_conversation"), async () => {
        await chat.beginAnew();
        chat.focusField(true);
      }, { className: "primary" }))));
}

function ratingForm(chat) {
  const name = newId("stars");
  const status = h("p", { className: "sheet-status", role: "status", tabIndex: -1 });
  const stars = Array.from({ length: MOST_STARS }, (_, place) => place + 1).map((count) =>
    h("label", { className: "star" },
      h("input", { type: "radio", name, value: String(count) }),
      h("span", { "aria-hidden": "true" }, String(count)),
      spoken(starText(chat, count))));
  const comment = formField(chat.t("comment"), { rows: 2, maxLength: 1000 });
  const form = h("form", { className: "rating", noValidate: true },
    h("fieldset", {},
      h("legend", {}, chat.t("rating")),
      h("div", { className: "stars" }, stars),
      h("div", { className: "ends", "aria-hidden": "true" }, h("span", {}, chat.t("worst")), h("span", {}, chat.t("best")))),
    comment.element,
    status,
    h("div", { className: "choices" }, h("button", { type: "submit" }, chat.t("send_rating"))));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const chosen = form.querySelector("input:checked");
    if (!chosen) return form.querySelector("input").focus();
    const text = comment.input.value.trim();
    try {
      await chat.session.call("POST", "/rating", { stars: Number(chosen.value), ...(text && { comment: text }) });
      chat.session.keep({ rated: true });
      form.replaceChildren(status);
      status.textContent = chat.t("thanks");
      status.focus();
    } catch {
      status.textContent = chat.t("not_sent");
    }
    return undefined;
  };
  return form;
}

function starText(chat, count) {
  const ends = { 1: chat.t("worst"), [MOST_STARS]: chat.t("best") };
  return chat.t("stars", { count }) + (ends[count] ? `, ${ends[count]}` : "");
}
