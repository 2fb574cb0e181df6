// On every page of a counsellor: a sign of life every few seconds, and how many residents wait, in the navigation, in the
// title, and by a sound if that is wished for. A page with `data-desk` is one of the desk: who has it open is there.

import { call } from "./staff.js";

const BEAT = 20_000;
const SOUND = "lotsi_sound=1"; // A cookie of a year: signing out clears what else is kept in the browser.
const YEAR = 365 * 24 * 3600;
const atDesk = document.querySelector("[data-desk]") !== null;
const badge = document.querySelector("[data-waiting]");
const title = document.title;
let used = true; // To open the page is to work.
let known = null; // Whom the page knows already, waiting or passed on to this counsellor.
let beating = false;
let audio = null;

for (const kind of ["pointerdown", "keydown", "wheel"]) {
  document.addEventListener(kind, () => { used = true; }, { capture: true, passive: true });
}

function show(waiting) {
  badge.dataset.waiting = waiting;
  badge.hidden = waiting === 0;
  badge.querySelector("[data-number]").textContent = waiting;
  document.title = waiting ? `(${waiting}) ${title}` : title;
}

/** Two short tones; a browser lets them be heard once somebody has used the page. */
export function ring() {
  audio ??= new AudioContext();
  audio.resume();
  for (const [start, pitch] of [[0, 660], [0.18, 880]]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const at = audio.currentTime + start;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.2, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.16);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.17);
  }
  document.dispatchEvent(new Event("lotsi:ring"));
}

export const wantsSound = () => document.cookie.split("; ").includes(SOUND);

export function setSound(on) {
  document.cookie = `${SOUND}; Path=/staff/; SameSite=Strict; Max-Age=${on ? YEAR : 0}`;
}

export async function beat() {
  if (beating) return;
  beating = true;
  const active = used;
  used = false;
  try {
    const body = new URLSearchParams({ ...(atDesk && { desk: "1" }), ...(active && { active: "1" }) });
    const response = await call("/staff/presence", { method: "POST", body });
    if (!response.ok) return;
    const state = await response.json();
    const now = [state.newest, ...state.held].filter(Boolean);
    if (known && now.some((id) => !known.has(id)) && wantsSound()) ring();
    known = new Set([...(known ?? []), ...now]);
    show(state.waiting);
  } catch {
    used ||= active; // The network is away; the next beat tells.
  } finally {
    beating = false;
  }
}

show(Number(badge.dataset.waiting));
document.addEventListener("lotsi:beat", beat);
setInterval(beat, BEAT);
beat();
