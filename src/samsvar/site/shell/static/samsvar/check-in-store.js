// What a device at the door keeps: the names of one meeting until a moment, and what it saw until the site has it. The name
// of a walk-in is kept until that same moment; then it goes, and that somebody came is sent without it.

const NAME = "samsvar-check-in";

const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const opened = () => {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("people", { keyPath: "meeting" });
    request.result.createObjectStore("seen", { keyPath: "id" });
  };
  return asked(request);
};

const within = async (store, mode, work) => {
  const database = await opened();
  try {
    return await asked(work(database.transaction(store, mode).objectStore(store)));
  } finally {
    database.close();
  }
};

const all = () => within("seen", "readonly", (store) => store.getAll());

export const keepPeople = (list) => within("people", "readwrite", (store) => store.put(list));
export const keepSeen = (one) => within("seen", "readwrite", (store) => store.put(one));
export const dropSeen = (id) => within("seen", "readwrite", (store) => store.delete(id));
// what becomes of a walk-in's name: it goes, and that somebody came stays
const nameless = async (rows) => {
  for (const one of rows) await keepSeen({ ...one, walkIn: null });
};
export const endStrangers = async (closed = "") =>
  nameless((await all()).filter((one) => one.walkIn && (one.meeting === closed || Date.parse(one.until) <= Date.now())));

// hands over what was seen; resolves to the answer of the site, rejects where there is no connection
export const bring = (address, seen, { device, token }) =>
  fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({
      device,
      sent: new Date().toISOString(),
      seen: seen.map(({ id, at, registration, walkIn }) =>
        walkIn === undefined ? { id, registration, at } : { id, at, walk_in: walkIn }),
    }),
  });

// before a signing out: walk-ins are sent while somebody is signed in. Where the site would not take them, the names go;
// where there is no connection nobody signs out either, and they stay.
export const leaveStrangers = async (token) => {
  const rows = (await all()).filter((one) => one.walkIn);
  for (const address of new Set(rows.map((one) => one.merge))) {
    const some = rows.filter((one) => one.merge === address);
    try {
      const answer = await bring(address, some, { device: some[0].device, token });
      const answers = answer.ok && !answer.redirected ? (await answer.json()).answers : {};
      for (const one of some) await (answers[one.id] ? dropSeen(one.id) : nameless([one]));
    } catch {
      // no connection
    }
  }
};

export const forgetPeople = () => within("people", "readwrite", (store) => store.clear());

// what waits to be sent, in the order in which it was seen
export const waiting = async (meeting) =>
  (await all())
    .filter((one) => one.meeting === meeting)
    .sort((a, b) => a.at.localeCompare(b.at));

// the names of a meeting for this account; null where there are none, or their time is over: then they are gone
export const people = async (meeting, account) => {
  const kept = await within("people", "readonly", (store) => store.get(meeting));
  if (!kept) return null;
  if (kept.account === account && Date.parse(kept.until) > Date.now()) return kept;
  await forgetPeople();
  return null;
};

// the signing out of an account, on whichever page: names go, what waits to be sent stays
export const isThere = async () => (await indexedDB.databases?.() ?? [{ name: NAME }]).some((one) => one.name === NAME);
