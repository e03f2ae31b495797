// EventCalendar gives its parts the roles of a table that is none: rows without cells, asides that are no asides.
// They are taken off: what a screen reader reads is each block's link, and the page's own list and table.
"use strict";

const ROLES = '[role="table"], [role="row"], [role="rowgroup"], [role="columnheader"], [role="cell"], aside, article';
const COLUMNS = ["aria-colindex", "aria-colspan"];

export function dropRoles(root) {
  for (const part of root.querySelectorAll(ROLES)) {
    part.setAttribute("role", "presentation");
    for (const name of COLUMNS) part.removeAttribute(name);
  }
  const scrolled = root.querySelector(".ec-main");
  scrolled.tabIndex = 0; // by keyboard, too
  scrolled.setAttribute("role", "region");
  scrolled.setAttribute("aria-labelledby", "calendar-heading");
}
