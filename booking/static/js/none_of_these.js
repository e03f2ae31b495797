// "None of these" and the others exclude each other; without scripts, the page asks which it is.
"use strict";

const list = document.querySelector("[data-none]");

list?.addEventListener("change", ({ target }) => {
  const isNone = target.id === list.dataset.none;
  for (const box of list.querySelectorAll("input")) {
    if (target.checked && (box.id === list.dataset.none) !== isNone) box.checked = false;
  }
});
