// The checkbox column: ranges with Shift, all on the page, all that match; the bulk bar follows.
const boxes = (form) => [...document.querySelectorAll(`[data-select][form="${form.id}"]`)];
const every = (form) => form.querySelector("[data-select-matching]");
let last = null;

const show = (form) => {
  const all = boxes(form);
  const chosen = all.filter((box) => box.checked).length;
  const matching = every(form)?.checked;
  form.toggleAttribute("data-active", chosen > 0);
  const words = matching ? "All selected" : `${chosen.toLocaleString("en")} selected`;
  const count = form.querySelector("[data-bulk-count]");
  if (count && count.textContent !== words) count.textContent = words;
  for (const head of document.querySelectorAll(`[data-select-all="${form.id}"]`)) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
};

const clear = (form) => {
  for (const box of boxes(form)) box.checked = false;
  if (every(form)) every(form).checked = false;
  show(form);
};

document.addEventListener("click", (event) => {
  const box = event.target;
  if (box.matches?.("[data-select]") && box.form) {
    const all = boxes(box.form);
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const other of all.slice(from, to + 1)) other.checked = box.checked;
    }
    last = box;
    if (!box.checked && every(box.form)) every(box.form).checked = false;
    show(box.form);
  }
  const clearing = box.closest?.("[data-bulk-clear]");
  if (clearing) clear(clearing.closest("[data-bulk]"));
});

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.matches("[data-select-all]")) {
    const form = document.getElementById(box.dataset.selectAll);
    if (!form) return;
    for (const other of boxes(form)) other.checked = box.checked;
    if (!box.checked && every(form)) every(form).checked = false;
    show(form);
  } else if (box.matches("[data-select-matching]")) {
    if (box.checked) for (const other of boxes(box.form)) other.checked = true;
    show(box.form);
  }
});

document.addEventListener("keydown", (event) => {
  // Enter on a tick would send the form, with a button that nobody chose.
  if (event.key === "Enter" && event.target.matches("[data-select], [data-select-matching]")) return event.preventDefault();
  if (event.key !== "Escape" || document.querySelector("dialog[open], :popover-open")) return;
  const form = document.querySelector("[data-bulk][data-active]");
  if (form) clear(form);
});

// The browser puts ticks back after a reload, and a swap may take ticked rows away.
const refresh = () => { for (const form of document.querySelectorAll("[data-bulk]")) show(form); };
document.addEventListener("htmx:afterSettle", refresh);
addEventListener("pageshow", refresh);
refresh();
