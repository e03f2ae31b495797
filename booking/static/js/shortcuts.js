// Whether single keys do anything in this browser: some people's voice or hands press them unawares.
"use strict";

const KEPT = "keys";
const TYPED = "input:not([type=radio], [type=checkbox], [type=button], [type=submit]), select, textarea";

export function areKeysOn() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // nothing may be kept here
  }
}

export function setKeys(isOn) {
  try {
    localStorage.setItem(KEPT, isOn ? "on" : "off");
  } catch {
    // It holds for as long as nothing may be kept: they stay on.
  }
}

// Where letters are written, or choose in a list, they are no keys.
export function isTyping({ target }) {
  return target.isContentEditable || target.closest(TYPED) !== null;
}
