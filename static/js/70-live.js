// The page's one WebSocket: tells which rooms the page shows (`data-room`), says discreetly when it is gone,
// catches up after it is back, and never changes what somebody is typing in.
{
  const socket = () => document.getElementById("live");
  const status = () => document.getElementById("live-state");
  let last = "";
  let lost = 0;
  let opened = false;
  let leaving = false;
  let receiving = false;
  let wire = null;
  let told = "";

  const tell = () => {
    const rooms = [...new Set([...document.querySelectorAll("[data-room]")].map((element) => element.dataset.room))].sort();
    const words = JSON.stringify({ rooms });
    if (!wire || words === told) return;
    told = words;
    wire.send(words);
  };

  const newer = (a, b) => (/^\d+$/.test(a) && /^\d+$/.test(b) ? BigInt(a) > BigInt(b) : a > b);
  const seen = (id) => { if (id && (!last || newer(id, last))) last = id; };
  const scan = (node) => {
    if (node.dataset?.event) seen(node.dataset.event);
    for (const element of node.querySelectorAll?.("[data-event]") ?? []) seen(element.dataset.event);
  };

  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });

  document.addEventListener("htmx:wsOpen", ({ detail }) => {
    clearTimeout(lost);
    lost = 0;
    if (status()?.textContent) status().textContent = "";
    wire = detail.socketWrapper;
    told = JSON.stringify({ rooms: [] });
    tell();
    if (opened && last) wire.send(JSON.stringify({ since: last }));
    opened = true;
  });

  document.addEventListener("live:say", ({ detail }) => wire?.send(JSON.stringify(detail)));

  document.addEventListener("htmx:wsClose", (event) => {
    if (leaving || event.target !== socket()) return;
    wire = null;
    // A blink of a restart is not worth a word; every vain try comes by here again.
    lost ||= setTimeout(() => { if (status()) status().textContent = "Offline, reconnecting…"; }, 2000);
    // The extension comes back by itself after these codes only.
    const { event: close, socketWrapper } = event.detail;
    if (![1006, 1011, 1012, 1013, 1008].includes(close.code)) {
      setTimeout(() => { if (event.target.isConnected) socketWrapper.reconnect(); }, 500 + Math.random() * 2500);
    }
  });

  document.addEventListener("htmx:wsBeforeMessage", (event) => {
    // The timeline or the page that it is for has been left meanwhile; whoever else wants to know has heard it.
    const part = event.detail.message.match(/id="(timeline-items|presence-[^"]+)"/)?.[1];
    if (part && !document.getElementById(part)) event.preventDefault();
    else receiving = true;
  });
  document.addEventListener("htmx:wsAfterMessage", ({ detail }) => {
    receiving = false;
    for (const [, id] of String(detail.message).matchAll(/data-event="([^"]+)"/g)) seen(id);
  });

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    if (target.id === "live") {
      const next = fragment.firstElementChild?.getAttribute("ws-connect");
      if (next === target.getAttribute("ws-connect")) event.detail.shouldSwap = false;
      return;
    }
    if (!receiving) return;
    // What this page already drew itself, because it caused it, comes again over the wire.
    for (const part of [...(fragment.children ?? [])]) {
      const own = part.id && part.id !== target.id && target.querySelector(`#${CSS.escape(part.id)}`);
      // The day's heading stays above what happens on it.
      if (own) (part.id === "timeline-today" ? own : part).remove();
    }
    const editing = document.activeElement;
    if (target.contains(editing) && editing.matches("input:not([type=checkbox]), textarea, select, [contenteditable=true]")) {
      event.detail.shouldSwap = false;
      target.dataset.stale = "";
    }
  });

  // "3 new, show": the same page again, without leaving it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#fresh a[href='']");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    htmx.ajax("GET", location.pathname + location.search, { target: "#main", swap: "innerHTML" });
  });

  document.addEventListener("htmx:afterSettle", ({ target }) => {
    scan(target);
    tell();
  });
  document.addEventListener("htmx:historyRestore", tell);
  scan(document);
}
