// The door on a device: names to search and badges to read, also without a connection. Everything that the device sees gets
// a number of its own at once, waits in the device, and is sent until the site has answered for it: sent twice, it counts once.

import { bring, dropSeen, endStrangers, forgetPeople, keepPeople, keepSeen, people, waiting } from "./check-in-store.js";

const KEPT = "samsvar-check-in";
const EVERY = 15_000; // milliseconds between two attempts to send
const SHOWN = 20; // names at once
const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
const panel = document.querySelector("[data-check-in]");
const said = panel.dataset;
const part = (name) => panel.querySelector(`[data-part="${name}"]`);
const meeting = said.meeting;
let list = null;
let sending = false;
let signedOut = false;

const device = () => {
  const found = localStorage.getItem("samsvar-door") ?? crypto.randomUUID();
  localStorage.setItem("samsvar-door", found);
  return found;
};

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const key = (name) => plain(name).split(/\s+/).filter(Boolean).sort().join(" ");

const tell = (text, kind = "") => {
  const line = part("said");
  line.textContent = text;
  line.dataset.kind = kind;
};

const look = async (text) => {
  const line = document.createElement("li");
  line.textContent = text;
  part("look").append(line);
  part("look-at").hidden = false;
};

// --- What is known ---------------------------------------------------------------------------------------------------

const fetchPeople = async () => {
  try {
    const answer = await fetch(said.people, { headers: { Accept: "application/json" } });
    if (answer.status === 403 || answer.status === 404 || answer.redirected) {
      await forgetPeople(); // the duty is over, or nobody is signed in
      if (!answer.redirected) await endStrangers(meeting);
      list = null;
      return;
    }
    if (answer.ok) await keepPeople({ ...(await answer.json()), meeting, account: said.account });
  } catch {
    // no connection: what is kept has to do
  }
};

const readPeople = async () => {
  await endStrangers();
  list = await people(meeting, said.account);
  const here = await waiting(meeting);
  const gone = new Set(here.map((one) => one.registration));
  for (const one of list?.people ?? []) one.came ||= gone.has(one.id);
  const known = new Set((list?.people ?? []).map((one) => one.id));
  for (const one of here) if (one.walkIn && !known.has(one.id)) list?.people.push(asPerson(one.id, one.walkIn.name));
};

const keepPage = async () => {
  const kept = await caches.open(KEPT);
  const files = [...document.querySelectorAll('link[rel="stylesheet"], link[rel="icon"], script[src]')];
  const addresses = files.map((one) => one.href ?? one.src).concat([said.store, said.reader]);
  await Promise.all([...new Set(addresses)].map((one) => kept.add(one)));
  const page = await fetch(`${said.page}?kept=1`); // the page without a name on it
  if (page.ok && !page.redirected) await kept.put(said.page, page);
};

const asPerson = (id, name) => ({ id, name, ticket: "", came: true });

// --- Checking in -----------------------------------------------------------------------------------------------------

const checkIn = async (person) => {
  if (person.came) {
    tell(said.already.replace("{name}", person.name), "warning");
    return;
  }
  person.came = true;
  await keepSeen({ id: crypto.randomUUID(), meeting, registration: person.id, at: new Date().toISOString() });
  await keepPeople(list);
  tell(said.done.replace("{name}", person.name), "ok");
  show();
  await send();
};

// Somebody without a registration. Whoever has the name of somebody on the list is asked about once.
const writeDown = async (event) => {
  event.preventDefault();
  const form = event.target;
  const told = Object.fromEntries(new FormData(form));
  const name = told.name.trim();
  if (!name || !list) return;
  const same = list.people.find((one) => key(one.name) === key(name));
  if (same && form.dataset.sure !== key(name)) {
    form.dataset.sure = key(name);
    tell(said.sameName.replace("{name}", same.name), "warning");
    return;
  }
  delete form.dataset.sure;
  const id = crypto.randomUUID();
  const { until } = list;
  const walkIn = { ...told, name };
  await keepSeen({ id, meeting, at: new Date().toISOString(), until, merge: said.merge, device: device(), walkIn });
  list.people.push(asPerson(id, name));
  await keepPeople(list);
  form.reset();
  tell(said.entered.replace("{name}", name), "ok");
  form.querySelector("[name=name]").focus();
  show();
  await send();
};

