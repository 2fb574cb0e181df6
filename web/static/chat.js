/**
 * The resident's chat page: sends what the resident writes, shows what the bot answers.
 *
 * Sections: page, state, API, elements, rich text, parts of a message, log, turns, composer, erasing, start.
 * Text from anybody becomes text nodes, never HTML. What was written stays in the tab's session storage until the
 * server has answered it, under one idempotency key, so that a retry never sends it twice.
 */

// Page

const find = (id) => document.getElementById(id);
const [log, typing, status, starters, tools, composer, message, counter, erase, dialog] = [
  "log", "typing", "status", "starters", "tools", "composer", "message", "counter", "erase", "erase-dialog",
].map(find);
const PAGE_LANGUAGE = document.documentElement.lang;
const STRINGS = JSON.parse(document.body.dataset.strings);
const GREETING = JSON.parse(document.body.dataset.greeting);
const LIMIT = Number(document.body.dataset.limit);
const COUNTER_SHOWN_FROM = 0.9;
const TYPING_DELAY = 250;
const REQUEST_TIMEOUT = 60_000;
const EMERGENCY_NUMBER = "112";
const ALWAYS_DIALLED = [EMERGENCY_NUMBER, "116117"];

const touch = () => matchMedia("(pointer: coarse)").matches;
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// State: what outlives a reload of the tab

const STORAGE_KEY = "lotsi.chat";
const EMPTY = { id: null, token: null, unanswered: [], draft: "" };
const state = { ...EMPTY, ...readState() };

function readState() {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY)) ?? {};
  } catch {
    return {}; // Storage is blocked or spoilt: the conversation then lasts as long as the page.
  }
}

function keep(changes) {
  Object.assign(state, changes);
  try {
    const unanswered = state.unanswered.map(({ key, body, title }) => ({ key, body, title }));
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ ...state, unanswered }));
  } catch {
    // As above.
  }
}

// API

const CONVERSATION_GONE = ["conversation_not_found", "token_rejected", "token_missing"];

/** A call that brought no answer: HTTP status (0 without a connection) and the API's error code. */
class Failure extends Error {
  constructor(status, code = "") {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.gone = CONVERSATION_GONE.includes(code);
  }

  get text() {
    const known = { 0: "offline", 413: "too_long", 429: "too_many", 503: "not_ready" };
    return STRINGS[known[this.status] ?? "failed"];
  }
}

async function call(method, path = "", body = undefined, headers = {}) {
  let response, answer;
  try {
    response = await fetch(`/api/v1/conversations${path}`, {
      method,
      headers: {
        ...(body && { "Content-Type": "application/json" }),
        ...(state.token && path && { Authorization: `Bearer ${state.token}` }),
        ...headers,
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout?.(REQUEST_TIMEOUT),
    });
    answer = await response.text();
  } catch {
    throw new Failure(0);
  }
  try {
    answer = response.status === 204 ? null : JSON.parse(answer);
  } catch {
    throw new Failure(response.ok ? 0 : response.status);
  }
  if (!response.ok) throw new Failure(response.status, answer?.error?.code);
  return answer;
}

const fetchMessages = async () => (await call("GET", `/${state.id}/messages`)).messages;

async function begin() {
  const begun = await call("POST", "", { language: PAGE_LANGUAGE });
  keep({ id: begun.id, token: begun.token });
  erase.hidden = false;
  return begun.messages;
}

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Elements

/** Make an element. `values` are its properties, else attributes; null ones are left out. */
function h(tag, values = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) continue;
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

const spoken = (text) => h("span", { className: "visually-hidden" }, text);
const foreign = (language) => (language && language !== PAGE_LANGUAGE ? language : null);

function webLink(url, ...children) {
  const safe = /^https?:\/\//i.test(url);
  if (!safe) return h("span", {}, ...children);
  const leave = spoken(` (${STRINGS.opens_new})`);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children, leave);
}

const digits = (number) => number.replace(/[^\d+]/g, "");
const host = (url) => url.replace(/^https?:\/\/(www\.)?/i, "").replace(/\/$/, "");

// Rich text: paragraphs, lists, addresses and known numbers

const LINKABLE = /([\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?:\/\/[^\s<>"]+|\b(?:[\w-]+\.)+fi\b(?:\/[^\s<>"]*)?|\d[\d \u00a0]*\d)/gi;

/** Return text with the hyphen of a Finnish compound (*Soite 2.0 -hanke*) kept on its word's line. */
function glued(text) {
  return text.split(/(\s-\p{L}+)/u).flatMap((piece, position) =>
    position % 2 ? [piece[0], h("span", { className: "nowrap" }, piece.slice(1))] : piece);
}

