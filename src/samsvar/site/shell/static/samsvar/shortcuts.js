// Keyboard shortcuts of the review pages: a single letter presses the button, follows the link or opens the form that is
// marked with it. Never in a field, a menu or a dialog, and never with Ctrl, Alt or Meta. Escape belongs to leave.js.

const BUSY = "input, textarea, select, [contenteditable], dialog, [popover], details.language-menu[open]";

const help = document.querySelector("[data-shortcuts-help]");
if (help) help.hidden = false; // without this script there is nothing to explain

let leaving = false; // a key that is pressed twice must not send a form twice
window.addEventListener("pageshow", () => {
  leaving = false;
});

document.addEventListener("keydown", (event) => {
  if (leaving || event.defaultPrevented || event.repeat || event.isComposing) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (event.target instanceof Element && event.target.closest(BUSY)) return;
  const marked = [...document.querySelectorAll("[data-shortcut]")].find((one) => one.dataset.shortcut === event.key.toLowerCase());
  if (!marked) return;
  event.preventDefault(); // the letter must not be typed into the field that takes the focus
  if (marked instanceof HTMLDetailsElement) {
    marked.open = true;
    marked.querySelector("select, textarea, input:not([type=hidden])").focus();
    return;
  }
  leaving = true;
  marked.click();
});
