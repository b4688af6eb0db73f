// Groups of fields that repeat (`data-repeat`): lines are added, removed and moved up; the numbers in their names and
// ids stay in order. `data-fresh` is what a field of a new line begins with.
const lines = (group) => [...group.querySelectorAll("[data-repeat-line]")];
const fields = (line) => [...line.querySelectorAll("[name]")];

const number = (group) => {
  for (const [i, line] of lines(group).entries()) {
    for (const node of line.querySelectorAll("*")) for (const name of ["name", "id", "for", "aria-describedby"]) {
      const value = node.getAttribute(name);
      if (value) node.setAttribute(name, value.replace(/\.\d+(?=\.|$)/, `.${i}`));
    }
  }
};
const empty = (line) => {
  for (const said of line.querySelectorAll(".field__error")) said.remove();
  for (const field of fields(line)) {
    field.removeAttribute("aria-invalid");
    if (field.type === "checkbox") field.checked = false;
    else if (field.options) field.selectedIndex = 0;
    else field.value = field.dataset.fresh ?? "";
  }
};

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-repeat-add], [data-repeat-remove], [data-repeat-up]");
  const group = button?.closest("[data-repeat]");
  if (!group) return;
  const last = lines(group).at(-1);
  const own = button.closest("[data-repeat-line]");
  const adds = button.matches("[data-repeat-add]");
  if (adds) {
    const line = last.cloneNode(true);
    last.after(line);
    empty(line);
    fields(line)[0].focus();
  } else if (button.matches("[data-repeat-up]")) {
    lines(group)[lines(group).indexOf(own) - 1]?.before(own);
    button.focus();
  } else {
    if (lines(group).length === 1) empty(own);
    else own.remove();
    group.querySelector("[data-repeat-add]").focus();
  }
  number(group);
  group.dispatchEvent(new Event("input", { bubbles: true }));
});
