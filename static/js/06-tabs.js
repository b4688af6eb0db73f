// The current tab is in sight where the row of tabs is wider than the screen.
{
  const show = () => {
    for (const tabs of document.querySelectorAll(".tabs")) {
      const tab = tabs.querySelector("[aria-current]");
      if (tab) tabs.scrollLeft = tab.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;
    }
  };
  document.addEventListener("htmx:afterSettle", ({ target }) => { if (target.id === "main") show(); });
  document.addEventListener("DOMContentLoaded", show);
}
