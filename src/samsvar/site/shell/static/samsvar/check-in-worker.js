// Serves the door's page and its files from what was kept of them while there is no connection, and nothing else. Names are
// not here: the page keeps them itself (check-in.js), so that they end when they have to.

const KEPT = "samsvar-check-in";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname.endsWith(".json")) return;
  event.respondWith(
    fetch(event.request).catch(async () => {
      const kept = await caches.open(KEPT);
      return (await kept.match(event.request, { ignoreSearch: true, ignoreVary: true })) ?? Response.error();
    }),
  );
});
