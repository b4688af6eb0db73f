// A control that causes a request is busy until it is answered, and a second click sends nothing. CSS shows it after 150 ms.
{
  const busy = new Map();

  const begin = (owner, control) => {
    control.dataset.busy = "";
    control.setAttribute("aria-busy", "true");
    busy.set(owner, control);
  };
  const end = (owner) => {
    const control = busy.get(owner);
    if (!control) return;
    delete control.dataset.busy;
    control.removeAttribute("aria-busy");
    busy.delete(owner);
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || form.matches("[data-theme-form], [role=search]") || event.submitter?.formTarget) return;
    if (busy.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    const control = event.submitter ?? form.querySelector("button:not([type=button])");
    if (control) begin(form, control);
    // Whoever stops the submission later also ends the wait.
    setTimeout(() => { if (event.defaultPrevented && !form.matches(".htmx-request")) end(form); });
  }, true);

  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (detail.elt.matches("a, button") && !busy.has(detail.elt)) begin(detail.elt, detail.elt);
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => end(detail.elt));
  addEventListener("pageshow", (event) => { if (event.persisted) for (const owner of [...busy.keys()]) end(owner); });
}
