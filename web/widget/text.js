/** Rich text: paragraphs, lists, addresses and known numbers. */

import { digits, h, spoken } from "./elements.js";

const ALWAYS_DIALLED = ["112", "116117"];
const LINKABLE = /([\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?:\/\/[^\s<>"]+|\b(?:[\w-]+\.)+fi\b(?:\/[^\s<>"]*)?|\d[\d \u00a0]*\d)/gi;

/** The numbers that a text may link: those that belong to services, never a resident's. */
export const knownNumbers = (channels) =>
  new Set([...ALWAYS_DIALLED, ...channels.map(({ number }) => digits(number ?? ""))]);

export function webLink(chat, url, ...children) {
  if (!/^https?:\/\//i.test(url)) return h("span", {}, ...children);
  const leave = spoken(` (${chat.t("opens_new")})`);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children, leave);
}

/** Return text with the hyphen of a Finnish compound (*Soite 2.0 -hanke*) kept on its word's line. */
export function glued(text) {
  return text.split(/(\s-[A-Za-zÅÄÖåäö]+)/).flatMap((piece, position) =>
    position % 2 ? [piece[0], h("span", { className: "nowrap" }, piece.slice(1))] : piece);
}

/** Return text as nodes, with links for web addresses and for known numbers. */
export function linked(chat, text, numbers) {
  return text.split(LINKABLE).flatMap((piece, position) => {
    if (position % 2 === 0) return glued(piece);
    if (piece.includes("@")) return piece;
    if (/^\d[\d\s]*$/.test(piece)) {
      return numbers.has(digits(piece)) ? h("a", { href: `tel:${digits(piece)}`, className: "nowrap" }, piece) : piece;
    }
    const address = piece.replace(/[.,;:!?)\]]+$/, "");
    const url = /^https?:/i.test(address) ? address : `https://${address}`;
    return h("span", {}, webLink(chat, url, address), piece.slice(address.length));
  });
}

const kindOf = (line) => (line.startsWith("• ") ? "ul" : /^\d+\. /.test(line) ? "ol" : "p");

/** Return an answer's text as paragraphs and real lists. */
export function richText(chat, text, numbers) {
  return text.split(/\n{2,}/).flatMap((block) => {
    const parts = [];
    for (const line of block.split("\n").filter((item) => item.trim())) {
      const kind = kindOf(line);
      let part = parts[parts.length - 1];
      if (part?.localName !== kind) {
        part = h(kind, kind === "ol" ? { start: parseInt(line, 10) } : {});
        parts.push(part);
      } else if (kind === "p") part.append(h("br"));
      const words = kind === "p" ? line : line.replace(/^(• |\d+\. )/, "");
      if (kind === "p") part.append(...linked(chat, words, numbers));
      else part.append(h("li", {}, linked(chat, words, numbers)));
    }
    return parts;
  });
}

/** Return a resident's own words; what was masked is shown as a label that says what stood there. */
export function plainText(chat, text, masked) {
  const pieces = masked.length ? text.split(new RegExp(`\\[(${masked.join("|")})\\]`)) : [text];
  return h("p", {}, pieces.map((piece, position) =>
    position % 2 ? h("span", { className: "mask" }, `${chat.t("hidden")}: ${chat.t(piece)}`) : piece));
}

/** Return the date of a document, `YYYY[-MM[-DD]]`, as its readers write it. */
export function documentDate(published, language) {
  const [year, month, day] = String(published).split("-").map(Number);
  if (!month) return String(published);
  if (day) return `${day}.${month}.${year}`;
  return new Intl.DateTimeFormat(language, { month: "long", year: "numeric" }).format(new Date(year, month - 1, 1));
}

/** Return a moment in Helsinki as its readers write it: the hour alone if it is today. */
export function clockTime(moment, language) {
  const zone = { timeZone: "Europe/Helsinki" };
  const date = new Date(moment);
  const day = (item) => new Intl.DateTimeFormat("sv-SE", zone).format(item);
  const hour = new Intl.DateTimeFormat(`${language}-FI`, { ...zone, hour: "numeric", minute: "2-digit" }).format(date);
  const at = `${language === "fi" ? "klo" : "kl."} ${hour}`;
  if (day(date) === day(new Date())) return at;
  const weekday = { ...zone, weekday: "long", day: "numeric", month: "numeric" };
  return `${new Intl.DateTimeFormat(`${language}-FI`, weekday).format(date)} ${at}`;
}
