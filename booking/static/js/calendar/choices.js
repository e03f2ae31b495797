// How this browser's calendar is shown: by day or week, one location or all, which columns. Kept here alone.
"use strict";

const KEPT = "calendar-view";
// A week has room for one column a day.
const USUAL = { span: "day", place: "one", columns: { day: "seats", week: "location" } };
export const KINDS = {
  seats: ["room", "chair"],
  chair: ["chair"],
  room: ["room"],
  practitioner: ["practitioner"],
  location: ["location"],
};

function readChoices() {
  try {
    return { ...USUAL, ...JSON.parse(localStorage.getItem(KEPT)) };
  } catch {
    return USUAL; // what was kept is no choice of ours, or nothing may be kept
  }
}

function choose(form, name, value) {
  const option = form.querySelector(`[name="${name}"][value="${CSS.escape(value)}"]`);
  if (option) option.checked = true;
}

// Show the choices in their form, and tell each change. The columns are those last chosen for the day, or the week.
export function bindChoices(form, onChange) {
  let kept = readChoices();
  choose(form, "span", kept.span);
  choose(form, "place", kept.place);
  choose(form, "columns", kept.columns[kept.span]);
  form.addEventListener("change", ({ target }) => {
    if (target.name === "span") choose(form, "columns", kept.columns[target.value]);
    const { span, place, columns } = chosen(form);
    kept = { span, place, columns: { ...kept.columns, [span]: columns } };
    try {
      localStorage.setItem(KEPT, JSON.stringify(kept));
    } catch {
      // Nothing may be kept here: it holds for this page.
    }
    onChange();
  });
}

export function chosen(form) {
  return { span: USUAL.span, place: USUAL.place, columns: USUAL.columns.day, ...Object.fromEntries(new FormData(form)) };
}
