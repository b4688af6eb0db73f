// The theme and density buttons: applied at once, kept by a POST.
{
  const root = document.documentElement;

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-theme-form]");
    const button = event.submitter;
    if (!form || !button?.name) return;
    event.preventDefault();

    root.dataset[button.name] = button.value;
    for (const other of form.querySelectorAll(`[name="${button.name}"]`)) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    fetch(form.action, { method: "POST", body: new URLSearchParams({ [button.name]: button.value }), redirect: "manual" })
      .catch(() => { /* It holds on this page; the next one comes with the old choice. */ });
  });

  if (/Mac|iP/.test(navigator.platform)) {
    for (const key of document.querySelectorAll("[data-mod]")) key.textContent = "⌘";
  }
}
