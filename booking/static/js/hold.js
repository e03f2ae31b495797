// Keeps the held time while somebody is really at the form: says so to the server, every other minute at most.
"use strict";

const EVERY = 120000; // milliseconds
const notice = document.querySelector("[data-extend]");
const token = document.querySelector("[name=csrf_token]");
let last = Date.now();

function extend() {
  if (Date.now() - last < EVERY) return;
  last = Date.now();
  fetch(notice.dataset.extend, { method: "POST", headers: { "X-CSRFToken": token.value } }).catch(() => {});
}

for (const activity of ["input", "keydown", "pointerdown", "scroll"]) {
  document.addEventListener(activity, extend, { passive: true });
}
