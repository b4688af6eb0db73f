// Menus are popovers of the browser. This adds the arrow keys, closing after a choice, and a place where CSS anchors are unknown.
{
  const items = (menu) => [...menu.querySelectorAll("a[href], button:not(:disabled), input:not([type=hidden]), select")];
  const opener = (menu) => document.querySelector(`[popovertarget="${menu.id}"]`);

  const place = (menu) => {
    const from = opener(menu)?.getBoundingClientRect();
    if (!from) return;
    const below = from.bottom + menu.offsetHeight + 8 < innerHeight;
    const left = menu.classList.contains("menu--end") ? from.right - menu.offsetWidth : from.left;
    menu.style.top = `${below ? from.bottom : Math.max(8, from.top - menu.offsetHeight - 8)}px`;
    menu.style.left = `${Math.max(8, Math.min(left, innerWidth - menu.offsetWidth - 8))}px`;
  };

  // `toggle` does not bubble; it can be caught on its way down.
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.(".menu[popover]")) return;
    const open = event.newState === "open";
    opener(menu)?.setAttribute("aria-expanded", String(open));
    if (!open) return;
    if (!CSS.supports("position-area: block-end")) place(menu);
    (menu.querySelector("[autofocus]") ?? items(menu)[0])?.focus();
  }, true);

  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest(".menu:popover-open");
    if (!menu || event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea")) return;
    const all = items(menu);
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all.at(to % all.length)?.focus();
  });

  document.addEventListener("click", (event) => {
    const item = event.target.closest(".menu__item");
    if (item) requestAnimationFrame(() => item.closest("[popover]:popover-open")?.hidePopover());
  });
}