const send = async () => {
  const seen = await waiting(meeting);
  if (seen.length && !sending && !signedOut) {
    sending = true;
    try {
      const answer = await bring(said.merge, seen, { device: device(), token: token() });
      if (answer.redirected || answer.status === 403) {
        signedOut = true; // what waits stays until somebody signs in here again
      } else if (answer.ok) {
        const { answers, came, expected } = await answer.json();
        const names = new Map((list?.people ?? []).map((one) => [one.id, one.name]));
        for (const one of seen) {
          const met = answers[one.id];
          if (!met) continue;
          await dropSeen(one.id);
          const name = one.walkIn?.name ?? names.get(one.registration) ?? "?";
          if (met === "place_gone") look(said.gone.replace("{name}", name));
          if (met === "no_place") look(said.noPlace.replace("{name}", name));
          if (met === "same_name") look(said.twice.replace("{name}", name));
          if (met === "nameless") look(said.namelessStored);
          if (met === "unknown") look(said.unknown.replace("{name}", name));
        }
        document.querySelector("[data-came]").textContent = came;
        document.querySelector("[data-expected]").textContent = expected;
      }
    } catch {
      // no connection: tried again
    } finally {
      sending = false;
    }
  }
  await state();
};

const state = async () => {
  const left = (await waiting(meeting)).length;
  const words = signedOut ? said.signedOut : navigator.onLine ? said.online : said.offline;
  part("state").textContent = left ? `${words} ${said.waiting.replace("{count}", left)}` : words;
  part("state").dataset.waiting = left;
  part("state").dataset.kind = left || !navigator.onLine || signedOut ? "warning" : "";
  for (const one of document.querySelectorAll("[data-needs-connection]")) one.hidden = !navigator.onLine;
};

// --- Searching -------------------------------------------------------------------------------------------------------

const show = () => {
  const wanted = plain(part("words").value).split(/\s+/).filter(Boolean);
  const found = wanted.length
    ? (list?.people ?? []).filter((one) => wanted.every((word) => plain(one.name).includes(word))).slice(0, SHOWN)
    : [];
  const lines = found.map((one) => {
    const line = part("line").content.cloneNode(true);
    line.querySelector("[data-name]").textContent = one.name || said.nameless;
    line.querySelector("[data-here]").hidden = !one.came;
    const button = line.querySelector("button");
    button.hidden = one.came;
    button.setAttribute("aria-label", said.button.replace("{name}", one.name));
    button.addEventListener("click", () => checkIn(one));
    return line;
  });
  part("found").replaceChildren(...lines);
  part("none").hidden = !wanted.length || found.length > 0;
  part("no-list").hidden = list !== null;
  part("new").hidden = list === null;
};

const byTicket = async (code) => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code.trim()));
  const hash = [...new Uint8Array(digest)].map((one) => one.toString(16).padStart(2, "0")).join("");
  const person = (list?.people ?? []).find((one) => one.ticket === hash);
  if (person) await checkIn(person);
  else tell(said.noTicket, "error");
};

// --- The camera ------------------------------------------------------------------------------------------------------

const readerOf = async () => {
  if ("BarcodeDetector" in window && (await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (video) => (await detector.detect(video))[0]?.rawValue;
  }
  if (!window.jsQR) {
    await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = said.reader;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
  }
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    pen.drawImage(video, 0, 0);
    const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
    return window.jsQR(picture.data, picture.width, picture.height)?.data;
  };
};

let stream = null;
const stopCamera = () => {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  part("camera").hidden = true;
  part("scan").setAttribute("aria-expanded", "false");
};

const startCamera = async () => {
  try {
    const reader = await readerOf();
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const video = part("video");
    video.srcObject = stream;
    part("camera").hidden = false;
    part("scan").setAttribute("aria-expanded", "true");
    await video.play();
    let last = "";
    while (stream) {
      const code = video.videoWidth ? await reader(video) : "";
      if (code && code !== last) {
        last = code;
        await byTicket(code);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } catch {
    stopCamera();
    tell(said.noCamera, "error");
  }
};

// --- Beginning -------------------------------------------------------------------------------------------------------

const begin = async () => {
  panel.hidden = false;
  part("words").addEventListener("input", show);
  part("stranger").addEventListener("submit", writeDown);
  part("scan").addEventListener("click", () => (stream ? stopCamera() : startCamera()));
  window.addEventListener("online", send);
  window.addEventListener("offline", state);
  if (navigator.onLine) await fetchPeople();
  await readPeople();
  show();
  await send();
  panel.dataset.ready = "yes";
  setInterval(async () => {
    if (list && Date.parse(list.until) <= Date.now()) await readPeople().then(show);
    else await endStrangers();
    await send();
  }, EVERY);
  if ("serviceWorker" in navigator && navigator.onLine) {
    await navigator.serviceWorker.register(said.worker, { scope: said.page });
    await keepPage();
    panel.dataset.kept = "yes";
  }
};

if (panel) begin();
