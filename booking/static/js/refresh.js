// Keeps a part of an open page as it is at the server: `data-refresh` is where it is asked for, `data-version`
// the ETag of what is there.
"use strict";

const EVERY = 5000; // milliseconds

// Whoever was on a button stays on it; where it is gone, on the first of its row.
function sameControl(row, words) {
  const controls = [...(row?.querySelectorAll("button, a") ?? [])];
  return controls.find((control) => control.textContent === words) ?? controls[0];
}

function place(region, text) {
  const control = region.contains(document.activeElement) ? document.activeElement : null;
  const row = control?.closest("[id]");
  region.innerHTML = text; // of our own server, which escapes what people typed
  if (row) sameControl(document.getElementById(row.id), control.textContent)?.focus({ preventScroll: true });
}

// What is being pressed, or was chosen and not yet sent, is left as it is: a press whose button goes is lost.
function isInUse(region) {
  const isChosen = (select) => select === document.activeElement
    || [...select.options].some((option, index) => option.selected && index !== initial(select));
  return region.matches(":active") || [...region.querySelectorAll("select")].some(isChosen);
}

function initial(select) {
  return Math.max(0, [...select.options].findIndex((option) => option.defaultSelected));
}

async function ask(region, etag) {
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(region.dataset.refresh, { headers, cache: "no-store", redirect: "manual" });
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
    region.replaceChildren(); // who was shown is not for whoever comes by
    return null;
  }
  if (answer.status === 200) {
    if (isInUse(region)) return etag;
    place(region, await answer.text());
  }
  return answer.headers.get("ETag") ?? etag;
}

function keepFresh(region) {
  let etag = region.dataset.version ?? "";
  let timer = setTimeout(again, EVERY);

  async function again() {
    try {
      etag = await ask(region, etag);
    } catch {
      // The network or the server is away for a moment.
    }
    clearTimeout(timer);
    if (etag !== null) timer = setTimeout(again, EVERY);
  }

  // The calendar beside it has just heard of a change.
  document.addEventListener("desk-changed", () => etag !== null && again());
}

document.querySelectorAll("[data-refresh]").forEach(keepFresh);
