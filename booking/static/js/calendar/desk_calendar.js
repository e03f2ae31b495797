// One calendar on the page: its data, what of it is drawn, and what is done in it.
"use strict";

import { asBackground, asEvent, draw, drawLoads, wallClock } from "./blocks.js";
import { KINDS, chosen } from "./choices.js";
import { Drag, cover } from "./drag.js";
import { dropRoles } from "./roles.js";
import { Source } from "./source.js";

// A column's least width in rem; in a whole location's, blocks stand beside one another.
const LEAST = { location: 15, other: 8 };
const BESIDE = 5.5; // rem: the least of each block that stands beside others
const BOOKED_EVERY = 15; // minutes: an empty time that is clicked begins with its quarter
const AN_HOUR = 60; // minutes above the now-line that are shown at first

export class DeskCalendar {
  #data = null;
  #waiting = null; // what came while something was dragged
  #drawn = null;
  #shown = [];
  #wasDragged = false;
  #inSight = ""; // the choices for which the day was last brought into sight

  constructor(library, root, form, askWho) {
    Object.assign(this, { library, root, form, askWho });
    this.grid = root.querySelector(".calendar-grid");
    this.hinted = root.querySelector(".calendar-hint");
    this.result = root.querySelector(".calendar-result");
    this.untold = root.querySelector("#calendar-untold");
    this.token = root.dataset.token;
    this.drag = new Drag(this);
    this.source = new Source((data) => this.show(data), () => this.hide());
    this.grid.addEventListener("click", (event) => this.#click(event), true);
  }

  open() {
    return this.source.open(`${this.root.dataset.from}/${this.#range()}`);
  }

  refresh() {
    return this.source.refresh();
  }

  #range() {
    const { span, place } = chosen(this.form);
    return `${place === "all" ? "all" : this.root.dataset.location}/${this.root.dataset.date}/${span}`;
  }

  show(data) {
    if (this.drag.isActive) this.#waiting = data;
    else this.#redraw(data);
  }

  // Nobody reads on who has signed out.
  hide() {
    if (this.#drawn) this.library.destroy(this.#drawn);
    this.#drawn = null;
    this.root.hidden = true;
  }

  #redraw(data) {
    const isFirst = this.#drawn === null;
    this.#data = data;
    this.root.hidden = false;
    const options = this.#options(data);
    if (isFirst) this.#drawn = this.library.create(this.grid, { ...this.#constant(data), ...options });
    else {
      for (const [name, value] of Object.entries(options)) this.#drawn.setOption(name, value);
      document.dispatchEvent(new Event("desk-changed"));
    }
    requestAnimationFrame(() => {
      dropRoles(this.grid);
      if (this.#inSight !== this.#view()) this.#showDay();
    });
  }

  #view() {
    return Object.values(chosen(this.form)).join();
  }

  // Of a week that is wider than the page, the day that was asked for is in sight.
  #showDay() {
    this.#inSight = this.#view();
    const day = this.#data.days.indexOf(this.root.dataset.date);
    const cell = this.grid.querySelectorAll(".ec-body .ec-day")[day * this.#shown.length];
    const main = this.grid.querySelector(".ec-main");
    if (cell && main) main.scrollLeft += cell.getBoundingClientRect().left - main.getBoundingClientRect().left - 90;
  }

  #options({ columns, blocks, closed, loads, hours, days, offset }) {
    const { columns: kind } = chosen(this.form);
    this.#shown = columns.filter((column) => KINDS[kind].includes(column.kind));
    const first = firstColumns(this.#shown, loads);
    const isWide = days.length === 1;
    const isAll = new Set(loads.map((load) => load.location)).size > 1;
    return {
      date: days[0],
      duration: { days: days.length },
      datesAboveResources: days.length > 1,
      columnWidth: `minmax(${columnWidth(kind, blocks)}rem, 1fr)`,
      slotMinTime: hours[0],
      slotMaxTime: hours[1],
      timeZone: offset,
      resources: this.#shown.map(({ id, title, place }) => ({ id, title: isAll && place ? `${title}, ${place}` : title })),
      dayCellContent: ({ date, resource }) => loadsOf(loads, hours, first.get(resource.id), date, isWide),
      events: [...blocks.map((block) => asEvent(block, (id) => first.has(id), isWide)), ...closed.map((span) => asBackground(span))],
    };
  }

