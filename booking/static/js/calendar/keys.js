// Single keys of the day page; whoever needs them otherwise switches them off (WCAG 2.1.4).
"use strict";

import { areKeysOn, isTyping, setKeys } from "../shortcuts.js";
import { askWho } from "./booking.js";

const help = document.getElementById("calendar-keys");
const DOES = {
  t: () => location.assign(document.getElementById("calendar").dataset.today),
  n: () => askWho({}, ""),
  ArrowLeft: () => document.querySelector('.day-nav [rel="prev"]').click(),
  ArrowRight: () => document.querySelector('.day-nav [rel="next"]').click(),
  "?": () => help.showModal(),
};

// What has its own use for arrows: switches go from one to the next, what scrolls does so.
const OWN_ARROWS = "input, [tabindex='0']";

function isElsewhere(event) {
  const { key, target } = event;
  return isTyping(event) || target.closest("dialog") || (key.startsWith("Arrow") && target.closest(OWN_ARROWS));
}

// In a row of the list or of "Now", the key of one of its buttons presses it.
function findRowButton({ target, key }) {
  const row = target.closest?.(".key-row");
  return row && [...row.querySelectorAll("button")].find((button) => button.getAttribute("aria-keyshortcuts") === key);
}

// Whoever comes back to a row goes on there.
function focusRow() {
  const row = document.getElementById(location.hash.slice(1));
  if (row?.classList.contains("key-row")) row.querySelector("button, a")?.focus({ preventScroll: true });
}

export function listenToKeys() {
  const box = help.querySelector("input");
  box.checked = areKeysOn();
  box.addEventListener("change", () => setKeys(box.checked));
  document.getElementById("calendar-help").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (!areKeysOn() || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isElsewhere(event)) return;
    const button = findRowButton(event);
    if (!button && !Object.hasOwn(DOES, event.key)) return;
    event.preventDefault();
    if (button) button.click();
    else DOES[event.key]();
  });
  focusRow();
}
