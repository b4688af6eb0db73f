// The sidebar: collapsed or not (remembered), a drawer on a narrow screen, and which entry is current.
{
  const root = document.documentElement;

  const collapse = () => {
    const collapsed = root.dataset.sidebar !== "collapsed";
    if (collapsed) root.dataset.sidebar = "collapsed";
    else delete root.dataset.sidebar;
    try { localStorage.setItem("sidebar", collapsed ? "collapsed" : "open"); } catch { /* not remembered */ }
  };

  const drawer = (open) => {
    if (open === (root.dataset.drawer === "open")) return;
    if (open) root.dataset.drawer = "open";
    else delete root.dataset.drawer;
    document.querySelector(open ? "#sidebar a, #sidebar button" : "[data-drawer-open]")?.focus();
  };

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    if (on("[data-sidebar-toggle]")) collapse();
    else if (on("[data-drawer-open]")) { event.preventDefault(); drawer(true); }
    else if (on("[data-drawer-close]")) { event.preventDefault(); drawer(false); }
    else if (on("#nav a")) delete root.dataset.drawer;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.dataset.drawer) drawer(false);
  });

  // The longest address that the current one begins with is where we are.
  const mark = () => {
    const here = location.pathname;
    const links = [...document.querySelectorAll("#nav a")];
    const within = (path) => here === path || here.startsWith(path.replace(/\/$/, "") + "/");
    const exact = links.find((link) => link.pathname + link.search === here + location.search);
    // Home is where its own address is, and not wherever no other entry fits.
    const best = exact ?? links
      .filter((link) => !link.search && within(link.pathname) && (here === link.pathname || !/^\/w\/[^/]+$/.test(link.pathname)))
      .sort((a, b) => b.pathname.length - a.pathname.length)[0];
    for (const link of links) {
      if (link === best) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  };

  for (const name of ["htmx:pushedIntoHistory", "htmx:replacedInHistory", "htmx:historyRestore"]) {
    document.addEventListener(name, mark);
  }
}