  #constant({ days, offset }) {
    return {
      view: "resourceTimeGridDay",
      headerToolbar: { start: "", center: "", end: "" },
      allDaySlot: false,
      slotDuration: "00:15",
      snapDuration: "00:05",
      slotLabelInterval: "01:00",
      slotHeight: 20,
      slotEventOverlap: false,
      scrollTime: scrollTime(days, offset),
      nowIndicator: true,
      longPressDelay: 400,
      locale: document.documentElement.lang,
      dayHeaderFormat: { weekday: "short", month: "short", day: "numeric" },
      eventContent: draw,
      eventDidMount: ({ event, el }) => { el.title = event.title || event.extendedProps.text || ""; },
      dateClick: ({ date, resource }) => this.#book(date, this.columnOf(resource.id)),
      ...this.drag.options(),
      eventDragStop: () => this.#endDrag(),
      eventResizeStop: () => this.#endDrag(),
    };
  }

  #endDrag() {
    this.drag.stop();
    this.#wasDragged = true; // the click that follows opens nothing
    setTimeout(() => {
      this.#wasDragged = false;
      if (this.#waiting) this.#redraw(this.#waiting);
      this.#waiting = null;
    });
  }

  // A click anywhere on a block opens its visit, as its link does.
  #click(event) {
    const link = event.target.closest(".ec-event")?.querySelector("a");
    if (this.#wasDragged) event.preventDefault();
    else if (link && event.target !== link) link.click();
  }

  #book(date, column) {
    date.setMinutes(date.getMinutes() - (date.getMinutes() % BOOKED_EVERY));
    const at = wallClock(date);
    const words = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "long", month: "long", day: "numeric", hour: "numeric", minute: "2-digit" });
    this.askWho({ location: column.location || this.root.dataset.location, date: at.slice(0, 10), time: at.slice(11) }, `${words.format(date)}, ${column.title}`);
  }

  columnOf(id) {
    return this.#shown.find((column) => column.id === id);
  }

  columnAt(x, y) {
    return this.#drawn.dateFromPoint(x, y)?.resource?.id;
  }

  addressOf(block, what) {
    return `${block.url}/${what}/${this.#range()}`;
  }

  // Draw where what is dragged can't be, over the columns it is said of.
  cover(refused) {
    const cells = this.grid.querySelectorAll(".ec-body .ec-day");
    const { days, hours } = this.#data;
    for (const span of refused) {
      const day = days.indexOf(span.start.slice(0, 10));
      const column = this.#shown.findIndex(({ id }) => span.columns.includes(id));
      const cell = column < 0 ? null : cells[day * this.#shown.length + column];
      if (cell) cover(cell, span, hours);
    }
  }

  uncover() {
    for (const grey of this.grid.querySelectorAll(".calendar-refused")) grey.remove();
    this.hinted.hidden = true;
    this.grid.classList.remove("is-refused");
  }

  hint(why, date) {
    const at = date.toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });
    this.hinted.hidden = false;
    this.hinted.textContent = why ? `${at}: ${why}` : at;
    this.grid.classList.toggle("is-refused", why !== "");
  }

  // What was done, as a page would say it; or why not, with the form that says all.
  say({ notices, problem, form }, refused) {
    if (notices !== undefined) {
      const fresh = new DOMParser().parseFromString(notices, "text/html");
      this.result.replaceChildren(...fresh.body.childNodes);
      return;
    }
    const said = document.createElement("p");
    said.className = "notice notice-refused";
    const link = Object.assign(document.createElement("a"), { href: form, textContent: "Why, and what could be done" });
    said.append(refused, problem, " ", link);
    this.result.replaceChildren(said);
  }
}

// A location's column is as wide as its blocks need that stand beside one another.
function columnWidth(kind, blocks) {
  if (kind !== "location") return LEAST.other;
  return Math.max(LEAST.location, BESIDE * mostAtOnce(blocks));
}

function mostAtOnce(blocks) {
  return Math.max(0, ...blocks.map(({ start, location }) => blocks.filter((other) =>
    other.location === location && other.start <= start && start < other.end).length));
}

// The column at whose edge a location's load is drawn: its first, or the first of all.
function firstColumns(columns, loads) {
  const locations = new Set(loads.map((load) => load.location));
  return new Map([...locations].map((location) => [(columns.find((column) => column.location === location) ?? columns[0])?.id, location]));
}

function loadsOf(loads, hours, location, date, isWide) {
  const day = wallClock(date).slice(0, 10);
  const own = location ? loads.filter((load) => load.location === location && load.start.startsWith(day)) : [];
  return own.length ? drawLoads(own, hours, isWide) : "";
}

function scrollTime(days, offset) {
  const [, sign, hours, minutes] = offset.match(/([+-])(\d\d):(\d\d)/);
  const ahead = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
  const now = new Date(Date.now() + (ahead - AN_HOUR) * 60_000).toISOString();
  return days.includes(now.slice(0, 10)) ? now.slice(11, 16) : "00:00";
}
