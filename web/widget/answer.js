/** Parts of an answer: contacts, source, suggestions, the button that calls for help. */

import { button, digits, h, host, spoken } from "./elements.js";
import { icon } from "./icons.js";
import { documentDate, glued, linked, webLink } from "./text.js";

export const EMERGENCY_NUMBER = "112";
const CHANNEL_ICONS = { phone: "phone", service_location: "place" };

/** A number to tap: `{name, number, note?}`. */
export function phoneCard(chat, { name, number, note }) {
  return h("a", { className: "card", href: `tel:${digits(number)}` },
    h("span", { className: "card-icon" }, icon("phone")),
    h("span", { className: "card-text" },
      spoken(`${chat.t("call")} `),
      h("span", { className: "card-name" }, name, spoken(": ")),
      h("span", { className: "card-value" }, number),
      note ? h("span", { className: "card-note" }, spoken(", "), note) : null));
}

function channelCard(chat, channel, numbers) {
  const { type, name, number, url, address, note, line } = channel;
  if (number) return phoneCard(chat, channel);
  if (!url && !address) return h("p", { className: "channel-line" }, linked(chat, line ?? "", numbers));
  const inside = [
    h("span", { className: "card-icon" }, icon(CHANNEL_ICONS[type] ?? "web")),
    h("span", { className: "card-text" },
      h("span", { className: "card-name" }, name, spoken(": ")),
      h("span", { className: "card-value" }, address || host(url)),
      note ? h("span", { className: "card-note" }, spoken(", "), note) : null),
  ];
  if (!url) return h("div", { className: "card" }, inside);
  const link = webLink(chat, url, ...inside, icon("out"));
  link.classList.add("card");
  return link;
}

export function channelList(chat, channels, language, numbers) {
  if (!channels.length) return null;
  const items = channels.map((channel) => h("li", {}, channelCard(chat, channel, numbers)));
  return h("ul", { className: "cards", role: "list", lang: chat.foreign(language), "aria-label": chat.t("contacts") }, items);
}

export function sourceDetails(chat, sources, language) {
  if (!sources.length) return null;
  const titles = sources.map(({ title, published }) =>
    h("span", { className: "source-title" }, glued(`${title}, `),
      h("time", { dateTime: published }, documentDate(published, language))));
  const lines = sources.map(({ line, url }) =>
    h("li", {}, glued(`${line} `), url ? webLink(chat, url, host(url)) : null));
  return h("details", { className: "source" },
    h("summary", {}, icon("book"),
      h("span", {}, h("strong", {}, chat.t("source")), spoken(": "),
        h("span", { lang: chat.foreign(language) }, titles))),
    h("ul", { role: "list", lang: chat.foreign(language) }, lines));
}

export function suggestions(chat, buttons, language) {
  if (!buttons.length) return null;
  const items = buttons.map(({ title, payload }) => h("li", {}, button(title, () => chat.send({ payload }, title))));
  return h("ul", { className: "chips", role: "list", lang: chat.foreign(language), "aria-label": chat.t("suggestions") },
    items);
}

export function emergencyCall(chat, channels) {
  const note = channels.find(({ number }) => number === EMERGENCY_NUMBER)?.note;
  return h("a", { className: "call-now", href: `tel:${EMERGENCY_NUMBER}` },
    icon("phone"), h("span", {}, `${chat.t("call")} ${EMERGENCY_NUMBER}`, note ? h("small", {}, note) : null));
}
