// The frame's own script. Everything works without it; it makes menus close and keeps what is being written.

const DRAFTS = "lotsi.draft.";

// A menu closes when one clicks beside it or presses Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// In a narrow window a navigation scrolls sideways: the page that is open is in sight.
for (const item of document.querySelectorAll(".nav [aria-current]")) {
  const nav = item.closest(".nav");
  nav.scrollLeft = item.offsetLeft - nav.offsetLeft - (nav.clientWidth - item.offsetWidth) / 2;
}

// `<textarea data-draft="note-<id>">`: what is written is kept in this browser until the page that the form leads to
// says that it has been taken, by `data-draft-taken="note-<id>"` on any element. A session that ends in the middle, a
// tab that is closed or a connection that breaks costs nobody a note. Signing out clears all of it.
export function forgetDraft(key) {
  sessionStorage.removeItem(DRAFTS + key);
}

export function keepDrafts(root = document) {
  for (const taken of root.querySelectorAll("[data-draft-taken]")) forgetDraft(taken.dataset.draftTaken);
  for (const field of root.querySelectorAll("textarea[data-draft]")) {
    const key = DRAFTS + field.dataset.draft;
    const keep = () => {
      if (field.value) sessionStorage.setItem(key, field.value);
      else sessionStorage.removeItem(key);
    };
    const kept = sessionStorage.getItem(key);
    if (field.value) keep(); // somebody was quicker than this script, or the form came back
    else if (kept !== null) field.value = kept;
    field.addEventListener("input", keep);
  }
}

// A call to the server with what it wants to see: the page's token. An ended session shows the sign-in page.
export async function call(address, options = {}) {
  const token = document.querySelector("input[name=csrf]")?.value ?? "";
  const headers = { Accept: "application/json", "X-CSRF-Token": token, ...options.headers };
  const response = await fetch(address, { ...options, headers });
  if (response.status === 401) {
    const here = location.pathname + location.search;
    location.assign(`/staff/sign-in?${new URLSearchParams({ next: here, ended: "1" })}`);
  }
  return response;
}

// Wait, a second at most, while something is pressed: what is replaced or moves under a finger loses its click.
export async function released() {
  for (let looks = 0; looks < 50 && document.documentElement.matches(":active"); looks += 1) {
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

keepDrafts();
