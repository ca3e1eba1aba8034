// Leave this site: empties the page at once, puts a neutral page in its place in the history, and opens one in a new tab
// in front of it. Without this script the link still leads to the neutral page. Escape, three times within 1.5 seconds, does the same.

const ESCAPES = 3;
const WITHIN = 1500; // milliseconds

const link = document.querySelector("[data-leave]");

const leave = () => {
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
    if (event.key !== "Escape") {
      pressed = [];
      return;
    }
    pressed = [...pressed.filter((at) => event.timeStamp - at < WITHIN), event.timeStamp];
    if (pressed.length >= ESCAPES) leave();
  });
}
