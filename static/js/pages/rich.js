// A text with signs for its format (`data-rich`): buttons (`data-mark`) and keys put them in, and @ offers the names in
// the datalist that it names.
const put = (field, before, after, chosen) => {
  const { selectionStart: start, selectionEnd: end, value } = field;
  field.setRangeText(before + (chosen ?? value.slice(start, end)) + after, start, end, "end");
  if (start === end && after) field.selectionEnd = field.selectionStart = start + before.length;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
};
const mark = (field, sign) => {
  if (sign === "[]()") {
    const text = field.value.slice(field.selectionStart, field.selectionEnd);
    return put(field, "[", "](https://)", text);
  }
  if (sign === "- ") {
    const line = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
    const lines = field.value.slice(line, field.selectionEnd).replace(/^/gm, sign);
    field.setRangeText(lines, line, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return field.focus();
  }
  put(field, sign, sign === "@" ? "" : sign);
};

let box = null;
const close = () => {
  box?.previousElementSibling?.removeAttribute("aria-activedescendant");
  box?.remove();
  box = null;
};
const choose = (field, option) => {
  const at = field.value.lastIndexOf("@", field.selectionStart - 1);
  field.setRangeText(`@${option.textContent} `, at, field.selectionStart, "end");
  close();
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.focus();
};
const mine = (field, item, on) => {
  item.setAttribute("aria-selected", on);
  if (on) field.setAttribute("aria-activedescendant", item.id);
};
const offer = (field) => {
  close();
  const typed = field.value.slice(0, field.selectionStart).match(/(?:^|[\s(])@([\p{L}'.-]*(?: [\p{L}'.-]*)?)$/u);
  const known = document.getElementById(field.dataset.rich);
  if (!typed || !known) return;
  const want = typed[1].toLowerCase();
  const found = [...known.options].filter(({ value }) => value.toLowerCase().split(" ").some((_, i, words) =>
    words.slice(i).join(" ").startsWith(want)) && value.toLowerCase() !== want).slice(0, 6);
  if (!found.length) return;
  box = document.createElement("ul");
  box.className = "names";
  box.role = "listbox";
  box.ariaLabel = "Colleagues";
  for (const [i, { value }] of found.entries()) {
    const item = document.createElement("li");
    item.role = "option";
    item.textContent = value;
    item.id = `colleague-${i}`;
    mine(field, item, i === 0);
    item.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(field, item); });
    box.append(item);
  }
  field.after(box);
};

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-mark]");
  const field = button?.closest("form").querySelector("[data-rich]");
  if (field) mark(field, button.dataset.mark);
});
document.addEventListener("input", ({ target }) => { if (target.matches("[data-rich]")) offer(target); });
document.addEventListener("focusout", ({ target }) => { if (target.matches("[data-rich]")) close(); });
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-rich]")) return;
  const sign = (event.ctrlKey || event.metaKey) && { b: "**", i: "*" }[event.key];
  if (sign) {
    event.preventDefault();
    return mark(field, sign);
  }
  if (!box) return;
  const items = [...box.children];
  const here = items.findIndex((item) => item.ariaSelected === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    mine(field, items[here], false);
    mine(field, items[(here + step + items.length) % items.length], true);
  } else if (event.key === "Enter" || event.key === "Tab") choose(field, items[here]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
