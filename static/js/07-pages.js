// What only one page needs comes with it: `data-script` names a module, which is loaded once.
htmx.onLoad((part) => {
  const all = part.querySelectorAll("[data-script]");
  for (const { dataset } of [part, ...all]) if (dataset?.script) import(dataset.script);
});
