// What is heard and pressed in a call, sentence by sentence, as it happens. Keys of an entry (a number, a PIN) are shown
// as dots: this page knows no meaning, so whatever is not a menu's single key is hidden.

import { text } from "./texts.js";

const DOT = "•";
/** Pixels from the end of what was said, for somebody who reads along. */
const NEAR = 40;

export class Conversation {
  #log;
  #waiting = [];
  /** What is said last is in sight. */
  #follows = true;

  constructor(log) {
    this.#log = log;
    this.clear();
    log.addEventListener("scroll", () => {
      this.#follows = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    });
    // A telephone is turned, a window made smaller: lines break elsewhere.
    new ResizeObserver(() => this.#follow()).observe(log);
  }

  clear() {
    this.#log.replaceChildren();
    // Nothing to scroll, so nothing to stop at with the Tab key.
    this.#log.tabIndex = -1;
    this.#waiting = [];
  }

  /** A sentence is heard. */
  says({ number, prompt, language, text: words }) {
    this.#log.querySelector(".now")?.classList.remove("now");
    const line = this.#line("says now", words);
    line.lang = language;
    line.dataset.number = number;
    if (prompt) {
      line.dataset.prompt = prompt;
    }
  }

  /** A key is pressed; whether it was taken is told later. */
  pressed(key, { hidden }) {
    const entry = this.#log.querySelector(".entry:last-child");
    if (hidden && entry) {
      entry.querySelector("[aria-hidden]").textContent += DOT;
      this.#waiting.push(entry);
      return;
    }
    const spoken = document.createElement("span");
    spoken.className = "unseen";
    spoken.textContent = `${text(hidden ? "pressed.hidden" : "pressed")} `;
    const shown = document.createElement("span");
    shown.textContent = hidden ? DOT : key;
    if (hidden) {
      shown.setAttribute("aria-hidden", "true");
    }
    this.#waiting.push(this.#line(hidden ? "pressed entry" : "pressed", spoken, shown));
  }

  /** The oldest key that was pressed has come to the line. */
  arrived({ lost }) {
    const line = this.#waiting.shift();
    if (line && lost && !line.classList.contains("lost")) {
      line.classList.add("lost");
      line.append(` ${text("pressed.lost")}`);
    }
  }

  /** Something happened that nobody said. */
  note(words) {
    this.#line("note", words);
  }

  /** All of it, to be saved: keys of entries are dots here too. */
  export() {
    const mark = (line) => (line.classList.contains("says") ? "" : line.classList.contains("pressed") ? "> " : "-- ");
    return [...this.#log.children].map((line) => `${line.dataset.at}  ${mark(line)}${shownText(line)}\n`).join("");
  }

  #line(kind, ...words) {
    const line = document.createElement("p");
    line.className = kind;
    line.append(...words);
    line.dataset.at = new Date().toTimeString().slice(0, 8);
    this.#log.append(line);
    this.#log.tabIndex = 0;
    this.#follow();
    return line;
  }

  #follow() {
    if (this.#follows) {
      this.#log.scrollTop = this.#log.scrollHeight;
    }
  }
}

function shownText(line) {
  return [...line.childNodes].map((node) => (node.className === "unseen" ? "" : node.textContent)).join("").trim();
}

/** Lets `button` save what `words()` gives as a text file. */
export function savesText(button, name, words) {
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([words()], { type: "text/plain" }));
    link.download = `${name}.txt`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

/** Reads texts out where a sentence has no sound of its own, or this page can play none. */
export class Reader {
  says({ language, text: words }) {
    const voice = window.speechSynthesis?.getVoices().find((voice) => voice.lang.replace("_", "-").startsWith(language));
    if (voice && words) {
      const utterance = new SpeechSynthesisUtterance(words);
      utterance.voice = voice;
      utterance.lang = voice.lang;
      speechSynthesis.speak(utterance);
    }
  }

  stops() {
    window.speechSynthesis?.cancel();
  }
}
