// A field of tags separated by commas, shown as chips. The field itself stays what is sent.
const tags = (field) => field.value.split(",").map((tag) => tag.trim()).filter(Boolean);

const dress = (field) => {
  const box = document.createElement("div");
  box.className = "input tag-input";
  const entry = document.createElement("input");
  entry.setAttribute("list", field.getAttribute("list"));
  entry.autocomplete = "off";
  entry.id = field.id;
  entry.setAttribute("aria-describedby", field.getAttribute("aria-describedby") ?? "");
  field.removeAttribute("id");
  field.removeAttribute("list");
  field.type = "hidden";
  field.after(box);
  box.append(entry);

  const draw = () => {
    for (const chip of box.querySelectorAll(".tag")) chip.remove();
    for (const name of tags(field)) {
      const chip = document.createElement("span");
      chip.className = "tag";
      chip.append(name);
      const cross = document.createElement("button");
      cross.type = "button";
      cross.textContent = "×";
      cross.setAttribute("aria-label", `Remove ${name}`);
      cross.addEventListener("click", () => { write(tags(field).filter((tag) => tag !== name)); entry.focus(); });
      chip.append(cross);
      entry.before(chip);
    }
  };
  const write = (list) => {
    field.value = [...new Set(list)].join(", ");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    draw();
  };
  const take = () => {
    if (entry.value.trim()) write([...tags(field), ...entry.value.split(",").map((tag) => tag.trim()).filter(Boolean)]);
    entry.value = "";
  };

  entry.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" && entry.value.trim() && !event.ctrlKey && !event.metaKey) || event.key === ",") { event.preventDefault(); take(); }
    else if (event.key === "Backspace" && !entry.value) write(tags(field).slice(0, -1));
  });
  entry.addEventListener("blur", take);
  entry.addEventListener("input", (event) => event.stopPropagation());
  box.addEventListener("click", (event) => { if (event.target === box) entry.focus(); });
  draw();
};

const all = () => { for (const field of document.querySelectorAll("input[data-tags]:not([type=hidden])")) dress(field); };
document.addEventListener("htmx:afterSettle", all);
document.addEventListener("htmx:historyRestore", all);
all();
