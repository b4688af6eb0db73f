// A form that comes back with errors: the first wrong field gets the focus, or the summary where there is none.
{
  const look = (within) => {
    const summary = within.querySelector("[data-errors]");
    const field = within.querySelector("[aria-invalid=true]");
    if (!summary && !field) return;
    (field ?? summary).focus({ preventScroll: true });
    (summary ?? field).scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.xhr?.status === 422 && detail.target?.isConnected !== false) look(detail.target ?? document);
  });
  if (document.querySelector("form:not([data-example]) [data-errors]")) look(document);

  // Our errors stand beside their fields and all at once; the browser's bubbles come one by one and go by themselves.
  const quiet = () => { for (const form of document.querySelectorAll("form.form, form[data-inline]")) form.noValidate = true; };
  document.addEventListener("htmx:afterSettle", quiet);
  document.addEventListener("htmx:historyRestore", quiet);
  quiet();

  // The links of the summary lead to a field also where it is a group.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".errors a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    const control = field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea");
    (control ?? field).focus();
  });
}
