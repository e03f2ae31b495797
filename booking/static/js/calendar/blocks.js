// What the calendar's data looks like: blocks of appointments, what is closed, the nurses' load.
"use strict";

export function node(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

// A date of EventCalendar's as the clock on the wall shows it, as in 2026-12-01T09:00.
export function wallClock(date) {
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes()];
  const [year, month, day, hour, minute] = parts.map((part) => String(part).padStart(2, "0"));
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

export const minutes = (time) => Number(time.slice(-5, -3)) * 60 + Number(time.slice(-2));
const SHORT = 30; // minutes: what a block of one line is
const length = ({ start, end }) => minutes(end) - minutes(start);

export function asEvent(block, isLoaded, isWide) {
  const edge = block.columns.some(isLoaded) ? ["beside-load", ...(isWide ? ["beside-wide"] : [])] : [];
  return {
    id: block.id,
    start: block.start,
    end: block.end,
    resourceIds: block.columns,
    title: `${block.name}, ${block.time}, ${block.service}, ${block.word}`,
    startEditable: block.movable ?? false,
    durationEditable: block.stretchable ?? false,
    classNames: ["block", `block-${block.state}`, ...(length(block) <= SHORT ? ["block-short"] : []), ...edge],
    extendedProps: { block },
  };
}

export function asBackground({ start, end, columns, text }, className = "calendar-closed") {
  return { start, end, resourceIds: columns, display: "background", classNames: [className], extendedProps: { text } };
}

// Colour, icon and word; what is recovery, or a room made ready, is hatched at the foot.
export function draw({ event }) {
  const { block, text } = event.extendedProps;
  if (!block) return { domNodes: text ? [node("span", "calendar-why", text)] : [] };
  const state = node("span", `status status-${block.state}`, block.confirmed ? `${block.word}, confirmed` : block.word);
  const marks = (block.marks ?? []).map(([kind, word]) => node("span", `mark mark-${kind}`, word));
  const tail = node("div", "block-tail");
  tail.style.blockSize = `${(100 * block.tail) / length(block)}%`;
  const line = node("span", "block-line");
  line.append(`${block.time} `, state); // what a narrow column cuts off is the word: colour and icon say it, too
  const parts = [drawName(block), line, ...marks, node("span", "block-facts", block.service)];
  return { domNodes: block.tail > 0 ? [tail, ...parts] : parts };
}

function drawName({ name, url }) {
  const drawn = node(url ? "a" : "strong", "block-name", name);
  if (url) Object.assign(drawn, { href: url, draggable: false });
  return drawn;
}

// How full the nurses' seats are, at the edge of a location's first column.
export function drawLoads(loads, hours, isWide) {
  const [first, last] = hours.map(minutes);
  const strip = node("div", isWide ? "loads loads-wide" : "loads");
  for (const { start, taken, seats } of loads) {
    const share = seats ? taken / seats : 1;
    const mark = node("span", `load load-${taken > seats ? 4 : Math.min(3, Math.floor(share * 4))}`, isWide ? `${taken}/${seats}` : "");
    mark.title = `Nurses: ${taken} of ${seats} seats taken`;
    mark.style.insetBlockStart = `${(100 * (minutes(start) - first)) / (last - first)}%`;
    mark.style.blockSize = `${1500 / (last - first)}%`;
    strip.append(mark);
  }
  return { domNodes: [strip] };
}