/** Return text as nodes, with links for web addresses and for those numbers that are known to be services'. */
function linked(text, numbers) {
  return text.split(LINKABLE).flatMap((piece, position) => {
    if (position % 2 === 0) return glued(piece);
    if (piece.includes("@")) return piece;
    if (/^\d[\d\s]*$/.test(piece)) {
      return numbers.has(digits(piece)) ? h("a", { href: `tel:${digits(piece)}`, className: "nowrap" }, piece) : piece;
    }
    const address = piece.replace(/[.,;:!?)\]]+$/, "");
    const url = /^https?:/i.test(address) ? address : `https://${address}`;
    return h("span", {}, webLink(url, address), piece.slice(address.length));
  });
}

const kindOf = (line) => (line.startsWith("• ") ? "ul" : /^\d+\. /.test(line) ? "ol" : "p");

/** Return an answer's text as paragraphs and real lists. */
function richText(text, numbers) {
  return text.split(/\n{2,}/).flatMap((block) => {
    const parts = [];
    for (const line of block.split("\n").filter((item) => item.trim())) {
      const kind = kindOf(line);
      let part = parts.at(-1);
      if (part?.localName !== kind) {
        part = h(kind, kind === "ol" ? { start: parseInt(line, 10) } : {});
        parts.push(part);
      } else if (kind === "p") part.append(h("br"));
      const words = kind === "p" ? line : line.replace(/^(• |\d+\. )/, "");
      if (kind === "p") part.append(...linked(words, numbers));
      else part.append(h("li", {}, linked(words, numbers)));
    }
    return parts;
  });
}

/** Return a resident's own words; what was masked is shown as a label that says what stood there. */
function plainText(text, masked) {
  const pieces = masked.length ? text.split(new RegExp(`\\[(${masked.join("|")})\\]`)) : [text];
  return h("p", {}, pieces.map((piece, position) =>
    position % 2 ? h("span", { className: "mask" }, `${STRINGS.hidden}: ${STRINGS[piece] ?? piece}`) : piece));
}

// Parts of a message

const CHANNEL_ICONS = { phone: "phone", service_location: "place" };

function channelCard(channel, numbers) {
  const { type, name, number, url, address, note, line } = channel;
  if (!number && !url && !address) return h("p", { className: "channel-line" }, linked(line ?? "", numbers));
  const value = number || address || host(url);
  const inside = [
    h("span", { className: "card-icon" }, icon(CHANNEL_ICONS[type] ?? "web")),
    h("span", { className: "card-text" },
      number ? spoken(`${STRINGS.call} `) : null,
      h("span", { className: "card-name" }, name, spoken(": ")),
      h("span", { className: "card-value" }, value),
      note ? h("span", { className: "card-note" }, spoken(", "), note) : null),
  ];
  if (number) return h("a", { className: "card", href: `tel:${digits(number)}` }, inside);
  if (!url) return h("div", { className: "card" }, inside);
  const link = webLink(url, ...inside, icon("out"));
  link.classList.add("card");
  return link;
}

function channelList(channels, language, numbers) {
  if (!channels.length) return null;
  const items = channels.map((channel) => h("li", {}, channelCard(channel, numbers)));
  return h("ul", { className: "cards", lang: foreign(language), "aria-label": STRINGS.contacts }, items);
}

/** Return the date of a document, `YYYY[-MM[-DD]]`, as its readers write it. */
function documentDate(published, language) {
  const [year, month, day] = String(published).split("-").map(Number);
  if (!month) return String(published);
  if (day) return `${day}.${month}.${year}`;
  return new Intl.DateTimeFormat(language, { month: "long", year: "numeric" }).format(new Date(year, month - 1, 1));
}

function sourceDetails(sources, language) {
  if (!sources.length) return null;
  const titles = sources.map(({ title, published }) =>
    h("span", { className: "source-title" }, glued(`${title}, `),
      h("time", { dateTime: published }, documentDate(published, language))));
  const lines = sources.map(({ line, url }) => h("li", {}, glued(`${line} `), url ? webLink(url, host(url)) : null));
  return h("details", { className: "source" },
    h("summary", {}, icon("book"),
      h("span", {}, h("strong", {}, STRINGS.source), spoken(": "), h("span", { lang: foreign(language) }, titles))),
    h("ul", { lang: foreign(language) }, lines));
}

function suggestions(buttons, language) {
  if (!buttons.length) return null;
  const items = buttons.map(({ title, payload }) =>
    h("li", {}, h("button", { type: "button", onclick: () => send({ payload }, title) }, title)));
  return h("ul", { className: "chips", lang: foreign(language), "aria-label": STRINGS.suggestions }, items);
}

