// Single keys for those who read many conversations. What a key does stands in the page: `data-key` on the link, button
// or field, `data-items` around what `j` and `k` go through, each of them `data-item`. They can be turned off
// (WCAG 2.1.4), and never take a key from a field in which somebody writes.

const OFF = "lotsi.shortcuts.off";
const dialog = document.querySelector("#shortcuts");
const on = document.querySelector("#shortcuts-on");
const findItems = () => [...document.querySelectorAll("[data-items] [data-item]")]; // A page may get new ones.

// The address without what it says once: a page that is loaded again must not say again that something was saved.
const address = document.querySelector("[data-address]")?.dataset.address;
const hash = location.hash;
if (address) history.replaceState(null, "", address + hash);
if (hash) document.getElementById(hash.slice(1))?.focus();

on.checked = localStorage.getItem(OFF) === null;
on.addEventListener("change", () => {
  if (on.checked) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
});

for (const opener of document.querySelectorAll("[data-opens]")) {
  opener.hidden = false;
  opener.addEventListener("click", () => document.getElementById(opener.dataset.opens).showModal());
}

function isWriting(element) {
  return element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
}

function currentItem() {
  return findItems().find((item) => item.contains(document.activeElement)) ?? null;
}

function step(by) {
  const items = findItems();
  const place = items.indexOf(currentItem());
  const next = items[place < 0 ? 0 : Math.min(Math.max(place + by, 0), items.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

// The one of the item that has the focus; else the page's first.
function find(key) {
  const selector = `[data-key="${CSS.escape(key)}"]`;
  return currentItem()?.querySelector(selector) ?? document.querySelector(selector);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open) return;
  if (event.key === "Escape" && isWriting(event.target)) {
    const item = currentItem();
    event.target.blur();
    item?.focus();
    return;
  }
  if (!on.checked || isWriting(event.target)) return;
  if (event.key === "?") dialog.showModal();
  else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else {
    const found = find(event.key);
    if (!found) return;
    if (isWriting(found)) found.focus();
    else found.click();
  }
  event.preventDefault();
});
