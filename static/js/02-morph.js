// `morph` as a swap style: an update keeps the elements, and with them the focus, that stay the same.
// Idiomorph's own extension takes every other style for an inline one, which puts wrappers of out-of-band parts on the page.
htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph" || style === "morph:outerHTML",
  handleSwap: (style, target, fragment) => {
    if (style === "morph" || style === "morph:outerHTML") return Idiomorph.morph(target, fragment.children, { morphStyle: "outerHTML" });
    if (style === "morph:innerHTML") return Idiomorph.morph(target, fragment.children, { morphStyle: "innerHTML" });
    return false;
  },
});
