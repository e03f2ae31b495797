// Finds patients while somebody types, from any page of the desk; without scripts, Enter leads to the list.
"use strict";

import { areKeysOn, isTyping } from "./shortcuts.js";

const PAUSE = 120; // milliseconds without a key before the server is asked
const form = document.getElementById("find");
const input = form?.querySelector("input");
const panel = document.getElementById("find-panel");
let timer = null;
let asked = "";

function close() {
  panel.hidden = true;
  panel.replaceChildren();
  asked = "";
}

async function ask(text) {
  const answer = await fetch(`${form.dataset.from}?${new URLSearchParams({ q: text })}`, { cache: "no-store", redirect: "manual" });
  if (!answer.ok || text !== asked) return; // signed out, or overtaken by what was typed since
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  panel.replaceChildren(...fresh.body.childNodes);
  panel.hidden = false;
}

function type() {
  clearTimeout(timer);
  asked = input.value.trim();
  if (asked.length < 2) close();
  else timer = setTimeout(() => ask(asked).catch(() => {}), PAUSE);
}

function step(event) {
  const stops = [input, ...panel.querySelectorAll("a")];
  const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  if (panel.hidden || next < 0 || next >= stops.length) return;
  event.preventDefault();
  stops[next].focus();
}

if (form) {
  input.addEventListener("input", type);
  form.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event);
    if (event.key === "Escape") {
      close();
      input.focus();
    }
  });
  form.addEventListener("focusout", ({ relatedTarget }) => {
    if (!form.contains(relatedTarget)) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || !areKeysOn() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    event.preventDefault();
    input.focus();
  });
}
