// A live conversation: new messages as they come, answers without loading the page, suggestions for what was asked last.

import { follow } from "./feed.js";
import { call, forgetDraft, released } from "./staff.js";

const talk = document.querySelector("#talk");
const box = document.querySelector("#text");
const answer = document.querySelector("#answer");
const failed = document.querySelector("[data-failed]");
const suggestions = document.querySelector("#suggestions");
const typing = document.querySelector("[data-typing]");
const typingTold = document.querySelector("[data-typing-told]");
const TYPING_HOLDS = 6_000;
const TYPING_EVERY = 4_000;
const address = location.pathname;
let last = Number(talk.dataset.last);
let leaving = false; // Handing back or passing on takes the conversation away too, and leads to the queue by itself.

function showMessages(messages) {
  const fresh = messages.filter(({ position }) => position > last);
  if (!fresh.length) return;
  const atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 60;
  talk.insertAdjacentHTML("beforeend", fresh.map(({ html }) => html).join(""));
  last = fresh.at(-1).position;
  if (atEnd || fresh.some(({ sender }) => sender === "human")) talk.scrollTop = talk.scrollHeight;
  if (!fresh.some(({ sender }) => sender === "resident")) return;
  hideTyping();
  suggest();
}

let typingTimer = 0;
let typingSentAt = 0;

/** The resident is writing, until nothing is heard of it any more; a screen reader hears it once a message. */
function showTyping() {
  typing.dataset.shown = "";
  if (!typingTold.textContent) typingTold.textContent = typing.textContent;
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => delete typing.dataset.shown, TYPING_HOLDS);
}

function hideTyping() {
  clearTimeout(typingTimer);
  delete typing.dataset.shown;
  typingTold.textContent = "";
}

/** Let the resident know that somebody is writing; nothing depends on it. */
function tellTyping() {
  const now = Date.now();
  if (!box.value.trim() || now - typingSentAt < TYPING_EVERY) return;
  typingSentAt = now;
  call(`${address}/typing`, { method: "POST" }).catch(() => {});
}

async function suggest() {
  const response = await call(suggestions.dataset.address, { headers: { Accept: "text/html" } });
  if (!response.ok) return;
  const fresh = await response.text();
  await released();
  if (suggestions.contains(document.activeElement)) return; // Nothing moves under somebody's hand.
  suggestions.innerHTML = fresh;
  showInserts();
}

function showInserts() {
  for (const button of suggestions.querySelectorAll("[data-inserts]")) button.hidden = false;
}

function write(text) {
  box.value = [box.value.trim(), text].filter(Boolean).join("\n\n");
  box.dispatchEvent(new Event("input"));
  box.focus();
}

/** Send a form; its key is used until the server has said that the words arrived, so that they are said once. */
async function send(form) {
  if (form.dataset.sending) return;
  form.dataset.sending = "1";
  failed.hidden = true;
  try {
    const response = await call(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (response.status === 409) return location.reload(); // Somebody else has it; the page says who.
    if (response.status === 401) return;
    if (!response.ok) throw new Error(String(response.status));
    form.elements.key.value = (await response.json()).key;
    if (form === answer) {
      form.reset();
      box.value = "";
      forgetDraft(box.dataset.draft);
    }
    box.focus();
  } catch {
    failed.hidden = false;
  } finally {
    delete form.dataset.sending;
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-sends]")) {
    leaving = true;
    return;
  }
  event.preventDefault();
  send(event.target);
});

suggestions.addEventListener("click", (event) => {
  const button = event.target.closest("[data-inserts]");
  if (button) write(button.closest("article").querySelector("[data-words]").textContent);
});

box.addEventListener("input", tellTyping);

// Other words than those that may have arrived need another key.
box.addEventListener("input", () => {
  if (failed.hidden) return;
  const { key } = answer.elements;
  key.value = key.value.slice(0, 32) + Date.now().toString(36);
  failed.hidden = true;
});

box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) answer.requestSubmit();
});

talk.scrollTop = talk.scrollHeight;
showInserts();
follow(
  () => `${address}/events?after=${last}`,
  {
    message: (message) => showMessages([message]),
    typing: showTyping,
    lost: (_, stop) => {
      stop();
      if (!leaving) location.reload();
    },
    erased: (_, stop) => {
      stop();
      location.assign("/staff/queue?erased=1");
    },
  },
  async () => {
    const response = await call(`${address}/messages?after=${last}`);
    if (response.status === 404) return location.assign("/staff/queue?erased=1");
    if (!response.ok) throw new Error(String(response.status));
    const { messages, mine } = await response.json();
    if (mine) showMessages(messages);
    else if (!leaving) location.reload();
  },
);
