// Keeps a part of an open page as it is at the server: `data-refresh` is where it is asked for.
"use strict";

const EVERY = 5000; // milliseconds

function place(region, text) {
  const row = region.contains(document.activeElement) ? document.activeElement.closest("[id]") : null;
  region.innerHTML = text; // of our own server, which escapes what people typed
  if (row) document.getElementById(row.id)?.querySelector("button, a")?.focus();
}

async function ask(region, etag) {
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(region.dataset.refresh, { headers, cache: "no-store", redirect: "manual" });
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
    region.replaceChildren(); // who was shown is not for whoever comes by
    return null;
  }
  if (answer.status === 200) place(region, await answer.text());
  return answer.headers.get("ETag") ?? etag;
}

async function keepAsking(region, etag) {
  let latest = etag;
  try {
    latest = await ask(region, etag);
  } catch {
    // The network or the server is away for a moment.
  }
  if (latest !== null) setTimeout(() => keepAsking(region, latest), EVERY);
}

for (const region of document.querySelectorAll("[data-refresh]")) {
  setTimeout(() => keepAsking(region, region.dataset.version ?? ""), EVERY);
}
