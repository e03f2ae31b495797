"""Calendar files as ical.js reads them, the library in Thunderbird: a third parser, in another language.

It runs in the Node.js that Playwright brings along.
"""

import gzip
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from playwright._impl._driver import compute_driver_executable

LIBRARY = Path(__file__).parent / "vendored" / "ical.js" / "ical.es5.min.cjs.gz"
READ = """
const ICAL = module.exports;
const answers = JSON.parse(texts).map((text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const value = (part, name) => String(part.getFirstPropertyValue(name));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  return {
    method: value(calendar, "method"),
    events: calendar.getAllSubcomponents("vevent").map((part) => {
      const event = new ICAL.Event(part);
      return {
        uid: event.uid, sequence: event.sequence, summary: event.summary, status: value(part, "status"),
        organizer: event.organizer, attendees: event.attendees.map((each) => each.getFirstValue()),
        start: event.startDate.toJSDate().toISOString(), end: event.endDate.toJSDate().toISOString(),
        stamp: event.component.getFirstPropertyValue("dtstamp").toJSDate().toISOString(),
      };
    }),
  };
});
console.log(JSON.stringify(answers));
"""


def read_calendars(texts: list[str]) -> list[dict[str, Any]]:
    """Return what ical.js makes of calendar files; instants in UTC. Fails where it can't read one."""
    node, _ = compute_driver_executable()
    program = f"{_library()}\nconst texts = {json.dumps(json.dumps(texts))};\n{READ}"
    run = subprocess.run([node, "-"], input=program, capture_output=True, text=True, check=True)
    answers: list[dict[str, Any]] = json.loads(run.stdout)
    return answers


@cache
def _library() -> str:
    return gzip.decompress(LIBRARY.read_bytes()).decode()
