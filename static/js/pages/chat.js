// Chat: what is announced (`data-news`) is asked for by the parts that show it (`data-news-of`) and by the list of
// conversations; Enter sends; what was sent leaves the field.
const news = new Set();
let soon = 0;
let later = 0;
let waiting = 0;

const quiet = (part) => !part.matches(":hover") && !part.contains(document.activeElement);
const busy = (part) => part.closest(".discussion")?.contains(document.activeElement);
const parts = () => [...document.querySelectorAll("[data-news-of]")].filter((part) => news.has(part.dataset.newsOf));

const show = () => {
  if (document.hidden) return;
  for (const part of parts()) {
    // What is being typed beside a record stays.
    if (!busy(part)) htmx.trigger(part, "news");
  }
  news.clear();
};
// The list may come in another order, so it waits until nobody points at it.
const order = () => {
  clearTimeout(waiting);
  const list = document.querySelector("[data-news-list]");
  if (list && quiet(list.parentElement)) htmx.trigger(list, "news");
  else if (list) waiting = setTimeout(order, 1500);
};
const reorder = () => {
  clearTimeout(later);
  later = setTimeout(() => { if (!document.hidden) order(); }, 300 + Math.random() * 500);
};

document.addEventListener("htmx:wsBeforeMessage", ({ detail }) => {
  for (const [, of, rest] of String(detail.message).matchAll(/data-news="([^"]+)"([^>]*)/g)) {
    news.add(of);
    const about = rest.match(/data-about="([^"]+)"/)?.[1];
    if (about) news.add(about);
    const changed = rest.match(/data-changed="([^"]+)"/)?.[1];
    const place = changed && document.getElementById(`message-${changed}`);
    const log = document.querySelector(".chat__pane [data-news-of]");
    if (place && log && !place.contains(document.activeElement)) {
      htmx.ajax("GET", `${log.getAttribute("hx-get")}/${changed}`, { target: place, swap: "outerHTML" });
    }
    clearTimeout(soon);
    soon = setTimeout(show, 60);
    reorder();
  }
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) { show(); reorder(); } });

document.addEventListener("keydown", (event) => {
  const form = event.target.matches?.("[data-sends] textarea") && event.target.form;
  if (!form || event.defaultPrevented || event.isComposing) return;
  if (event.key === "Escape") return form.querySelector("[data-cancel]")?.click();
  if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (event.target.value.trim()) form.requestSubmit();
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.elt;
  if (!form.matches?.("[data-sends]") || !detail.successful || detail.requestConfig.verb !== "post") return;
  if (form.isConnected) {
    form.querySelector("[data-reply]")?.remove();
    form.reset();
    form.querySelector("textarea").focus();
  } else document.querySelector("#discussion textarea")?.focus();
  for (const none of document.querySelectorAll(".talk__none")) none.remove();
  const log = document.querySelector(".chat__log");
  if (log) log.scrollTop = log.scrollHeight;
  reorder();
});

// Answering a message begins with writing.
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id === "composer" || target.matches(".talk__item--editing")) target.querySelector("textarea")?.focus();
});
