// Drafts: what somebody who is signed in types in a longer form is saved on the site, not in the browser, so that leaving in a
// hurry loses nothing. Passwords, files and hidden fields are never saved, nor a form that is answered without a name
// (data-no-draft). Without this script forms work as before.

const PAUSE = 1500; // milliseconds after the last key
const SLOW = 3000; // milliseconds that sending waits for a draft
const LONG = 4; // text fields that make a form a long one
const address = document.querySelector("[data-drafts]")?.dataset.drafts;
const TEXTS = "textarea, input:is([type=text], [type=email], [type=url], :not([type]))";

const forms = [...document.querySelectorAll("main form[method=post]")].filter(
  (form) =>
    !form.hasAttribute("data-no-draft") &&
    !form.querySelector("[type=password], [autocomplete=one-time-code]") &&
    (form.querySelector("textarea") || form.querySelectorAll(TEXTS).length >= LONG),
);

const typed = (form) => {
  const fields = {};
  for (const field of form.elements) {
    if (!field.name || /^(hidden|password|file|submit|button)$/.test(field.type)) continue;
    if (/^(checkbox|radio)$/.test(field.type) && !field.checked) continue;
    const values = field.type === "select-multiple" ? [...field.selectedOptions].map((option) => option.value) : [field.value];
    fields[field.name] = [...(fields[field.name] ?? []), ...values];
  }
  return fields;
};

const send = (form, fields) => {
  const body = new FormData();
  body.set("page", location.pathname);
  body.set("form", String(forms.indexOf(form)));
  if (fields) body.set("fields_typed", JSON.stringify(fields));
  const token = form.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  return fetch(address, { method: "POST", body, headers: { "X-CSRFToken": token }, keepalive: true }).catch(() => {});
};

const fill = (form, fields) => {
  for (const field of form.elements) {
    if (!field.name || /^(hidden|password|file|submit|button)$/.test(field.type)) continue;
    const values = fields[field.name] ?? [];
    if (/^(checkbox|radio)$/.test(field.type)) field.checked = values.includes(field.value);
    else if (field.type === "select-multiple") for (const option of field.options) option.selected = values.includes(option.value);
    else if (values.length) field.value = values.shift();
  }
};

const button = (text, act) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "ds-button";
  made.dataset.variant = "secondary";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
};

const offer = (form, draft) => {
  const notice = document.createElement("div");
  notice.className = "notice draft";
  notice.setAttribute("role", "status");
  const text = document.createElement("p");
  text.textContent = draft.notice;
  const row = document.createElement("div");
  row.className = "row";
  row.append(
    button(draft.restore, () => {
      fill(form, structuredClone(draft.fields));
      notice.remove();
      form.querySelector(TEXTS)?.focus();
    }),
    button(draft.delete, () => {
      send(form, null);
      notice.remove();
    }),
  );
  notice.append(text, row);
  form.before(notice);
};

if (address && forms.length) {
  const waiting = new Map(); // form → timer of what has not been saved yet
  const saving = new Set(); // what is on its way
  const save = (form) => {
    clearTimeout(waiting.get(form));
    waiting.delete(form);
    const sent = send(form, typed(form)).finally(() => saving.delete(sent));
    saving.add(sent);
    return sent;
  };
  for (const form of forms) {
    const before = JSON.stringify(typed(form));
    form.addEventListener("input", () => {
      clearTimeout(waiting.get(form));
      waiting.set(form, setTimeout(() => JSON.stringify(typed(form)) === before || save(form), PAUSE));
    });
    form.addEventListener("submit", (event) => {
      clearTimeout(waiting.get(form));
      waiting.delete(form);
      if (!saving.size) return;
      // a draft that arrived after its form would stay: let it arrive first, but never wait long
      event.preventDefault();
      const longEnough = new Promise((resolve) => setTimeout(resolve, SLOW));
      Promise.race([Promise.allSettled(saving), longEnough]).then(() => {
        saving.clear();
        form.requestSubmit(event.submitter);
      });
    });
  }
  document.addEventListener("leave", () => [...waiting.keys()].forEach(save));
  window.addEventListener("pagehide", () => [...waiting.keys()].forEach(save));
  fetch(`${address}?page=${encodeURIComponent(location.pathname)}`)
    .then((answer) => (answer.ok && !answer.redirected ? answer.json() : { drafts: [] }))
    .then(({ drafts }) => {
      for (const draft of drafts) {
        const form = forms[Number(draft.form)];
        if (form && JSON.stringify(draft.fields) !== JSON.stringify(typed(form))) offer(form, draft);
      }
    })
    .catch(() => {});
}
