// Whoever signs out leaves no names on a device that stood at a door (check-in.js); everywhere else there are none.

import { forgetPeople, isThere, leaveStrangers } from "./check-in-store.js";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.dataset.forgotten || !/\/sign-out\/$/.test(new URL(form.action).pathname)) return;
  event.preventDefault();
  form.dataset.forgotten = "yes";
  const token = form.csrfmiddlewaretoken?.value ?? "";
  const forgotten = isThere().then((there) => there && Promise.all([forgetPeople(), leaveStrangers(token)]));
  const longEnough = new Promise((resolve) => setTimeout(resolve, 2000)); // signing out never hangs on a store that does
  try {
    await Promise.race([forgotten, longEnough]);
  } finally {
    form.submit();
  }
});
