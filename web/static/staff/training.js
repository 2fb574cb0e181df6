// Shows how far a training is, every second, until it has ended; without it the page loads itself anew.

import { call } from "./staff.js";

const PAUSE = 1000;
const card = document.querySelector("[data-training][data-open]");

function show(progress) {
  card.querySelector("[data-state]").textContent = progress.label;
  const step = card.querySelector("[data-step]");
  // Only a change is written: a screen reader reads it out.
  if (progress.step && step.textContent !== progress.step) step.textContent = progress.step;
  const bar = card.querySelector("progress");
  if (progress.of > 1) {
    bar.max = progress.of;
    bar.value = progress.done;
  } else {
    bar.removeAttribute("value");
  }
  const log = card.querySelector("[data-log]");
  for (const line of progress.log) {
    const item = document.createElement("li");
    item.textContent = `${line.at} ${line.text}`;
    log.append(item);
    card.dataset.after = line.position;
  }
}

async function follow() {
  try {
    const query = new URLSearchParams({ after: card.dataset.after });
    const response = await call(`/admin/training/${card.dataset.training}/progress?${query}`);
    if (response.ok) {
      const progress = await response.json();
      if (!progress.open) {
        location.assign("/admin/training");
        return;
      }
      show(progress);
    }
  } catch {
    // The connection is away for a while; the next look may find it again.
  }
  setTimeout(follow, PAUSE);
}

if (card) follow();
