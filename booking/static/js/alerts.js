// Keeps the crisis bar, the warnings below it and the counts of tasks and texts of an open page as they are at the server.
"use strict";

const EVERY = 4000; // milliseconds: a text in crisis is on each page within five seconds
const COUNTS = ["task-count", "text-count"];
const region = document.getElementById("alerts");
let etag = null;

function show(id, fresh) {
  const shown = document.getElementById(id);
  const next = fresh.getElementById(id);
  if (shown && next && shown.innerHTML !== next.innerHTML) {
    shown.replaceChildren(...next.childNodes);
    shown.hidden = next.hidden;
    shown.dataset.key = next.dataset.key ?? "";
  }
}

// A bar with the same texts only gets older: said once, it is not read out again each minute.
function grow(fresh) {
  const ages = fresh.querySelectorAll(".crisis-age");
  document.querySelectorAll(".crisis-age").forEach((age, index) => {
    age.textContent = ages[index].textContent;
  });
}

function update(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const bar = document.getElementById("crisis-bar");
  region.setAttribute("aria-live", "assertive");
  if (bar.dataset.key === fresh.getElementById("crisis-bar").dataset.key) {
    region.setAttribute("aria-live", "off");
    grow(fresh);
  } else {
    show("crisis-bar", fresh);
  }
  for (const id of ["warnings", ...COUNTS]) show(id, fresh);
}

// Whoever comes by has not signed in: a person's words and name are not for them.
function sayGoodbye() {
  region.setAttribute("aria-live", "assertive");
  for (const id of ["crisis-bar", "warnings", ...COUNTS]) document.getElementById(id)?.replaceChildren();
  for (const id of ["crisis-bar", "warnings"]) document.getElementById(id).hidden = true;
  document.getElementById("signed-out").hidden = false;
}

async function ask() {
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(region.dataset.from, { headers, cache: "no-store", redirect: "manual" });
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
    sayGoodbye();
    return false; // the sign-in has ended: nothing more to ask
  }
  if (answer.status === 200 && !region.matches(":active")) { // a press whose link goes is lost
    etag = answer.headers.get("ETag");
    update(await answer.text());
  }
  return true;
}

async function keepAsking() {
  let goesOn = true;
  try {
    goesOn = await ask();
  } catch {
    // The network or the server is away for a moment.
  }
  if (goesOn) setTimeout(keepAsking, EVERY);
}

if (region) keepAsking();
