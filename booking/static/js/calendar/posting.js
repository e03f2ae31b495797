// Sending what was done in the calendar, as its form would be sent.
"use strict";

// Return what the server says of it: done, or why not. Null where it can't be asked, or doesn't understand.
export async function post(address, fields) {
  try {
    const answer = await fetch(address, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/json" },
      redirect: "manual",
    });
    return answer.status === 200 || answer.status === 409 ? await answer.json() : null;
  } catch {
    return null;
  }
}
