// What only some pages need comes with them: `data-script` names a module, and the body's `data-parts` the modules
// that come as soon as something on the page is theirs.
{
  const parts = new Map(Object.entries(JSON.parse(document.body.dataset.parts ?? "{}")));
  const fetchParts = () => {
    for (const [theirs, url] of parts) {
      if (!document.querySelector(/^[a-z]/.test(theirs) ? `[data-${theirs}]` : theirs)) continue;
      parts.delete(theirs);
      import(url);
    }
  };
  document.addEventListener("htmx:afterSettle", fetchParts);
  htmx.onLoad((part) => {
    const all = part.querySelectorAll("[data-script]");
    for (const { dataset } of [part, ...all]) if (dataset?.script) import(dataset.script);
    fetchParts();
  });
}
