// The editor of a topic: what is typed is checked at once, and shown as a resident would see it. The form works without.

import { call, released } from "./staff.js";

const PAUSE = 700;
const form = document.querySelector("[data-topic-form]");
const findings = document.querySelector("#findings");
let timer = 0;
let asked = 0;
let saving = false;
let changed = false;

async function check() {
  const number = ++asked;
  findings.classList.add("is-waiting");
  const body = new URLSearchParams(new FormData(form));
  let response;
  try {
    response = await call("/admin/topics/check", { method: "POST", body });
  } catch {
    return; // no connection: what was found before stays
  } finally {
    if (number === asked) findings.classList.remove("is-waiting");
  }
  if (!response.ok || number !== asked) return;
  const found = await response.json();
  await released();
  if (number !== asked) return;
  // The server's own templates have escaped every word in it.
  if (findings.innerHTML !== found.findings) findings.innerHTML = found.findings;
  for (const [code, html] of Object.entries(found.previews)) {
    document.querySelector(`[data-preview="${code}"]`).innerHTML = html;
  }
  for (const [code, count] of Object.entries(found.counts)) {
    document.querySelector(`[data-count="${code}"]`).value = count;
  }
}

form.addEventListener("input", () => {
  changed = true;
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
});

form.addEventListener("submit", () => {
  saving = true;
});

// What somebody wrote before this script had come counts too.
if ([...form.elements].some((field) => "defaultValue" in field && field.value !== field.defaultValue)) {
  form.dispatchEvent(new Event("input"));
}

// Whoever leaves with something unsaved is asked.
addEventListener("beforeunload", (event) => {
  if (changed && !saving) event.preventDefault();
});
