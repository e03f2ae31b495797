// The day page's calendar: what the server says of a day or week, drawn by EventCalendar.
"use strict";

import { askWho } from "./booking.js";
import { bindChoices, chosen } from "./choices.js";
import { DeskCalendar } from "./desk_calendar.js";
import { listenToKeys } from "./keys.js";
import { loadLibrary } from "./library.js";

const DAYS = { day: 1, week: 7 };
const root = document.getElementById("calendar");
const form = document.getElementById("calendar-choices");

// Previous and next go by what is shown.
function pointLinks() {
  const { date, location } = root.dataset;
  const { span } = chosen(form);
  for (const [rel, sign] of [["prev", -1], ["next", 1]]) {
    const day = new Date(`${date}T12:00Z`);
    day.setUTCDate(day.getUTCDate() + sign * DAYS[span]);
    const link = document.querySelector(`.day-nav [rel="${rel}"]`);
    link.href = `${root.dataset.days}/${location}/${day.toISOString().slice(0, 10)}`;
    link.textContent = link.dataset[span];
  }
}

// A week, or all locations, is more than the page's own day at its own location.
function nameRange() {
  const { week, all } = root.dataset;
  const { span, place } = chosen(form);
  const names = [span === "week" && week, place === "all" && all].filter(Boolean);
  const heading = document.getElementById("calendar-heading");
  heading.dataset.own ??= heading.textContent;
  heading.textContent = names.join(" · ") || heading.dataset.own;
  heading.classList.toggle("visually-hidden", names.length === 0);
}

function follow() {
  pointLinks();
  nameRange();
}

if (root) {
  const calendar = new DeskCalendar(await loadLibrary(root.dataset.library), root, form, askWho);
  bindChoices(form, () => {
    follow();
    calendar.open();
  });
  follow();
  listenToKeys();
  await calendar.open();
}
