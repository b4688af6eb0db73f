// Single keys and pairs of them. An element says its keys in `data-keys`; pressing them clicks it.
// Where several have the same, the nearest to the hand wins: a dialog, the bulk bar, the row under the cursor, <main>, the frame.
{
  const root = document.documentElement;
  const allowed = () => root.dataset.shortcuts !== "off";
  const typing = (target) => target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]");
  const usable = (element) => element.checkVisibility({ visibilityProperty: true }) || element.closest("[popover], .table__actions, .sidebar");

  // The space bar scrolls, but for a row that is held.
  const held = () => {
    const at = document.activeElement;
    return at.matches("button, input, select, summary") ? null : at.closest("[data-rows] [aria-current=true]");
  };

  const find = (keys) => {
    if (keys === " ") return document.querySelector("dialog[open]") ? null : held()?.querySelector("[data-keys=' ']");
    const selector = `[data-keys="${CSS.escape(keys)}"]`;
    const dialog = document.querySelector("dialog[open]");
    const places = dialog ? [dialog] : [
      document.querySelector("[data-bulk][data-active]"),
      document.querySelector("tr[aria-current=true], [data-row][aria-current=true]"),
      keys === "z" ? document.getElementById("toasts") : null,
      document.getElementById("main"),
      document,
    ];
    for (const place of places) {
      const found = [...(place?.querySelectorAll(selector) ?? [])].filter(usable);
      if (found.length) return keys === "z" ? found.at(-1) : found[0];
    }
    return null;
  };

  // What the bulk bar does is done to the row under the cursor, while no row is ticked.
  const chosen = (keys) => {
    const box = current()?.querySelector("[data-select]");
    if (!box || document.querySelector("dialog[open], [data-bulk][data-active]")) return false;
    if (!box.form?.querySelector(`[data-keys="${CSS.escape(keys)}"]`)) return false;
    box.click();
    return true;
  };

  const rows = () => [...document.querySelectorAll("[data-rows] tbody > tr, [data-rows] > [data-row]")];
  const current = () => document.querySelector("[data-rows] [aria-current=true]:is(tr, [data-row])");
  const move = (step) => {
    const all = rows();
    if (!all.length) return false;
    const at = all.indexOf(current());
    const row = all[Math.max(0, Math.min(all.length - 1, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step))];
    current()?.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    row.querySelector("[data-open]")?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    return true;
  };

  const actions = {
    j: () => move(1),
    k: () => move(-1),
    x: () => current()?.querySelector("[data-select]")?.click() ?? Boolean(current()),
    Enter: () => document.activeElement === document.body && current()?.querySelector("[data-open]")?.click(),
    "/": () => {
      const search = document.querySelector("#main [data-search]");
      if (search) search.select();
      else document.getElementById("palette")?.showModal();
      return true;
    },
    c: () => (document.querySelector("#main [data-create]") ?? document.querySelector("[data-create]"))?.click() ?? true,
    "?": () => { document.getElementById("shortcuts")?.showModal(); return true; },
  };

  let prefix = "";
  let timer = 0;

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      const form = event.target.closest("form");
      const save = form?.querySelector("[data-save]") ?? document.querySelector("#main [data-save]");
      if (save) { event.preventDefault(); save.click(); }
      return;
    }
    if (event.key === "Escape" && event.target.matches("[data-search]")) return event.target.blur();
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || event.target.closest(".menu:popover-open") || !allowed()) return;

    const keys = prefix ? `${prefix} ${event.key}` : event.key;
    clearTimeout(timer);
    prefix = "";
    if (event.key === "g" && keys === "g") {
      prefix = "g";
      timer = setTimeout(() => { prefix = ""; }, 1200);
      return;
    }

    chosen(keys);
    const target = find(keys);
    if (target) {
      event.preventDefault();
      target.click();
    } else if (!document.querySelector("dialog[open]") && actions[keys]?.()) {
      event.preventDefault();
    }
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-rows] tbody > tr, [data-rows] > [data-row]");
    if (!row || row === current()) return;
    current()?.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
  });

  const control = document.querySelector("[data-shortcuts-switch]");
  if (control) {
    control.addEventListener("change", () => {
      root.dataset.shortcuts = control.checked ? "on" : "off";
      fetch("/profile/theme", { method: "POST", body: new URLSearchParams({ shortcuts: control.checked }), redirect: "manual" })
        .catch(() => { /* It holds on this page; the next one comes with the old choice. */ });
    });
  }
}
