// Single keys of the day page; whoever needs them otherwise switches them off (WCAG 2.1.4).
"use strict";

import { areKeysOn, setKeys } from "../shortcuts.js";
import { askWho } from "./booking.js";

const help = document.getElementById("calendar-keys");
const DOES = {
  t: () => location.assign(document.getElementById("calendar").dataset.today),
  n: () => askWho({}, ""),
  ArrowLeft: () => document.querySelector('.day-nav [rel="prev"]').click(),
  ArrowRight: () => document.querySelector('.day-nav [rel="next"]').click(),
  "?": () => help.showModal(),
};

function isElsewhere({ target }) {
  return target.isContentEditable || target.closest("input, select, textarea, dialog, [tabindex='0']");
}

export function listenToKeys() {
  const box = help.querySelector("input");
  box.checked = areKeysOn();
  box.addEventListener("change", () => setKeys(box.checked));
  document.getElementById("calendar-help").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (!areKeysOn() || event.ctrlKey || event.metaKey || event.altKey || isElsewhere(event) || !Object.hasOwn(DOES, event.key)) return;
    event.preventDefault();
    DOES[event.key]();
  });
}
