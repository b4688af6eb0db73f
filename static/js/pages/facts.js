// A record that somebody else changed while its page is open: its heading and its facts are fetched anew.
// They are morphed, so that nothing is lost from under the pointer; a fact that is being edited stays as it is.
let soon = 0;

// Its heading, its facts, and whatever the page names in `data-renews`.
const named = () => [...document.querySelectorAll("#main [data-renews]")].map((element) => element.dataset.renews);
const parts = () => [...document.querySelectorAll(["#main > .heading, #main .fact[id]:not(.fact--editing)", ...named()])];
const fresh = (page, part) => (part.id ? page.getElementById(part.id) : page.querySelector(".heading"));

const renew = async (room) => {
  if (!document.querySelector(room)) return;
  const address = location.href;
  const answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Target": "main" } });
  const text = answer.ok && (await answer.text());
  // Whoever has gone on meanwhile sees another page.
  if (!text || address !== location.href) return;
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const part of parts()) {
    const now = fresh(page, part);
    if (now && !now.isEqualNode(part)) htmx.swap(part, now.outerHTML, { swapStyle: "morph:outerHTML" }, { contextElement: document.body });
  }
};

document.addEventListener("htmx:wsBeforeMessage", ({ detail }) => {
  const told = [...String(detail.message).matchAll(/data-row="([^"-]+)-([^"]+)"/g)];
  const rooms = told.map(([, kind, id]) => `[data-room="${kind}:${id}"]`);
  const room = rooms.find((one) => document.querySelector(one));
  if (!room) return;
  clearTimeout(soon);
  // One's own change is answered by then, and says itself what it was.
  soon = setTimeout(renew, 300, room);
});
