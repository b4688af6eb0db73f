// The board: cards are dragged with a mouse, a pen or (by their grip) a finger, or sent on by Alt and an arrow, to another
// column. The move is shown at once and taken back if it is refused; what others do comes in by itself, and no card
// moves while one is held.
import draggle from "../../vendor/pages/draggle-4.1.2.min.js";

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
    // One that was taken up meanwhile is looked at when it is let go.
    if (held && old === held.card) { changed.add(id); continue; }
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

// What the stage asks for can be filled in at once: the same move, answered by the deal's form.
const offer = (action, values) => {
  const close = [...document.querySelectorAll("#toasts [data-dismiss]")].at(-1);
  if (!close) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--small", textContent: "Fill in" });
  button.dataset.dismiss = "";
  button.addEventListener("click", () => htmx.ajax("POST", action, { source: "#main", target: "#main", values }));
  close.before(button);
};

const back = (card, { cards, before }) => cards.insertBefore(card, before?.parentElement === cards ? before : null);

const move = async (card, column, was = { cards: card.parentElement, before: card.nextElementSibling }) => {
  const from = columnOf(was.cards);
  if (!column || column === from || card.dataset.waits !== undefined) return;
  const focused = card.contains(document.activeElement);
  const values = { stage_id: column.dataset.stage, back: board().dataset.back };
  column.querySelector("[data-cards]").prepend(card);
  card.dataset.waits = "";
  const keep = () => { if (focused) card.querySelector("a")?.focus({ preventScroll: true }); };
  keep();
  if (column.dataset.kind === "lost") values.reason_id = await reason();
  const asked = column.dataset.kind !== "lost" || values.reason_id;
  let done = false;
  let lacks = false;
  const action = card.querySelector("form").getAttribute("action");
  if (asked) {
    const answered = ({ detail }) => {
      if (detail.elt !== card) return;
      done = detail.successful;
      lacks = detail.xhr.status === 422;
    };
    document.addEventListener("htmx:afterRequest", answered);
    await htmx.ajax("POST", action, { source: card, target: "#results", swap: "none", values }).catch(() => {});
    document.removeEventListener("htmx:afterRequest", answered);
  }
  delete card.dataset.waits;
  if (done) {
    say(`${card.querySelector("a").textContent} is in ${column.dataset.name} now`);
    changed.add(card.dataset.card);
    later();
  } else if (card.isConnected) {
    back(card, was);
    keep();
    if (asked) say(`${card.querySelector("a").textContent} stays in ${from.dataset.name}`);
    if (lacks) offer(action, values);
  }
};

// A finger scrolls the page wherever it is put, but for the grip of a card.
let finger = false;
addEventListener("pointerdown", ({ pointerType }) => { finger = pointerType === "touch"; }, true);

const drake = draggle({
  isContainer: (node) => Boolean(node?.matches?.("[data-cards]")),
  moves: (card, cards, part) => card.matches("[data-movable]:not([data-waits])") && (!finger || Boolean(part.closest("[data-grip]"))),
  invalid: (part) => part.matches("button"),
  revertOnSpill: true,
  slideFactorX: 4,
  slideFactorY: 4,
});

drake.on("drag", (card, cards) => {
  held = { card, cards, before: card.nextElementSibling };
  follow();
});
// Where it would go: on top of another column, and to its old place in its own.
drake.on("shadow", (card, cards) => {
  if (cards === held.cards) back(card, held);
  else if (cards.firstElementChild !== card) cards.prepend(card);
});
drake.on("over", (card, cards) => { if (cards !== held.cards) columnOf(cards).dataset.over = ""; });
drake.on("out", (card, cards) => { delete columnOf(cards).dataset.over; });
drake.on("cancel", (card) => back(card, held));
drake.on("drop", (card, cards) => {
  if (cards === held.cards) back(card, held);
  else move(card, columnOf(cards), held);
});
drake.on("dragend", () => {
  held = null;
  // What is let go of is not pressed.
  const stop = (event) => { event.preventDefault(); event.stopPropagation(); };
  addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", stop, true));
  later();
});
addEventListener("pointercancel", () => drake.cancel(true), true);
addEventListener("keydown", (event) => {
  if (!held || event.key !== "Escape") return;
  event.stopPropagation();
  drake.cancel(true);
}, true);

// Near an edge, what lies behind it comes in sight: of the board, of the column, of the page.
let at = null;
addEventListener("pointermove", ({ clientX, clientY }) => { at = [clientX, clientY]; }, true);
const near = (place, low, high) => (place < low + 48 ? -10 : place > high - 48 ? 10 : 0);
const follow = () => {
  if (!held) return;
  const here = board();
  if (here && at) {
    const { left, right } = here.getBoundingClientRect();
    here.scrollLeft += near(at[0], left, Math.min(right, innerWidth));
    const cards = document.elementFromPoint(...at)?.closest("[data-cards]");
    const { top, bottom } = cards?.getBoundingClientRect() ?? {};
    if (cards?.scrollHeight > cards?.clientHeight) cards.scrollTop += near(at[1], top, bottom);
    scrollBy(0, near(at[1], 0, innerHeight));
  }
  requestAnimationFrame(follow);
};

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-card][data-movable]");
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
