// EventCalendar is published as a classic script (static/vendor): it runs as such, and is handed on from here.
"use strict";

export function loadLibrary(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.EventCalendar);
    script.onerror = reject;
    document.head.append(script);
  });
}
