// A button that copies what another element holds (`data-copies`, a selector); where that is not allowed, it is selected.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copies]");
  const held = button && document.querySelector(button.dataset.copies);
  if (!held) return;
  const said = button.querySelector("span");
  try {
    await navigator.clipboard.writeText(held.value ?? held.textContent.trim());
    const before = said.textContent;
    said.textContent = "Copied";
    setTimeout(() => { said.textContent = before; }, 2000);
  } catch {
    held.focus();
    held.select?.();
  }
});
