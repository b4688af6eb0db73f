// Leaving a form (`data-guard`) with changes in it asks first, by link, by going back, and by closing the window.
const state = (form) => {
  const entries = [...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]);
  return new URLSearchParams(entries).toString();
};
const first = new WeakMap();
const forms = () => [...document.querySelectorAll("form[data-guard]")];
let sending = null;

const dirty = () => forms().find((form) => form !== sending && first.has(form) && first.get(form) !== state(form));

const watch = () => {
  sending = null;
  for (const form of forms()) {
    // A form that came back with errors has changes that are nowhere saved.
    if (!first.has(form)) first.set(form, form.querySelector("[aria-invalid=true]") ? "" : state(form));
  }
};

const ask = (go) => {
  const dialog = document.getElementById("leave");
  if (!dialog) return go();
  dialog.returnValue = "";
  dialog.addEventListener("close", () => { if (dialog.returnValue === "leave") go(); }, { once: true });
  dialog.showModal();
};

document.addEventListener("input", (event) => {
  const form = event.target.form;
  const words = form?.querySelector("[data-form-state]");
  if (words && first.has(form)) words.textContent = first.get(form) === state(form) ? "" : "Unsaved changes";
});

document.addEventListener("submit", (event) => {
  // What goes into a frame is only looked at.
  if (event.target.matches("form[data-guard]") && !event.submitter?.formTarget) sending = event.target;
}, true);
document.addEventListener("htmx:sendError", () => { sending = null; });

document.addEventListener("htmx:confirm", (event) => {
  const { elt, target, issueRequest } = event.detail;
  const form = dirty();
  if (!form || target?.id !== "main" || elt === form) return;
  event.preventDefault();
  ask(() => {
    first.delete(form);
    issueRequest(true);
  });
});

let returning = false;
document.addEventListener("htmx:historyCacheMiss", (event) => {
  const form = dirty();
  if (!form) return;
  event.preventDefault();
  // Going forward again, to where the form is, comes by here too.
  if (returning) {
    returning = false;
    return;
  }
  returning = true;
  const wanted = location.href;
  history.forward();
  ask(() => {
    first.delete(form);
    location.assign(wanted);
  });
});

addEventListener("beforeunload", (event) => { if (dirty()) event.preventDefault(); });

document.addEventListener("htmx:afterSettle", watch);
document.addEventListener("htmx:historyRestore", watch);
watch();