function emergencyCall(channels) {
  const note = channels.find(({ number }) => number === EMERGENCY_NUMBER)?.note;
  return h("a", { className: "call-now", href: `tel:${EMERGENCY_NUMBER}` },
    icon("phone"), h("span", {}, `${STRINGS.call} ${EMERGENCY_NUMBER}`, note ? h("small", {}, note) : null));
}

function botMessage({ text, language, sources = [], channels = [], buttons = [], emergency = false }) {
  const numbers = new Set([...ALWAYS_DIALLED, ...channels.map(({ number }) => digits(number ?? ""))]);
  const others = emergency ? channels.filter(({ number }) => number !== EMERGENCY_NUMBER) : channels;
  return h("div", { className: emergency ? "message bot emergency" : "message bot" },
    emergency ? h("p", { className: "alarm" }, icon("alert"), STRINGS.help_now) : h("p", { className: "sender" }, "Lotsi"),
    h("div", { className: "answer" },
      h("div", { className: "text", lang: foreign(language) }, richText(text, numbers)),
      emergency ? emergencyCall(channels) : null,
      emergency ? channelList(others, language, numbers) : null,
      sourceDetails(sources, language)),
    emergency ? null : channelList(others, language, numbers),
    suggestions(buttons, language));
}

function residentMessage({ text, language, masked = [] }) {
  return h("div", { className: "message resident", tabIndex: -1 },
    h("p", { className: "visually-hidden" }, `${STRINGS.you}:`),
    h("div", { className: "text", lang: foreign(language) }, plainText(text, masked)),
    masked.length ? h("p", { className: "masked" }, icon("shield"), STRINGS.masked) : null);
}

const notice = (text) => h("p", { className: "notice" }, text);

// Log: turns, each a resident's message with what came back

function addTurn(...parts) {
  const turn = h("div", { className: "turn" }, parts);
  log.append(turn);
  return turn;
}

function reveal(turn, smooth = true) {
  turn?.scrollIntoView({ block: "start", behavior: smooth && !calm() ? "smooth" : "auto" });
}

/** Show a whole conversation, without having a screen reader read all of it aloud. */
function showAll(messages) {
  log.setAttribute("aria-live", "off");
  log.replaceChildren();
  for (const item of messages) {
    if (item.sender === "resident" || !log.lastChild) addTurn();
    log.lastChild.append(item.sender === "resident" ? residentMessage(item) : botMessage(item));
  }
  starters.hidden = messages.some(({ sender }) => sender === "resident");
  reveal(starters.hidden ? log.lastChild : null, false);
  setTimeout(() => log.setAttribute("aria-live", "polite"), 500);
}

function failureBox(text, ...buttons) {
  return h("div", { className: "failure" },
    h("p", {}, icon("alert"), text),
    h("div", { className: "choices" }, buttons));
}

// Turns: sending, answering, failing, trying again

let busy = false;

function send(body, title) {
  if (busy) return false;
  const turn = { key: newKey(), body, title };
  keep({ unanswered: [...state.unanswered, turn] });
  showUnanswered(turn);
  focusAfter(turn);
  attempt(turn);
  return true;
}

function showUnanswered(turn) {
  starters.hidden = true;
  turn.element = addTurn(residentMessage({ text: turn.title }));
  reveal(turn.element);
}

/** Keep the keyboard's place ready for the next message; a phone's keyboard would cover the answer. */
function focusAfter(turn) {
  (touch() ? turn.element.firstChild : message).focus({ preventScroll: true });
}

const settle = (turn) => keep({ unanswered: state.unanswered.filter(({ key }) => key !== turn.key) });

async function attempt(turn) {
  turn.element.querySelector(".failure")?.remove();
  setBusy(true);
  try {
    const reply = await deliver(turn);
    settle(turn);
    turn.element.append(...reply.messages.map(botMessage));
    if (reply.masked.length) await showMasked(turn);
    reveal(turn.element);
  } catch (failure) {
    showFailure(turn, failure);
    if (!(failure instanceof Failure)) throw failure;
  } finally {
    setBusy(false);
  }
}

/** Send a turn to the conversation, which begins now if it has not; if it has ended, to a new one. */
async function deliver(turn) {
  if (!state.id) {
    const opening = await begin();
    if (!log.querySelector(".bot")) log.prepend(h("div", { className: "turn" }, opening.map(botMessage)));
  }
  const post = () => call("POST", `/${state.id}/messages`, turn.body, { "Idempotency-Key": turn.key });
  try {
    return await post();
  } catch (failure) {
    if (!failure.gone && failure.code !== "payload_unknown") throw failure;
    if (turn.body.payload) turn.body = { text: turn.title }; // No other conversation knows the button.
    if (failure.gone) {
      await begin();
      turn.element?.before(notice(STRINGS.expired));
    }
    return post();
  }
}

