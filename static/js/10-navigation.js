// What a page load would have done, after a swap of <main>: the scroll position, the focus, the breadcrumbs, a sign of life.
{
  const root = document.documentElement;
  const main = () => document.getElementById("main");
  const key = (address = location) => `scroll:${address.pathname}${address.search}`;

  const keep = () => {
    try { sessionStorage.setItem(key(), String(Math.round(scrollY))); } catch { /* not kept */ }
  };
  const recall = () => {
    try { return Number(sessionStorage.getItem(key())) || 0; } catch { return 0; }
  };

  if ("scrollRestoration" in history && main()) history.scrollRestoration = "manual";
  const kind = performance.getEntriesByType("navigation")[0]?.type;
  if (kind === "back_forward" || kind === "reload") scrollTo(0, recall());
  addEventListener("pagehide", keep);

  const navigates = (detail) => detail.boosted && detail.target === main();

  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (navigates(detail)) root.dataset.loading = "";
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (navigates(detail)) delete root.dataset.loading;
  });

  // Sorting, paging and changing the view leave the focus on the same link of the new page. What else is gone by a swap leaves
  // it to the first control of what came instead.
  const ways = "th a, .pager a, .views a, .tabs a";
  const controls = "a[href], button, input:not([type=hidden]), select, textarea";
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  // A box that is ticked in a list (`data-stays`) goes elsewhere with its line; the focus stays on the one that takes its place.
  const boxes = () => [...(main()?.querySelectorAll("[data-stays]") ?? [])];
  let stays = -1;
  let came = "";
  let cleared = false;
  let held = false;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const from = document.activeElement;
    held = detail.target.contains(from);
    stays = navigates(detail) ? boxes().indexOf(from) : -1;
    cleared = Boolean(from?.matches(".chip__clear"));
    came = navigates(detail) && from?.closest("main") && from.matches(ways) ? from.textContent.trim() : "";
  });

  document.addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
    // A refused form is shown again where the person is; its address answers no GET. htmx takes any type but a push for a replacement.
    if (detail.xhr.status >= 400 && detail.requestConfig.verb !== "get") {
      Object.assign(detail.history, { type: "replace", path: location.pathname + location.search });
    } else keep();
  });

  // A page whose matter is a form is opened to type.
  const begin = () => {
    const place = /\/(new|edit)$/.test(location.pathname) ? "#main form[data-guard]" : "#main.auth form";
    const form = document.querySelector(place);
    const first = form && [...form.querySelectorAll(controls)].find(shown);
    if (!first?.matches("input, select, textarea")) return false;
    first.focus({ preventScroll: true });
    return true;
  };

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const lost = !document.activeElement || document.activeElement === document.body;
    if (detail.target === main()) {
      const first = [...main().querySelectorAll("[autofocus]")].find(shown);
      const same = came && [...main().querySelectorAll(ways)].find((link) => link.textContent.trim() === came);
      const box = stays < 0 ? null : boxes()[stays] ?? boxes().at(-1);
      if (first) first.focus();
      else if (box) box.focus({ preventScroll: true });
      else if (same) same.focus({ preventScroll: true });
      else if (cleared && main().querySelector(".chip--add")) main().querySelector(".chip--add").focus({ preventScroll: true });
      else if ((document.activeElement === main() || !main().contains(document.activeElement)) && !begin()) main().focus({ preventScroll: true });
    } else if (held && lost && main()) {
      const place = document.getElementById(detail.target.id);
      const within = place?.querySelector("details[open]") ?? place;
      const next = [...(within?.querySelectorAll(controls) ?? [])].find((one) => shown(one) && !one.matches(".visually-hidden"));
      (next ?? main()).focus({ preventScroll: true });
    }
    held = false;
  });
  if (document.activeElement === document.body && !location.hash) begin();

  // Going back fetches the page anew; only <main> is taken from it, the rest of the frame is put right here.
  document.addEventListener("htmx:historyRestore", ({ detail }) => {
    if (detail.serverResponse) {
      const page = new DOMParser().parseFromString(detail.serverResponse, "text/html");
      for (const id of ["crumbs", "bell-count", "help-link", "live"]) {
        const [old, now] = [document.getElementById(id), page.getElementById(id)];
        if (!old || !now || old.isEqualNode(now)) continue;
        const fresh = document.importNode(now, true);
        htmx.swap(old, fresh.outerHTML, { swapStyle: "outerHTML" });
      }
    }
    scrollTo(0, recall());
  });
}
