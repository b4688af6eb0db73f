// Ctrl/Cmd-K: the commands are filtered here, the records come from the search; arrow keys choose, Enter opens.
{
  const dialog = () => document.getElementById("palette");
  const input = () => dialog().querySelector("[name=q]");
  const options = () => [...dialog().querySelectorAll("[role=option]:not([hidden])")];
  const chosen = () => dialog().querySelector("[role=option][aria-selected=true]");

  const choose = (option) => {
    chosen()?.removeAttribute("aria-selected");
    if (!option) return input().removeAttribute("aria-activedescendant");
    option.id ||= `option-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input().setAttribute("aria-activedescendant", option.id);
  };

  const filter = () => {
    const words = input().value.toLowerCase().split(/\s+/).filter(Boolean);
    const commands = dialog().querySelector("#palette-commands");
    let any = false;
    for (const option of commands.querySelectorAll("[role=option]")) {
      const text = option.textContent.toLowerCase();
      option.hidden = !words.every((word) => text.includes(word));
      any ||= !option.hidden;
    }
    commands.hidden = !any;
    if (!words.length) dialog().querySelector("#palette-results").replaceChildren();
    choose(options()[0]);
  };

  document.addEventListener("keydown", (event) => {
    if (!dialog()) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog().open) dialog().close();
      else dialog().showModal();
      return;
    }
    if (event.target !== input()) return;
    const all = options();
    const at = all.indexOf(chosen());
    // The browser would first wipe the field out and close with the second press only.
    if (event.key === "Escape") dialog().close();
    else if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(all.at(at - 1));
    else if (event.key === "Enter" && chosen()) chosen().click();
    else return;
    event.preventDefault();
  });

  document.addEventListener("input", (event) => {
    if (dialog() && event.target === input()) filter();
  });

  document.addEventListener("toggle", (event) => {
    if (event.target !== dialog() || event.newState !== "open") return;
    input().select();
    filter();
  }, true);

  document.addEventListener("click", (event) => {
    if (event.target.closest("#palette [role=option]")) dialog().close();
  });

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    // An answer to what has been wiped out meanwhile.
    if (detail.target.id === "palette-results" && !input().value.trim()) detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target?.id === "palette-results" && !chosen()) choose(options()[0]);
  });
}
