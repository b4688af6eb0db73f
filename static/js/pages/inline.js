// A fact changed where it stands: Enter or leaving it saves, Escape brings it back, and the focus stays with it.
const value = (form) => new URLSearchParams(new FormData(form)).toString();
const before = new WeakMap();

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  const id = detail.target?.id;
  const place = id && document.getElementById(id);
  const form = place?.querySelector("[data-inline]");
  if (form) {
    if (!before.has(form)) before.set(form, value(form));
    const control = form.querySelector("input:not([type=hidden]), select, textarea");
    control?.focus();
    if (control?.matches("input, textarea")) control.select();
  } else if (place?.matches(".fact") && document.activeElement === document.body) {
    place.querySelector("[data-edit]")?.focus();
  }
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-inline]");
  if (!form) return;
  if (event.key === "Escape") {
    event.preventDefault();
    before.delete(form);
    form.querySelector("[data-cancel]")?.click();
  }
});

document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.("[data-inline]");
  if (!form || form.contains(event.relatedTarget) || !before.has(form) || !document.hasFocus()) return;
  // Pressing Save or Cancel blurs the field first in some browsers.
  setTimeout(() => {
    if (!form.isConnected || form.contains(document.activeElement) || form.matches(".htmx-request") || !before.has(form)) return;
    if (value(form) === before.get(form)) form.querySelector("[data-cancel]")?.click();
    else form.requestSubmit();
  }, 120);
});

// A click on the value is the same as pressing its pencil, unless it leads somewhere or ends the marking of words.
document.addEventListener("click", (event) => {
  const value = event.target.closest?.(".fact__value");
  if (!value || event.target.closest("a, button") || !getSelection().isCollapsed) return;
  value.querySelector("[data-edit]")?.click();
});
