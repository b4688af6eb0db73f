// A row or card that somebody else changed is fetched anew, once nobody points at it, is in it or has ticked it; new records are counted and announced.
const changed = new Set();
const made = new Set();
let soon = 0;

const busy = (row) => row.matches(":hover") || row.contains(document.activeElement) || Boolean(row.querySelector("[data-select]:checked"));

const announce = () => {
  const place = document.getElementById("fresh");
  if (!place) return;
  const notice = document.getElementById("fresh-template").content.cloneNode(true);
  notice.querySelector("span").textContent = `${made.size} new, show`;
  place.replaceChildren(notice);
};

// A card goes over into the lane (`data-lane`) where it belongs now, to its place by `data-rank`; the heads count anew.
const lane = (node) => node.closest("[data-lane]")?.dataset.lane;
const move = (old, now, page) => {
  const cards = document.querySelector(`[data-lane="${lane(now)}"] ol`);
  const card = document.importNode(now, true);
  old.remove();
  cards.insertBefore(card, [...cards.children].find((other) => !(Number(other.dataset.rank) >= Number(card.dataset.rank))) ?? null);
  htmx.process(card);
  for (const head of page.querySelectorAll("[data-lane] > header")) {
    const place = document.getElementById(head.id);
    if (place && !place.isEqualNode(head)) htmx.swap(place, head.outerHTML, { swapStyle: "outerHTML" });
  }
};

const renew = async () => {
  const ids = [...changed].filter((id) => { const row = document.getElementById(id); return row && !busy(row); });
  for (const id of ids) changed.delete(id);
  if (ids.length) {
    const query = new URLSearchParams(location.search);
    for (const name of ["cursor", "page"]) query.delete(name);
    query.set("ids", ids.map((id) => id.slice(id.indexOf("-") + 1)).join(","));
    const answer = await fetch(`${location.pathname}?${query}`, { headers: { "HX-Request": "true", "HX-Target": "results" } });
    if (!answer.ok) return;
    const rows = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ids) {
      const [old, now] = [document.getElementById(id), rows.getElementById(id)];
      // One that no longer belongs here keeps its place, so that nothing moves.
      if (old && !now) old.dataset.gone = "";
      else if (old && busy(old)) changed.add(id);
      else if (old && lane(old) !== lane(now)) move(old, now, rows);
      else if (old) htmx.swap(old, now.outerHTML, { swapStyle: "outerHTML" });
    }
  }
  later();
};

const later = () => {
  clearTimeout(soon);
  if (changed.size) soon = setTimeout(renew, 400);
};

document.addEventListener("htmx:wsBeforeMessage", ({ detail }) => {
  for (const [, id, what] of String(detail.message).matchAll(/data-row="([^"]+)" data-what="([^"]+)"/g)) {
    if (document.getElementById(id)) changed.add(id);
    else if (what === "created" || what === "imported") made.add(id);
  }
  if (made.size) announce();
  later();
});

document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id !== "main" && target.id !== "results") return;
  made.clear();
  changed.clear();
});
