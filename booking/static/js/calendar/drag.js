// Moving and stretching an appointment with the pointer: what can't be is grey and says why; the forms of each
// visit do the same.
"use strict";

import { minutes, node, wallClock } from "./blocks.js";

import { post } from "./posting.js";

const MOVE = {
  address: (calendar, block) => calendar.addressOf(block, "refused"),
  isIn: (span, { start }) => span.start <= start && start < span.end,
  at: (event) => event.start,
  refused: "Not moved. ",
  failed: "It could not be moved. Open the visit and use “Move…”.",
};
const STRETCH = {
  address: (_calendar, block) => `${block.url}/length/refused`,
  isIn: (span, { end }) => span.start < end && end <= span.end,
  at: (event) => event.end,
  refused: "Not changed. ",
  failed: "It could not be changed. Open the visit and use “How long…”.",
};

export class Drag {
  #kind = MOVE;
  #block = null;
  #column = null;
  #refused = [];
  #key = null;

  // `calendar` tells the columns and days drawn, and is told what to say and when to ask the server again.
  constructor(calendar) {
    this.calendar = calendar;
  }

  get isActive() {
    return this.#block !== null;
  }

  options() {
    return {
      eventDragStart: (info) => this.#start(info, MOVE),
      eventResizeStart: (info) => this.#start(info, STRETCH),
      dragConstraint: (info) => this.#explain(info),
      resizeConstraint: (info) => this.#explain(info),
      eventDrop: (info) => this.#drop(info),
      eventResize: (info) => this.#stretch(info),
    };
  }

  #start({ event, jsEvent }, kind) {
    this.#kind = kind;
    this.#block = event.extendedProps.block;
    this.#column = this.calendar.columnAt(jsEvent.clientX, jsEvent.clientY);
    this.#refused = [];
    this.#key = this.#ask(this.#block).catch(() => null);
  }

  async #ask(block) {
    const answer = await fetch(this.#kind.address(this.calendar, block), { cache: "no-store", redirect: "manual" });
    if (!answer.ok) return null;
    const { refused, form_key: key } = await answer.json();
    if (block === this.#block) {
      this.#refused = refused;
      this.calendar.cover(refused.map((span) => ({ columns: [this.#column], ...span })));
    }
    return { key, refused };
  }

  // Called at each step of the pointer; where it may be dropped is decided at the drop.
  #explain({ event, newResource }) {
    const why = this.isActive ? this.#reasonFor(this.#refused, newResource?.id ?? this.#column, event) : "";
    this.calendar.hint(why, this.#kind.at(event));
    return true;
  }

  // The first span that stands against it; one without columns is of all.
  #reasonFor(refused, column, event) {
    const times = { start: wallClock(event.start), end: wallClock(event.end) };
    return refused.find((span) => (span.columns?.includes(column) ?? true) && this.#kind.isIn(span, times))?.text ?? "";
  }

  stop() {
    this.#block = null;
    this.calendar.uncover();
  }

  async #drop(info) {
    const { block } = info.event.extendedProps;
    const column = this.calendar.columnOf(info.newResource?.id ?? this.#column);
    const start = wallClock(info.event.start);
    if (start === block.start && !info.newResource) return;
    const fields = { start, location: column.location || block.location };
    if (column.kind !== "location") fields.resource = column.id;
    if (this.calendar.untold.checked) fields.do_not_notify = "y";
    const isDone = await this.#finish(info, MOVE, column.id, "move", fields, moveAddress(block, start, column));
    if (isDone) this.calendar.untold.checked = false; // it was said of this one alone
  }

  async #stretch(info) {
    const { block } = info.event.extendedProps;
    const longer = minutes(wallClock(info.event.end)) - minutes(block.end);
    if (longer === 0) return;
    const fields = { extra_minutes: block.extra + longer };
    await this.#finish(info, STRETCH, this.#column, "length", fields, `${block.url}/length`);
  }

  // Ask the server to do it, or say why not; `form` is where all is said.
  async #finish(info, kind, column, path, fields, form) {
    const { block } = info.event.extendedProps;
    const asked = await this.#key;
    const why = asked ? this.#reasonFor(asked.refused, column, info.event) : kind.failed;
    const sent = { csrf_token: this.calendar.token, form_key: asked?.key, shown_version: block.version, ...fields };
    const answer = why ? { problem: why, form } : (await post(`${block.url}/${path}`, sent)) ?? { problem: kind.failed, form };
    if (answer.problem) info.revert();
    this.calendar.say(answer, kind.refused);
    this.calendar.refresh();
    return !answer.problem;
  }
}

// Where the form says all that stands against a time, and takes a reason where one helps.
function moveAddress(block, start, column) {
  const place = column.location || block.location;
  const question = new URLSearchParams({ location: place, why_date: start.slice(0, 10), why_time: start.slice(11), why_location: place });
  return `${block.url}/move?${question}#why-not`;
}

export function cover(cell, { start, end, text }, hours) {
  const [first, last] = hours.map(minutes);
  const grey = node("div", "calendar-refused");
  grey.title = text;
  grey.style.insetBlockStart = `${(100 * (minutes(start) - first)) / (last - first)}%`;
  grey.style.blockSize = `${(100 * ((minutes(end) || 1440) - minutes(start))) / (last - first)}%`;
  cell.append(grey);
}
