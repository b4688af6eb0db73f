// The records that were opened last stand first in the palette. They are kept in this browser, for whoever is signed in, until they sign out.
{
  const SHOWN = 6;
  const RECORD = /^\/w\/[^/]+\/[a-z-]+\/[0-9a-f-]{36}$/;
  const place = () => `recent:${location.pathname.split("/")[2]}`;
  const who = () => document.querySelector(".menu__who small")?.textContent;

  const read = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(place()));
      return kept?.who === who() ? kept.items : [];
    } catch { return []; }
  };

  const note = () => {
    const url = location.pathname;
    const title = document.querySelector("#main h1")?.textContent.trim();
    if (!RECORD.test(url) || !title || document.querySelector("#main [data-error]")) return;
    const icon = document.querySelector(`#nav a[href="${url.slice(0, url.lastIndexOf("/"))}"] use`)?.getAttribute("href");
    const items = [{ url, title, icon }, ...read().filter((item) => item.url !== url)].slice(0, SHOWN + 1);
    try { localStorage.setItem(place(), JSON.stringify({ who: who(), items })); } catch { /* not kept */ }
  };

  const option = ({ url, title, icon }) => {
    const made = document.querySelector("#palette-commands [role=option]").cloneNode(true);
    for (const name of ["id", "aria-selected", "hidden"]) made.removeAttribute(name);
    made.href = url;
    made.querySelector("use").setAttribute("href", icon ?? "/static/icons.svg#history");
    const text = made.querySelector(".palette__text");
    text.textContent = title;
    text.nextElementSibling?.remove();
    const hint = document.createElement("span");
    hint.className = "palette__hint";
    hint.textContent = "Recent";
    text.after(hint);
    return made;
  };

  document.addEventListener("toggle", (event) => {
    const group = event.target.querySelector?.("#palette-recent");
    if (!group || event.newState !== "open") return;
    const others = read().filter((item) => item.url !== location.pathname);
    group.replaceChildren(...others.slice(0, SHOWN).map(option));
    htmx.process(group);
  }, true);

  // What is typed asks the search instead.
  document.addEventListener("input", ({ target }) => {
    if (!target.matches("#palette [name=q]")) return;
    for (const one of document.querySelectorAll("#palette-recent [role=option]")) one.hidden = Boolean(target.value.trim());
  });

  document.addEventListener("submit", ({ target }) => {
    if (!target.matches("form[action='/logout']")) return;
    for (const key of Object.keys(localStorage)) if (key.startsWith("recent:")) localStorage.removeItem(key);
  });

  document.addEventListener("htmx:afterSettle", ({ target }) => { if (target.id === "main") note(); });
  document.addEventListener("DOMContentLoaded", note);
}
