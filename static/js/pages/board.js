// The board: cards are dragged, or sent on by Alt and an arrow, to another column. The move is shown at once and taken
// back if it is refused; what others do comes in by itself, and no card moves from under a pointer that holds one.
const board = () => document.querySelector("[data-board]");
const columnOf = (node) => node?.closest?.("[data-stage]");
const changed = new Set();
let held = null;
let soon = 0;

const say = (text) => { const place = board()?.querySelector("[data-board-says]"); if (place) place.textContent = text; };

// The cards of these deals and the heads of all columns, as they are now.
const renew = async () => {
  const here = board();
  if (!here || held) return later();
  const ids = [...changed];
  changed.clear();
  const query = new URLSearchParams(location.search);
  for (const name of ["stage", "after"]) query.delete(name);
  query.set("ids", ids.join(","));
  const answer = await fetch(`${here.dataset.board}?${query}`, { headers: { "HX-Request": "true", "HX-Target": "results" } });
  if (!answer.ok || !here.isConnected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const head of page.querySelectorAll(".board__head")) {
    const old = document.getElementById(head.id);
    if (old && !old.isEqualNode(head)) htmx.swap(old, head.outerHTML, { swapStyle: "outerHTML" });
  }
  for (const id of ids) {
    const [old, now] = [document.getElementById(`card-${id}`), page.getElementById(`card-${id}`)];
    const focused = old?.contains(document.activeElement);
    if (!now) { old?.remove(); continue; }
    const stage = columnOf(now).dataset.stage;
    const cards = here.querySelector(`[data-stage="${stage}"] [data-cards]`);
    if (!cards) continue;
    const card = document.importNode(now, true);
    if (old && columnOf(old)?.dataset.stage === stage) old.replaceWith(card);
    else { old?.remove(); cards.prepend(card); }
    htmx.process(card);
    if (focused) card.querySelector("a")?.focus({ preventScroll: true });
  }
};
const later = () => {
  clearTimeout(soon);
  if (changed.size) soon = setTimeout(renew, 250);
};

// Why a deal is lost is asked for; nothing means that it is not.
const reason = () => new Promise((answered) => {
  const dialog = document.getElementById("board-lose");
  const select = dialog.querySelector("select");
  select.value = "";
  dialog.returnValue = "";
  dialog.addEventListener("close", () => answered(dialog.returnValue === "lose" ? select.value : ""), { once: true });
  dialog.showModal();
});

const move = async (card, column) => {
  const from = columnOf(card);
  if (!column || column === from || card.dataset.waits !== undefined) return;
  const before = card.nextElementSibling;
  const focused = card.contains(document.activeElement);
  const values = { stage_id: column.dataset.stage, back: board().dataset.back };
  column.querySelector("[data-cards]").prepend(card);
  card.dataset.waits = "";
  const keep = () => { if (focused) card.querySelector("a")?.focus({ preventScroll: true }); };
  keep();
  if (column.dataset.kind === "lost") values.reason_id = await reason();
  const asked = column.dataset.kind !== "lost" || values.reason_id;
  let done = false;
  if (asked) {
    const answered = ({ detail }) => { if (detail.elt === card) done = detail.successful; };
    document.addEventListener("htmx:afterRequest", answered);
    const action = card.querySelector("form").getAttribute("action");
    await htmx.ajax("POST", action, { source: card, target: "#results", swap: "none", values }).catch(() => {});
    document.removeEventListener("htmx:afterRequest", answered);
  }
  delete card.dataset.waits;
  if (done) {
    say(`${card.querySelector("a").textContent} is in ${column.dataset.name} now`);
    changed.add(card.dataset.card);
    later();
  } else if (card.isConnected) {
    const cards = from.querySelector("[data-cards]");
    cards.insertBefore(card, before?.parentElement === cards ? before : null);
    keep();
    if (asked) say(`${card.querySelector("a").textContent} stays in ${from.dataset.name}`);
  }
};

const over = (column) => {
  for (const other of document.querySelectorAll("[data-over]")) if (other !== column) delete other.dataset.over;
  if (column && column !== columnOf(held)) column.dataset.over = "";
};

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card) return;
  held = card;
  card.dataset.dragged = "";
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.querySelector("a").href);
});
document.addEventListener("dragover", (event) => {
  const column = held && columnOf(event.target);
  over(column);
  if (!column) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
});
document.addEventListener("drop", (event) => {
  const column = held && columnOf(event.target);
  if (!column) return;
  event.preventDefault();
  move(held, column);
});
document.addEventListener("dragend", () => {
  if (held) delete held.dataset.dragged;
  held = null;
  over(null);
  later();
});

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-card][draggable]");
  if (!card || !event.altKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  event.preventDefault();
  const column = columnOf(card);
  const beside = event.key === "ArrowLeft" ? column.previousElementSibling : column.nextElementSibling;
  if (beside?.dataset.stage) move(card, beside);
});

// The arrows on a card do the same without a page in between.
document.addEventListener("submit", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card || !event.submitter) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  move(card, board().querySelector(`[data-stage="${event.submitter.value}"]`));
}, true);

document.addEventListener("htmx:wsBeforeMessage", ({ detail }) => {
  if (!board()) return;
  for (const [, id] of String(detail.message).matchAll(/data-row="deal-([^"]+)"/g)) changed.add(id);
  later();
});
