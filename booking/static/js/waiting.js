// Shows what was waited for as soon as the server has it; without this, a link on the page does.
"use strict";

const LOOK_EVERY = 2000; // milliseconds
const MOST_LOOKS = 150; // after five minutes whoever looks uses the link
const waiting = document.getElementById("waiting");

async function look(times) {
  const response = await fetch(waiting.dataset.from);
  const state = response.ok ? (await response.json()).status : "planning";
  if (state !== "planning") {
    location.replace(location.href);
  } else if (times < MOST_LOOKS) {
    setTimeout(() => look(times + 1).catch(() => {}), LOOK_EVERY);
  }
}

setTimeout(() => look(1).catch(() => {}), LOOK_EVERY);
