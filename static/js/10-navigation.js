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

  // Sorting, paging and changing the view leave the focus on the same link of the new page.
  const ways = "th a, .pager a, .views a, .tabs a";
  let came = "";
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const from = document.activeElement;
    came = navigates(detail) && from?.closest("main") && from.matches(ways) ? from.textContent.trim() : "";
  });

  document.addEventListener("htmx:beforeHistoryUpdate", ({ detail }) => {
    // A refused form is shown again where the person is; its address answers no GET.
    if (detail.xhr.status >= 400 && detail.requestConfig.verb !== "get") detail.history.type = null;
    else keep();
  });

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target !== main() || !detail.boosted) return;
    const first = main().querySelector("[autofocus]");
    const same = came && [...main().querySelectorAll(ways)].find((link) => link.textContent.trim() === came);
    if (first) first.focus();
    else if (same) same.focus({ preventScroll: true });
    else if (!main().contains(document.activeElement)) main().focus({ preventScroll: true });
  });

  // Going back fetches the page anew; only <main> is taken from it, the rest of the frame is put right here.
  document.addEventListener("htmx:historyRestore", ({ detail }) => {
    if (detail.serverResponse) {
      const page = new DOMParser().parseFromString(detail.serverResponse, "text/html");
      for (const id of ["crumbs", "bell-count", "live"]) {
        const [old, now] = [document.getElementById(id), page.getElementById(id)];
        if (!old || !now || old.isEqualNode(now)) continue;
        const fresh = document.importNode(now, true);
        htmx.swap(old, fresh.outerHTML, { swapStyle: "outerHTML" });
      }
    }
    scrollTo(0, recall());
  });
}
