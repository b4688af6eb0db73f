// Help beside the page: what is fetched into #help-body opens it; the same topic asked for again, Escape and its cross close it.
{
  const panel = () => document.getElementById("help");
  const close = () => {
    panel().hidden = true;
    document.getElementById("help-link")?.focus();
  };

  document.addEventListener("htmx:beforeRequest", (event) => {
    const link = event.target.closest?.("#help-link");
    if (!link || panel().hidden || panel().dataset.shows !== link.pathname) return;
    event.preventDefault();
    close();
  });

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target?.id !== "help-body") return;
    panel().hidden = false;
    panel().dataset.shows = new URL(detail.pathInfo.requestPath, location).pathname;
    detail.target.scrollTop = 0;
    detail.target.focus({ preventScroll: true });
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help-closes]")) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest?.("#help")) close();
  });
}
