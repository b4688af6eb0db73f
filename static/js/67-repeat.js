// Groups of fields that repeat (`data-repeat`): lines are added and removed; the numbers in their names stay in order.
{
  const lines = (group) => [...group.querySelectorAll("[data-repeat-line]")];
  const fields = (line) => [...line.querySelectorAll("[name]")];

  const number = (group) => {
    for (const [i, line] of lines(group).entries()) {
      for (const field of fields(line)) field.name = field.name.replace(/\.\d+(?=\.|$)/, `.${i}`);
    }
  };
  const changed = (group) => group.dispatchEvent(new Event("input", { bubbles: true }));

  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-repeat-add]");
    const remove = event.target.closest("[data-repeat-remove]");
    const group = (add ?? remove)?.closest("[data-repeat]");
    if (!group) return;
    const last = lines(group).at(-1);
    const line = add ? last.cloneNode(true) : remove.closest("[data-repeat-line]");
    if (add) last.after(line);
    if (add || line === last && lines(group).length === 1) for (const field of fields(line)) field.value = "";
    else line.remove();
    number(group);
    (add ? fields(line)[0] : group.querySelector("[data-repeat-add]")).focus();
    changed(group);
  });
}
