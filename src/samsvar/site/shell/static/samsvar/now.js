// What is on now: looks again when a session begins or ends, and when a new programme is published.

const part = () => document.querySelector("[data-now]");
let source = null;
let timer = 0;

const again = async () => {
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-now]");
    if (fresh) part().replaceWith(document.importNode(fresh, true));
  } catch {
    // no connection: tried again at the next change
  }
  wait();
};

const wait = () => {
  clearTimeout(timer);
  const changes = Date.parse(part().dataset.changes);
  if (changes) timer = setTimeout(again, Math.min(Math.max(changes - Date.now(), 0) + 1000, 3_600_000));
};

if (part()) {
  wait();
  source = new EventSource(part().dataset.events);
  source.addEventListener("programme", (event) => {
    if (event.data !== part().dataset.version) again();
  });
  window.addEventListener("pagehide", () => source.close());
}
