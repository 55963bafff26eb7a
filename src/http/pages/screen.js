// What the screens of the telephone and of the desk have in common.

import { knows, text } from "./texts.js";

export const element = (id) => document.getElementById(id);

/** Puts words into an element; only what is new is read out. */
export function shows(id, words) {
  if (element(id).textContent !== words) {
    element(id).textContent = words;
  }
}

/** Says what does not work, or nothing any more. */
export function showTrouble(key) {
  element("trouble").hidden = !knows(key);
  shows("trouble", knows(key) ? text(key) : "");
}

export function showTime(seconds) {
  shows("timer", `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
}

/** Whole seconds since a moment; 0 for none. */
export function secondsSince(moment) {
  return moment ? Math.floor((Date.now() - moment) / 1000) : 0;
}
