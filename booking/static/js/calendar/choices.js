// How this browser's calendar is shown: by day or week, one location or all, which columns. Kept here alone.
"use strict";

const KEPT = "calendar";
const USUAL = { span: "day", place: "one", columns: "seats" };
export const KINDS = {
  seats: ["room", "chair"],
  chair: ["chair"],
  room: ["room"],
  practitioner: ["practitioner"],
  location: ["location"],
};

export function readChoices() {
  try {
    return { ...USUAL, ...JSON.parse(localStorage.getItem(KEPT)) };
  } catch {
    return USUAL; // what was kept is no choice of ours, or nothing may be kept
  }
}

// Show the choices in their form, and tell each change.
export function bindChoices(form, onChange) {
  for (const [name, value] of Object.entries(readChoices())) {
    const option = form.querySelector(`[name="${name}"][value="${CSS.escape(value)}"]`);
    if (option) option.checked = true;
  }
  form.addEventListener("change", () => {
    try {
      localStorage.setItem(KEPT, JSON.stringify(chosen(form)));
    } catch {
      // Nothing may be kept here: it holds for this page.
    }
    onChange(chosen(form));
  });
}

export function chosen(form) {
  return { ...USUAL, ...Object.fromEntries(new FormData(form)) };
}
