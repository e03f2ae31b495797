// Booking from an empty time: who is it for? Their page to book on opens at that day, time and place.
"use strict";

const PAUSE = 120; // milliseconds without a key before the server is asked
const dialog = document.getElementById("calendar-booking");
const input = dialog?.querySelector("input");
const list = dialog?.querySelector(".find-list");
let timer = null;
let where = {};

// `at` are the local day, time and location, as far as they are chosen; `words` say so.
export function askWho(at, words) {
  where = at;
  dialog.querySelector("[data-when]").textContent = words;
  input.value = "";
  list.replaceChildren();
  dialog.showModal();
}

async function suggest(text) {
  const answer = await fetch(`${dialog.dataset.from}?${new URLSearchParams({ q: text })}`, { cache: "no-store", redirect: "manual" });
  if (!answer.ok || text !== input.value.trim()) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const link of fresh.querySelectorAll("a")) {
    if (/\/patients\/\d+$/.test(link.getAttribute("href"))) link.href = `${link.getAttribute("href")}/book?${new URLSearchParams(where)}`;
  }
  list.replaceChildren(...fresh.body.childNodes);
}

input?.addEventListener("input", () => {
  clearTimeout(timer);
  const text = input.value.trim();
  if (text.length < 2) list.replaceChildren();
  else timer = setTimeout(() => suggest(text).catch(() => {}), PAUSE);
});
