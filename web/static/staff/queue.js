// The queue's page: shows anew what has changed, counts the minutes, and lets one choose a sound.

import { follow } from "./feed.js";
import { beat, ring, setSound, wantsSound } from "./presence.js";
import { call, released } from "./staff.js";

const rows = document.querySelector("#rows");
const announce = document.querySelector("[data-announce]");
const sound = document.querySelector("[data-sound]");
let asked = 0;
let waiting = rows.querySelectorAll(".waiting > li").length;

history.replaceState(null, "", location.pathname); // A page that is loaded again must not say again what was done.

async function refresh(state) {
  beat();
  if (state.waiting !== waiting) {
    waiting = state.waiting;
    announce.textContent = announce.dataset.text.replace("{number}", waiting);
  }
  if (state.version === rows.dataset.version) return;
  const number = ++asked;
  const response = await call("/staff/queue/rows", { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(String(response.status));
  const fresh = await response.text();
  await released();
  if (number !== asked) return; // Something newer is on its way, or shown already.
  const focused = rows.contains(document.activeElement) ? document.activeElement.id : "";
  rows.innerHTML = fresh;
  rows.dataset.version = state.version;
  if (focused) (document.getElementById(focused) ?? rows.querySelector("button, a"))?.focus();
}

function countMinutes() {
  for (const time of rows.querySelectorAll("[data-since]")) {
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(time.dateTime)) / 60_000));
    time.textContent = time.dataset.text.replace("{number}", minutes);
  }
}

function showSound() {
  sound.setAttribute("aria-pressed", String(wantsSound()));
}

sound.hidden = false;
sound.addEventListener("click", () => {
  setSound(!wantsSound());
  showSound();
  if (wantsSound()) ring();
});
showSound();
setInterval(countMinutes, 15_000);
follow(
  () => "/staff/queue/events",
  { queue: (state) => refresh(state).catch(() => {}) },
  async () => {
    const response = await call("/staff/queue/state");
    if (!response.ok) throw new Error(String(response.status));
    await refresh(await response.json());
  },
);
