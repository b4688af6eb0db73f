// `data-opens="id"` opens a dialog, `data-closes` closes the one it is in, and so does a click beside it.
// What is swapped into #sheet-body is shown in the side sheet.
{
  const open = (dialog) => {
    if (dialog && !dialog.open) dialog.showModal();
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      const dialog = document.getElementById(opener.dataset.opens);
      if (dialog) {
        event.preventDefault();
        event.stopPropagation();
        open(dialog);
      }
      return;
    }
    if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
    else if (event.target.matches?.("dialog[open]") && event.target.id !== "leave") event.target.close();
  }, true);

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target?.id === "sheet-body") open(document.getElementById("sheet"));
  });

  document.addEventListener("htmx:beforeHistoryUpdate", () => {
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  });
}
