// What is cut short in a table is told whole to whoever points at it.
document.addEventListener("pointerover", ({ target }) => {
  const text = target.closest?.(".table__cell, .table__main > span");
  if (text && text.scrollWidth > text.clientWidth && !text.title) text.title = text.textContent;
});
