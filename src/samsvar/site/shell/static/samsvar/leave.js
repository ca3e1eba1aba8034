// Leave this site: empties the page at once, puts a neutral page in its place in the history, and opens one in a new tab
// in front of it. Without this script the link still leads to the neutral page. Escape, three times within 1.5 seconds, does the
// same, except where it has another meaning: in a field, and while a menu or a dialog is open, which it closes.

const ESCAPES = 3;
const WITHIN = 1500; // milliseconds
const FIELDS = "input, textarea, select, [contenteditable]";
const MENUS = "details.language-menu[open]";
const OPEN = `${MENUS}, :popover-open, dialog[open]`;

const link = document.querySelector("[data-leave]");

const leave = () => {
  document.dispatchEvent(new Event("leave")); // drafts.js saves what was typed
  document.title = "…";
  document.body.replaceChildren(); // nothing to see while the neutral page loads
  window.open(link.href, "_blank", "noopener,noreferrer"); // a tab without a way back
  window.location.replace(link.href);
};

if (link) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  let pressed = [];
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector(OPEN);
    for (const menu of open ? document.querySelectorAll(MENUS) : []) {
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    }
    if (event.key !== "Escape" || open || event.defaultPrevented || event.target.closest?.(FIELDS)) {
      pressed = [];
      return;
    }
    pressed = [...pressed.filter((at) => event.timeStamp - at < WITHIN), event.timeStamp];
    if (pressed.length >= ESCAPES) leave();
  });
}
