// What is announced in chat (`data-news`) changes the count in the sidebar; the conversations are with pages/chat.js.
{
  let later = 0;

  // Many pages hear of a message at once, and not all of them ask at once.
  const count = () => {
    clearTimeout(later);
    later = setTimeout(() => {
      if (document.hidden) return;
      for (const counter of document.querySelectorAll(".sidebar__count")) htmx.trigger(counter, "news");
    }, 300 + Math.random() * 500);
  };
  document.addEventListener("htmx:wsBeforeMessage", ({ detail }) => { if (String(detail.message).includes("data-news=")) count(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) count(); });
  document.addEventListener("htmx:afterRequest", ({ detail }) => { if (detail.elt.matches?.("[data-sends]") && detail.successful) count(); });
}
