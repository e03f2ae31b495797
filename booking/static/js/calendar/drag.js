// Moving an appointment with the pointer: what can't be is grey and says why; the form of each visit does the same.
"use strict";

import { minutes, node, wallClock } from "./blocks.js";

const FAILED = "It could not be moved. Open the visit and use “Move…”.";

export class Drag {
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
      eventDragStart: (info) => this.#start(info),
      dragConstraint: (info) => this.#explain(info),
      eventDrop: (info) => this.#drop(info),
    };
  }

  #start({ event, jsEvent }) {
    this.#block = event.extendedProps.block;
    this.#column = this.calendar.columnAt(jsEvent.clientX, jsEvent.clientY);
    this.#refused = [];
    this.#key = this.#ask(this.#block).catch(() => null);
  }

  async #ask(block) {
    const answer = await fetch(this.calendar.addressOf(block, "refused"), { cache: "no-store", redirect: "manual" });
    if (!answer.ok) return null;
    const { refused, form_key: key } = await answer.json();
    if (block === this.#block) {
      this.#refused = refused;
      this.calendar.cover(refused);
    }
    return { key, refused };
  }

  // Called at each step of the pointer; where it may be dropped is decided at the drop.
  #explain({ event, newResource }) {
    const why = this.isActive ? reasonFor(this.#refused, newResource?.id ?? this.#column, wallClock(event.start)) : "";
    this.calendar.hint(why, event.start);
    return true;
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
    const asked = await this.#key;
    const why = asked ? reasonFor(asked.refused, column.id, start) : FAILED;
    const answer = why ? { problem: why, form: moveAddress(block, start, column) } : await this.#post(block, start, column, asked.key);
    if (answer.problem) info.revert();
    else this.calendar.untold.checked = false; // it was said of this one alone
    this.calendar.say(answer);
    this.calendar.refresh();
  }

  async #post(block, start, column, key) {
    const fields = { csrf_token: this.calendar.token, form_key: key, shown_version: block.version, start, location: column.location || block.location };
    if (column.kind !== "location") fields.resource = column.id;
    if (this.calendar.untold.checked) fields.do_not_notify = "y";
    try {
      const answer = await fetch(`${block.url}/move`, {
        method: "POST",
        body: new URLSearchParams(fields),
        headers: { Accept: "application/json" },
        redirect: "manual",
      });
      return answer.status === 200 || answer.status === 409 ? await answer.json() : { problem: FAILED, form: `${block.url}/move` };
    } catch {
      return { problem: FAILED, form: `${block.url}/move` };
    }
  }
}

function reasonFor(refused, column, start) {
  return refused.find((span) => span.columns.includes(column) && span.start <= start && start < span.end)?.text ?? "";
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
