// The filter editor: rows come and go, follow the field chosen, and travel as one JSON value. The markup is in
// ui/filter_editor.html, which holds a template of each part; without this file it is a plain form.
const catalogues = new WeakMap();
const editorOf = (node) => node.closest("[data-filter-editor]");
const part = (node, name) => node.querySelector(`[data-filter-${name}]`);
const copy = (editor, name) => editor.querySelector(`template[data-filter-template="${name}"]`).content.cloneNode(true);

// Only the JSON value is sent, so nothing else has a name, and no button sends.
const tame = (root) => {
  for (const control of root.querySelectorAll("[name]")) control.removeAttribute("name");
  for (const button of root.querySelectorAll("button")) button.type = "button";
  return root;
};

// What a chooser types its search into says nothing; its select does.
const controls = (rule) => [...part(rule, "value").querySelectorAll("input, select, textarea")].filter((control) => !control.closest(".chooser"));

// One that is not finished goes as it is: the server says what it needs.
const ruleOf = (rule) => {
  const field = part(rule, "field").value;
  if (!field) return null;
  const chosen = controls(rule).filter((control) => control.type !== "checkbox" || control.checked);
  const values = chosen.map((control) => control.value);
  const json = { field, op: part(rule, "op").value };
  if (values.length) json.value = values.length === 1 ? values[0] : values;
  return json;
};

const groupOf = (group) => {
  const nodes = [...part(group, "nodes").children];
  const parts = nodes.map((node) => (node.matches("[data-filter-rule]") ? ruleOf(node) : groupOf(node))).filter(Boolean);
  if (!parts.length) return null;
  const join = part(group, "join").value;
  return join === "all" ? { and: parts } : join === "any" ? { or: parts } : { not: { or: parts } };
};

const write = (editor, quietly = false) => {
  const json = part(editor, "json");
  const tree = groupOf(part(editor, "group"));
  const text = tree ? JSON.stringify(tree) : "";
  // An address with an empty parameter is no beauty.
  json.disabled = !text && json.form?.method === "get";
  if (json.value === text) return;
  json.value = text;
  if (quietly) return;
  for (const type of ["input", "change"]) json.dispatchEvent(new Event(type, { bubbles: true }));
};

const ask = (editor, rule) => {
  const { types, fields } = catalogues.get(editor);
  const [type, choices, finder] = fields[part(rule, "field").value] ?? [];
  const input = types[type]?.find(([name]) => name === part(rule, "op").value)?.[2] ?? "nothing";
  if (choices?.length || finder || !["one", "many"].includes(input)) return [input, choices, finder];
  return [input === "one" ? "text" : "texts", choices];
};

const control = (editor, rule, anew) => {
  const place = part(rule, "value");
  const [input, choices, finder] = ask(editor, rule);
  if (!anew && place.dataset.filterValue === input) return;
  place.dataset.filterValue = input;
  place.replaceChildren(...(input === "nothing" ? [] : [tame(copy(editor, input))]));
  if (input === "one") {
    const select = place.querySelector("select");
    select.append(...choices.map(([value, label]) => new Option(label, value)));
    if (finder) {
      select.dataset.chooser = finder;
      select.required = false;
      document.dispatchEvent(new Event("chooser:new"));
    }
  }
  if (input === "many") {
    const pattern = place.querySelector("label");
    for (const [value, label] of choices) {
      const choice = pattern.cloneNode(true);
      choice.querySelector("input").value = value;
      choice.querySelector("span").textContent = label;
      pattern.before(choice);
    }
    pattern.remove();
  }
};

const follow = (editor, rule) => {
  const { types, fields } = catalogues.get(editor);
  const ops = types[fields[part(rule, "field").value]?.[0]] ?? [];
  const op = part(rule, "op");
  const before = op.value;
  op.replaceChildren(...ops.map(([name, label]) => new Option(label, name)));
  if (ops.some(([name]) => name === before)) op.value = before;
  op.hidden = !ops.length;
  control(editor, rule, true);
};

const forgive = (rule) => {
  part(rule, "problem")?.remove();
  part(rule, "field").removeAttribute("aria-invalid");
};

const add = (editor, group, name) => {
  const nodes = part(group, "nodes");
  const node = tame(copy(editor, name)).querySelector("[data-filter-rule], [data-filter-group]");
  nodes.append(node);
  if (name === "group") {
    part(node, "join").value = "any";
    let depth = 0;
    for (let at = node; at; at = at.parentElement.closest("[data-filter-group]")) depth += 1;
    if (depth >= 5) part(node, "nest").remove();
    add(editor, node, "rule");
  } else part(node, "field").focus();
};

const remove = (editor, node) => {
  const group = node.parentElement.closest("[data-filter-group]");
  const beside = node.nextElementSibling ?? node.previousElementSibling;
  node.remove();
  (beside ? part(beside, "field") : [...group.querySelectorAll("[data-filter-add]")].at(-1))?.focus();
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-filter-add], [data-filter-nest], [data-filter-remove]");
  const editor = button && editorOf(button);
  if (!editor || !catalogues.has(editor)) return;
  const group = button.closest("[data-filter-group]");
  if (button.matches("[data-filter-add]")) add(editor, group, "rule");
  else if (button.matches("[data-filter-nest]")) add(editor, group, "group");
  else remove(editor, button.closest("[data-filter-rule], [data-filter-group]"));
  write(editor);
});

const changed = (event) => {
  const editor = event.target.closest?.("[data-filter-group]") && editorOf(event.target);
  if (!editor) return;
  const rule = event.target.closest("[data-filter-rule]");
  if (rule && event.type === "change") {
    if (event.target.matches("[data-filter-field]")) follow(editor, rule);
    else if (event.target.matches("[data-filter-op]")) control(editor, rule, false);
  }
  if (rule) forgive(rule);
  write(editor);
};
document.addEventListener("input", changed);
document.addEventListener("change", changed);

// The panel of a list's filter opens from its chips, and closes like a menu.
document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-filter-open]");
  for (const details of document.querySelectorAll("[data-filter-details][open]")) {
    if (!chip && !details.contains(event.target) && event.target.isConnected) details.open = false;
  }
  const details = chip && part(chip.closest("[data-filter-bar]"), "details");
  if (!details || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  details.open = true;
  part(details, "field")?.focus();
}, true);
document.addEventListener("keydown", (event) => {
  const details = event.key === "Escape" && event.target.closest?.("[data-filter-details][open]");
  if (!details) return;
  event.stopPropagation();
  details.open = false;
  details.querySelector("summary").focus();
}, true);

const start = () => {
  for (const editor of document.querySelectorAll("[data-filter-editor]")) {
    if (catalogues.has(editor)) continue;
    catalogues.set(editor, JSON.parse(editor.dataset.filterEditor));
    tame(part(editor, "group"));
    write(editor, true);
  }
};
document.addEventListener("htmx:afterSettle", start);
document.addEventListener("htmx:historyRestore", start);
start();
