// Small manners of forms: `data-autosubmit` sends on change; `data-reveal="id"` shows a part while it is ticked.
{
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-autosubmit]");
    if (form) form.requestSubmit();
  });

  const reveal = (control) => {
    const part = document.getElementById(control.dataset.reveal);
    if (part) part.hidden = !control.checked;
  };
  const all = () => { for (const control of document.querySelectorAll("[data-reveal]")) reveal(control); };
  document.addEventListener("change", (event) => { if (event.target.matches("[data-reveal], [type=radio]")) all(); });
  document.addEventListener("htmx:afterSettle", all);
  all();
}
