// Toasts go after eight seconds, not while they are pointed at or hold the focus. A failure of an action becomes one too.
{
  const STAY = 8000;
  const box = document.getElementById("toasts");

  const leave = (toast) => {
    toast.dataset.leaving = "";
    setTimeout(() => toast.remove(), 200);
  };

  const start = (toast) => {
    let timer = 0;
    const wait = () => { clearTimeout(timer); timer = setTimeout(() => leave(toast), STAY); };
    const hold = () => clearTimeout(timer);
    toast.addEventListener("pointerenter", hold);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("pointerleave", wait);
    toast.addEventListener("focusout", wait);
    toast.addEventListener("submit", () => setTimeout(() => leave(toast)));
    toast.addEventListener("click", (event) => { if (event.target.closest("[data-dismiss]")) leave(toast); });
    wait();
  };

  const say = (text, tone = "danger", icon = "triangle-alert") => {
    const template = document.getElementById("toast-template");
    if (!box || !template) return;
    for (const toast of box.querySelectorAll("[data-toast]")) {
      if (toast.querySelector(".toast__text").textContent === text) toast.remove();
    }
    const toast = template.content.firstElementChild.cloneNode(true);
    toast.querySelector(".toast__text").textContent = text;
    toast.classList.replace("toast--danger", `toast--${tone}`);
    const use = toast.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace("triangle-alert", icon));
    box.append(toast);
  };

  if (box) {
    for (const toast of box.querySelectorAll("[data-toast]")) start(toast);
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) {
          if (!node.matches?.("[data-toast]")) continue;
          htmx.process(node);
          start(node);
        }
      }
      const all = box.querySelectorAll("[data-toast]:not([data-leaving])");
      for (const toast of [...all].slice(0, -4)) leave(toast);
    }).observe(box, { childList: true });
  }

  document.addEventListener("htmx:sendError", () => say("No connection. Nothing was changed; try again in a moment."));
  // The browser takes a file aside; the page says that it came, and the menu that asked for it has done its work.
  document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
    if (!detail.xhr.getResponseHeader("HX-Redirect")?.endsWith("/file")) return;
    for (const menu of document.querySelectorAll(".menu:popover-open")) menu.hidePopover();
    say("The file is being downloaded.", "success", "circle-check");
  });
  document.addEventListener("htmx:timeout", () => say("The server took too long to answer. Try again."));
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { xhr, requestConfig, target } = detail;
    if (xhr.status < 400) return;
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    const error = page.querySelector("[data-error]");
    const asked = requestConfig.verb === "get" && target.id === "main";
    // A form shown again, or the page that was asked for: they belong where they were going.
    if (xhr.responseText.trim() && (!error || asked)) return;
    detail.shouldSwap = false;
    // That something is to be checked goes without saying where it is said what.
    const parts = xhr.status === 422 && error?.querySelector("h1 + p") ? "h1 + p" : "h1, h1 + p";
    const words = error && [...error.querySelectorAll(parts)].map((part) => part.textContent.trim().replace(/[^.!?]$/, "$&.")).join(" ");
    say(words || "That did not work. Try again.");
  });
}
