// The twelve keys of a telephone, by finger, by keyboard and by screen reader. What a key does is *not* known here.

import { onLanguage, text } from "./texts.js";

const KEYS = "123456789*0#";
const NAMES = { "*": "key.star", "#": "key.pound" };
/** Of the numeric pad, which has no #. */
const ALSO = { "/": "#" };
const PRESSED_MS = 150;

export class Keypad {
  #buttons = new Map();
  #keyboard;
  #press;

  /** Fills `element` with keys; `keyboard` is the checkbox that lets them be typed; `press(key)` is told. */
  constructor(element, keyboard, press) {
    this.#keyboard = keyboard;
    this.#press = press;
    for (const key of KEYS) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.key = key;
      button.textContent = key;
      button.addEventListener("click", () => this.press(key));
      this.#buttons.set(key, button);
      element.append(button);
    }
    onLanguage(() =>
      this.#buttons.forEach((button, key) =>
        button.setAttribute("aria-label", text("key", { key: key in NAMES ? text(NAMES[key]) : key })),
      ),
    );
    document.addEventListener("keydown", (event) => this.#typed(event));
  }

  /** Shows that a key goes down, and tells it. */
  press(key) {
    const button = this.#buttons.get(key);
    button.classList.add("down");
    setTimeout(() => button.classList.remove("down"), PRESSED_MS);
    this.#press(key);
  }

  #typed(event) {
    const key = ALSO[event.key] ?? event.key;
    if (this.#buttons.has(key) && this.#keyboard.checked && isFree(event)) {
      event.preventDefault();
      if (!event.repeat) {
        this.press(key);
      }
    }
  }
}

/** Whether a key press is meant for the page as a whole, not for a field in it or for the browser. */
export function isFree(event) {
  return !(event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input:not([type=checkbox]), select, textarea"));
}
