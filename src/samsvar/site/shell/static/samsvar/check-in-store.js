// What a device at the door keeps: the names of one meeting until a moment, and what it saw until the site has it.

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

export const keepPeople = (list) => within("people", "readwrite", (store) => store.put(list));
export const keepSeen = (one) => within("seen", "readwrite", (store) => store.put(one));
export const dropSeen = (id) => within("seen", "readwrite", (store) => store.delete(id));
export const forgetPeople = () => within("people", "readwrite", (store) => store.clear());

// what waits to be sent, in the order in which it was seen
export const waiting = async (meeting) =>
  (await within("seen", "readonly", (store) => store.getAll()))
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
