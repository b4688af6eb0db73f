// A select of records (`data-chooser="url"`) becomes a field that searches all of them; the select stays what is sent.
const dress = (select) => {
  const url = select.dataset.chooser;
  const other = select.dataset.chooserOther && select.form?.elements[select.dataset.chooserOther];
  const box = document.createElement("div");
  const input = document.createElement("input");
  const list = document.createElement("ul");
  const id = `chooser-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const common = [...select.options].filter((option) => option.value).map((option) => ({ id: option.value, title: option.text }));
  let items = [];
  let at = -1;
  let waiting = 0;

  box.className = "chooser";
  Object.assign(input, { className: "input", type: "text", autocomplete: "off", id: select.id, placeholder: select.labels?.length ? "Search…" : `${select.getAttribute("aria-label") ?? "Search"}…`, spellcheck: false });
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", id], ["aria-autocomplete", "list"]]) input.setAttribute(name, value);
  for (const name of ["aria-label", "aria-describedby", "aria-invalid"]) {
    const value = select.getAttribute(name) ?? (name === "aria-label" ? document.querySelector(`label[for="${CSS.escape(select.id)}"]`)?.textContent.trim() : null);
    if (value) input.setAttribute(name, value);
  }
  Object.assign(list, { className: "chooser__list", id, hidden: true });
  list.setAttribute("role", "listbox");
  select.removeAttribute("id");
  select.hidden = true;
  select.tabIndex = -1;
  select.after(box);
  box.append(input, list);
  if (other) other.type = "hidden";

  const chosen = () => select.selectedOptions[0]?.value ? select.selectedOptions[0].text : other?.value ?? "";
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    at = index;
    for (const [i, option] of [...list.children].entries()) option.setAttribute("aria-selected", String(i === at));
    const option = list.children[at];
    if (option) {
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    }
  };
  const show = (found) => {
    items = [...found];
    const typed = input.value.trim();
    if (other && typed && !items.some((item) => item.title.toLowerCase() === typed.toLowerCase())) items.push({ id: "", title: typed, fresh: true });
    list.replaceChildren(...items.map((item, i) => {
      const option = document.createElement("li");
      Object.assign(option, { className: "chooser__item", id: `${id}-${i}`, textContent: item.fresh ? `Add “${item.title}”` : item.title });
      option.setAttribute("role", "option");
      if (item.subtitle) {
        const small = document.createElement("small");
        small.textContent = item.subtitle;
        option.append(" ", small);
      }
      return option;
    }));
    list.hidden = !items.length;
    input.setAttribute("aria-expanded", String(items.length > 0));
    mark(typed && items.length ? 0 : -1);
  };
  const take = (item) => {
    if (item.id && ![...select.options].some((option) => option.value === item.id)) select.append(new Option(item.title, item.id));
    select.value = item.id;
    if (other) other.value = item.fresh ? item.title : "";
    input.value = item.title;
    close();
    for (const type of ["input", "change"]) select.dispatchEvent(new Event(type, { bubbles: true }));
  };
  const clear = () => take({ id: "", title: "" });
  const search = () => {
    const typed = input.value.trim();
    if (!typed) return show(common);
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      try {
        const answer = await fetch(`${url}?${new URLSearchParams({ q: typed })}`, { headers: { Accept: "application/json" } });
        const found = answer.ok ? (await answer.json()).items : [];
        if (input.value.trim() === typed && document.activeElement === input) show(found);
      } catch { /* The field stays as it is; the next key asks again. */ }
    }, 120);
  };

  input.value = chosen();
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => { if (list.hidden) show(common); });
  input.addEventListener("input", (event) => {
    event.stopPropagation();
    search();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); input.value = chosen(); return close(); }
    if (event.key === "ArrowDown" && list.hidden) show(common);
    else if (event.key === "ArrowDown") mark((at + 1) % items.length);
    else if (event.key === "ArrowUp") mark((at - 1 + items.length) % items.length);
    else if (event.key === "Enter" && !list.hidden && items[at]) take(items[at]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) take(items[[...list.children].indexOf(option)]);
  });
  input.addEventListener("blur", () => {
    if (!input.value.trim() && (select.value || other?.value)) clear();
    else input.value = chosen();
    close();
  });
};

const all = () => { for (const select of document.querySelectorAll("select[data-chooser]:not([hidden])")) dress(select); };
document.addEventListener("htmx:afterSettle", all);
document.addEventListener("htmx:historyRestore", all);
document.addEventListener("chooser:new", all);
all();
