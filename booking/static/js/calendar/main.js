// The calendar of the day page: what the server says of a day or week, drawn by EventCalendar.
"use strict";

import { asBackground, asEvent, draw, drawLoads } from "./blocks.js";
import { KINDS, bindChoices, chosen } from "./choices.js";
import { loadLibrary } from "./library.js";
import { dropRoles } from "./roles.js";
import { Source } from "./source.js";

const LEAST = { location: 15, other: 8 }; // rem: a column's width where not all fit; in some, blocks stand beside one another
const root = document.getElementById("calendar");
const form = document.getElementById("calendar-choices");
const grid = document.getElementById("calendar-grid");

class DeskCalendar {
  #data = null;
  #drawn = null;

  constructor(library) {
    this.library = library;
    this.source = new Source((data) => this.show(data), () => this.hide());
  }

  open() {
    const { span, place } = chosen(form);
    const { location, date, from } = root.dataset;
    return this.source.open(`${from}/${place === "all" ? "all" : location}/${date}/${span}`);
  }

  show(data) {
    this.#data = data;
    root.hidden = false;
    this.redraw();
  }

  // Nobody reads on who has signed out.
  hide() {
    if (this.#drawn) this.library.destroy(this.#drawn);
    this.#drawn = null;
    root.hidden = true;
  }

  redraw() {
    const options = this.#options(this.#data);
    if (this.#drawn) for (const [name, value] of Object.entries(options)) this.#drawn.setOption(name, value);
    else this.#drawn = this.library.create(grid, { ...this.#constant(), ...options });
    requestAnimationFrame(() => dropRoles(grid));
  }

  #options({ columns, blocks, closed, loads, hours, days, offset }) {
    const { columns: kind } = chosen(form);
    const shown = columns.filter((column) => KINDS[kind].includes(column.kind));
    const isOne = new Set(columns.map((column) => column.place)).size < 3; // practitioners are at none
    const loaded = firstColumns(shown, loads);
    const isWide = days.length === 1;
    return {
      date: days[0],
      duration: { days: days.length },
      datesAboveResources: days.length > 1,
      columnWidth: `minmax(${LEAST[kind] ?? LEAST.other}rem, 1fr)`,
      slotMinTime: hours[0],
      slotMaxTime: hours[1],
      timeZone: offset,
      resources: shown.map(({ id, title, place }) => ({ id, title: isOne || !place ? title : `${title}, ${place}` })),
      dayCellContent: ({ date, resource }) => loadsOf(loads, hours, loaded.get(resource.id), date, isWide),
      events: [
        ...blocks.map((block) => asEvent(block, (id) => loaded.has(id), isWide)),
        ...closed.map((span) => asBackground(span)),
      ],
    };
  }

  #constant() {
    return {
      view: "resourceTimeGridDay",
      headerToolbar: { start: "", center: "", end: "" },
      allDaySlot: false,
      slotDuration: "00:15",
      slotLabelInterval: "01:00",
      slotHeight: 20,
      slotEventOverlap: false,
      nowIndicator: true,
      locale: document.documentElement.lang,
      dayHeaderFormat: { weekday: "short", month: "short", day: "numeric" },
      eventContent: draw,
      eventDidMount: ({ event, el }) => { el.title = event.title || event.extendedProps.text || ""; },
    };
  }
}

// The column at whose edge a location's load is drawn: its first, or the first of all.
function firstColumns(columns, loads) {
  const locations = new Set(loads.map((load) => load.location));
  return new Map([...locations].map((location) => [(columns.find((column) => column.location === location) ?? columns[0])?.id, location]));
}

function isoDate(date) {
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

function loadsOf(loads, hours, place, date, isWide) {
  const day = isoDate(date);
  const own = place ? loads.filter((load) => load.location === place && load.start.startsWith(day)) : [];
  return own.length ? drawLoads(own, hours, isWide) : "";
}

if (root) {
  const calendar = new DeskCalendar(await loadLibrary(root.dataset.library));
  bindChoices(form, () => calendar.open());
  await calendar.open();
}
