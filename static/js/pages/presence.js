// Tells the room that the page shows (`data-here`) that somebody is there, and in which field; marks the fields that others
// are in.
let said = "";
let soon = 0;
let typed = 0;

const place = () => document.querySelector("#main [data-here]");
const field = () => {
  const active = document.activeElement;
  const form = active?.name && active.closest("form[data-guard], [data-inline], [data-sends]");
  if (!form || !active.closest("#main")) return null;
  if (!form.matches("[data-sends]")) return active.name;
  // In a conversation only typing counts, and not for long after it has stopped.
  return form.matches(".chat__pane *") && active.value.trim() && Date.now() - typed < 6000 ? "typing" : null;
};
const say = () => {
  clearTimeout(soon);
  soon = setTimeout(() => {
    const here = (!document.hidden && place()?.dataset.here) || "";
    const words = { here, field: (here && field()) || null };
    const text = JSON.stringify(words);
    if (text !== said) document.dispatchEvent(new CustomEvent("live:say", { detail: words }));
    said = text;
    if (words.field === "typing") soon = setTimeout(say, 6000);
  }, 250);
};

const mark = () => {
  for (const old of document.querySelectorAll(".presence__mark")) old.remove();
  for (const one of document.querySelectorAll("#main .presence [data-field]")) {
    const name = one.dataset.field;
    const input = document.querySelector(`#main form[data-guard] [name="${CSS.escape(name)}"]`);
    const label = input?.labels?.[0] ?? input?.closest("fieldset")?.querySelector("legend");
    const place = label ?? document.querySelector(`#fact-${CSS.escape(name.replaceAll(".", "-"))} dd`);
    if (!place) continue;
    const words = document.createElement("span");
    words.className = "presence__mark";
    words.textContent = one.dataset.who;
    place.append(words);
  }
};

for (const what of ["focusin", "focusout", "visibilitychange"]) document.addEventListener(what, say);
document.addEventListener("input", () => { typed = Date.now(); say(); });
document.addEventListener("htmx:wsOpen", () => { said = ""; say(); });
document.addEventListener("htmx:afterSettle", () => { say(); mark(); });
document.addEventListener("htmx:wsAfterMessage", ({ detail }) => { if (String(detail.message).includes("data-here")) mark(); });
say();
mark();
