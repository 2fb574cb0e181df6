/** A sheet: stands in place of the conversation until the resident goes back. One is open at a time. */

import { button, h, newId } from "./elements.js";
import { icon } from "./icons.js";

/**
 * Make a sheet.
 *
 * @param title its heading, which gets the focus.
 * @param name for style sheets and tests.
 */
export function makeSheet(chat, name, title, ...content) {
  const id = newId("sheet");
  const heading = h("h3", { id, tabIndex: -1 }, title);
  const back = button([icon("back"), chat.t("back")], () => chat.closeSheet(), { className: "back" });
  const element = h("section", { className: "sheet", "data-sheet": name, "aria-labelledby": id },
    h("div", { className: "column" }, back, heading, content));
  return { element, heading };
}

/** A sheet that asks before something is done that cannot be undone. */
export function confirmSheet(chat, name, { title, text, yes, dangerous = false }, act) {
  const doIt = button(yes, async () => {
    doIt.disabled = true;
    await act();
    doIt.disabled = false;
  }, { className: dangerous ? "danger" : "primary" });
  return makeSheet(chat, name, title,
    h("p", {}, text),
    h("div", { className: "choices" }, button(chat.t("keep"), () => chat.closeSheet()), doIt));
}

/** A labelled field of a form; `problem` is said at it. */
export function formField(label, values) {
  const id = newId("field");
  const problem = h("p", { id: `${id}-problem`, className: "problem", hidden: true });
  const input = h(values.rows ? "textarea" : "input", { id, "aria-describedby": problem.id, ...values });
  const element = h("div", { className: "form-field" }, h("label", { htmlFor: id }, label), input, problem);
  const say = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
    input.setAttribute("aria-invalid", String(Boolean(text)));
  };
  return { element, input, say };
}
