// The list of findings at a desk: j and k move, x selects, s selects those with similar wording. A decision that is sent
// without a selection is about the current finding. shortcuts.js opens the decisions. Without this script, the same
// checkboxes and buttons do the same.

const BUSY = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog, [popover], details.language-menu[open]";
const form = document.querySelector("[data-triage]");
const items = form ? [...form.querySelectorAll("[data-item]")] : [];
const box = (item) => item.querySelector("input[type=checkbox]");
let current = -1;

function go(number, focus = true) {
  if (!items.length) return;
  items[current]?.removeAttribute("data-current");
  current = Math.min(Math.max(number, 0), items.length - 1);
  items[current].setAttribute("data-current", "");
  if (!focus) return;
  items[current].focus({ preventScroll: true }); // not its checkbox: in a field, keys are no shortcuts
  items[current].scrollIntoView({ block: "center" });
}

function toggleSimilar(item) {
  const ids = item.querySelector("[data-similar]")?.dataset.similar.split(" ") ?? [];
  box(item).checked = true;
  for (const id of ids.filter(Boolean)) {
    const other = document.getElementById(`finding-${id}`);
    if (other) other.checked = true;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.repeat || event.isComposing || !items.length) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (event.target instanceof Element && event.target.closest(BUSY)) return;
  const steps = {
    j: () => go(current + 1),
    k: () => go(current - 1),
    x: () => (box(items[current]).checked = !box(items[current]).checked),
    s: () => toggleSimilar(items[current]),
  };
  const step = steps[event.key.toLowerCase()];
  if (!step) return;
  event.preventDefault();
  step();
});

// Enter in a field sends the decision that the field belongs to; a form alone would send its first button.
form?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !(event.target instanceof Element)) return;
  if (!event.target.matches("input, select")) return;
  event.preventDefault();
  event.target.closest("details")?.querySelector("button[name=decision]")?.click();
});

form?.addEventListener("submit", (event) => {
  if (event.submitter?.name !== "decision") return;
  if (items.length && !items.some((item) => box(item).checked)) box(items[Math.max(current, 0)]).checked = true;
});

// the finding that a pointer or the Tab key chose is the current one
form?.addEventListener("focusin", (event) => {
  const number = items.indexOf(event.target.closest("[data-item]"));
  if (number >= 0) go(number, false);
});

// a click on a checkbox leaves the keys to the shortcuts
form?.addEventListener("click", (event) => {
  if (event.detail > 0 && event.target.matches("[data-item] input")) event.target.closest("[data-item]").focus({ preventScroll: true });
});

go(0, false);