async function showMasked(turn) {
  const stored = (await fetchMessages().catch(() => [])).filter(({ sender }) => sender === "resident").at(-1);
  if (stored?.masked.length) turn.element.firstChild.replaceChildren(...residentMessage(stored).childNodes);
}

function showFailure(turn, failure) {
  const retry = () => {
    if (busy) return;
    focusAfter(turn);
    attempt(turn);
  };
  const change = () => {
    settle(turn);
    turn.element.remove();
    write([turn.title, message.value].filter(Boolean).join("\n"));
    message.focus();
  };
  const box = failureBox(failure.text ?? STRINGS.failed,
    h("button", { type: "button", className: "primary", onclick: retry }, STRINGS.retry),
    turn.body.text ? h("button", { type: "button", onclick: change }, STRINGS.edit) : null);
  turn.element.append(box);
  reveal(turn.element);
}

let typingTimer = 0;

function setBusy(value) {
  busy = erase.disabled = value;
  clearTimeout(typingTimer);
  typing.hidden = true;
  status.textContent = "";
  if (!value) return;
  typingTimer = setTimeout(() => {
    typing.hidden = false;
    status.textContent = STRINGS.typing;
    typing.scrollIntoView({ block: "nearest" });
  }, TYPING_DELAY);
}

// Composer

const lengthOf = (text) => Array.from(text).length; // The server counts characters, not UTF-16 units.

function write(text) {
  message.value = text;
  fit();
}

function fit() {
  const left = LIMIT - lengthOf(message.value);
  counter.hidden = left > LIMIT * (1 - COUNTER_SHOWN_FROM);
  counter.textContent = (left < 0 ? STRINGS.over : STRINGS.left).replace("{count}", Math.abs(left));
  counter.classList.toggle("over", left < 0);
  message.setAttribute("aria-invalid", String(left < 0));
  message.style.height = "auto";
  message.style.height = `${message.scrollHeight}px`;
  keep({ draft: message.value });
}

function submit(event) {
  event.preventDefault();
  const text = message.value.trim();
  if (!text) message.focus();
  else if (lengthOf(text) > LIMIT) {
    status.textContent = `${STRINGS.too_long} ${counter.textContent}`;
    message.focus();
  } else if (send({ text }, text)) write("");
}

function submitOnEnter(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  composer.requestSubmit();
}

// Erasing

async function eraseConversation() {
  if (dialog.returnValue !== "erase") return;
  try {
    await call("DELETE", `/${state.id}`);
  } catch (failure) {
    if (!failure.gone) {
      log.append(failureBox(STRINGS.not_erased));
      reveal(log.lastChild);
      return;
    }
  }
  startAfresh(STRINGS.erased);
  message.focus();
}

// Start

function startAfresh(text) {
  keep({ ...EMPTY, draft: message.value });
  erase.hidden = true;
  showAll(GREETING);
  if (text) {
    log.prepend(notice(text));
    status.textContent = text;
    window.scrollTo(0, 0);
  }
}

/** Show the tab's conversation again; turns that a reload cut off are sent first, under their old keys. */
async function restore() {
  erase.hidden = !state.id;
  setBusy(true);
  const failed = [];
  for (const turn of state.unanswered) {
    await deliver(turn).then(() => settle(turn), (failure) => failed.push([turn, failure]));
  }
  try {
    showAll(state.id ? await fetchMessages() : GREETING);
  } catch (failure) {
    if (failure.gone) startAfresh(STRINGS.expired);
    else log.replaceChildren(failureBox(STRINGS.not_loaded,
      h("button", { type: "button", className: "primary", onclick: restore }, STRINGS.retry)));
  } finally {
    setBusy(false);
  }
  for (const [turn, failure] of failed) {
    showUnanswered(turn);
    showFailure(turn, failure);
  }
}

function start() {
  for (const button of document.querySelectorAll("[data-question]")) {
    const text = button.textContent.trim();
    button.addEventListener("click", () => send({ text }, text));
  }
  composer.addEventListener("submit", submit);
  message.addEventListener("keydown", submitOnEnter);
  message.addEventListener("input", fit);
  erase.addEventListener("click", () => {
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.addEventListener("close", eraseConversation);
  composer.hidden = tools.hidden = false;
  write(state.draft);
  if (state.id || state.unanswered.length) restore();
  else startAfresh();
}

start();
