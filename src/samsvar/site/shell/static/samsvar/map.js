// The slider of days: moves the date field and lets htmx fetch the map of that day. Without this script the field and its button do.

const slide = document.querySelector("#slide");
const field = document.querySelector("#on");
const DAY = 86_400_000; // milliseconds

if (slide && field) {
  const first = Date.parse(slide.dataset.first);
  const dayOf = (number) => new Date(first + Number(number) * DAY).toISOString().slice(0, 10);
  const language = document.documentElement.lang;
  const written = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" });
  const say = () => slide.setAttribute("aria-valuetext", written.format(new Date(first + Number(slide.value) * DAY)));

  slide.closest("[data-slide]").hidden = false;
  say();
  slide.addEventListener("input", () => {
    field.value = dayOf(slide.value);
    say();
    slide.dispatchEvent(new Event("slide", { bubbles: true }));
  });
  field.addEventListener("change", () => {
    if (!field.value) return;
    slide.value = String(Math.round((Date.parse(field.value) - first) / DAY));
    say();
  });
}
