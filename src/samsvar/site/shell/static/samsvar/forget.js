// Whoever signs out leaves no names on a device that stood at a door (check-in.js); everywhere else there are none.

import { forgetPeople, isThere } from "./check-in-store.js";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.dataset.forgotten || !/\/sign-out\/$/.test(new URL(form.action).pathname)) return;
  event.preventDefault();
  form.dataset.forgotten = "yes";
  try {
    if (await isThere()) await forgetPeople();
  } finally {
    form.submit();
  }
});
