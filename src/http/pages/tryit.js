// The card for somebody who was told nothing: the way to a balance, step by step. Each step is a button that presses its
// keys one by one, as a person would, once they are asked for. Which step it is follows from what is heard, so keys
// pressed on the telephone itself do as well. This card alone knows prompts: those of the shipped line.

import { onLanguage, shown, text } from "./texts.js";

const BETWEEN_KEYS_MS = 220;
/** What asks for the keys of each step; the first is the call itself. */
const ASKED_BY = [null, "entry.lang", "main.menu", "auth.method", "auth.id", "auth.pin"];
const GOAL = "med.balance";

export class TryIt {
  #phone;
  #steps = [];
  #at = 0;
  #heard = null;
  #typing = null;
  #card;
  #next;
  #people;

  /**
   * `next` is a button for the next step alone, for small screens; `people` are those of the demonstration; `phone` is
   * asked to `call()`, to `press(key)`, and whether it `listens()`.
   */
  constructor(card, next, people, phone) {
    this.#card = card;
    this.#next = next;
    this.#people = people;
    this.#phone = phone;
    const select = card.querySelector("select");
    for (const [index, { id, hint }] of people.entries()) {
      select.append(new Option(hint ? `${id} (${hint})` : id, String(index)));
    }
    select.addEventListener("change", () => this.#show());
    next.addEventListener("click", () => this.#does(this.#at));
    onLanguage(() => this.#show());
    card.hidden = people.length === 0;
  }

  starts() {
    this.#go(1);
  }

  ends() {
    this.#go(0);
  }

  /** A sentence is heard. */
  hears(prompt) {
    this.#heard = prompt;
    const asked = ASKED_BY.indexOf(prompt);
    if (asked > 0) {
      this.#go(asked);
    } else if (prompt === GOAL) {
      this.#go(this.#steps.length);
    }
  }

  /** A key came while none was taken: the rest would be wrong. */
  keyLost() {
    this.#stopTyping();
  }

  #go(step) {
    if (step !== this.#at) {
      this.#stopTyping();
      this.#at = step;
      this.#mark();
    }
  }

  #show() {
    const { id, pin } = this.#people[this.#card.querySelector("select").value] ?? { id: "", pin: "" };
    this.#steps = [
      { name: "try.call", keys: "" },
      { name: "try.language", keys: shown() === "en" ? "2" : "1" },
      { name: "try.balance", keys: "1" },
      { name: "try.method", keys: "1" },
      { name: "try.id", keys: `${id.replace("X", "*")}#` },
      { name: "try.pin", keys: `${pin}#` },
    ];
    const items = this.#steps.map(({ name, keys }, index) => {
      const button = document.createElement("button");
      button.type = "button";
      const what = document.createElement("span");
      what.textContent = text(name);
      const which = document.createElement("kbd");
      which.textContent = keys;
      button.append(what, " ", which);
      button.addEventListener("click", () => this.#does(index));
      const item = document.createElement("li");
      item.append(button);
      return item;
    });
    this.#card.querySelector("ol").replaceChildren(...items);
    this.#mark();
  }

  #mark() {
    const buttons = this.#card.querySelectorAll("ol button");
    buttons.forEach((button, index) => {
      const isNext = index === this.#at;
      button.classList.toggle("done", index < this.#at);
      isNext ? button.setAttribute("aria-current", "step") : button.removeAttribute("aria-current");
      button.setAttribute("aria-disabled", String(!isNext));
    });
    const step = this.#steps[this.#at];
    this.#card.querySelector(".done-all").hidden = Boolean(step);
    this.#next.hidden = this.#people.length === 0 || !step || this.#at === 0;
    this.#next.textContent = step ? `${text("try.next", { number: this.#at + 1 })} ${text(step.name)}` : "";
  }

  #does(index) {
    if (index !== this.#at || this.#typing) {
      return;
    }
    if (index === 0) {
      this.#phone.call();
      return;
    }
    const rest = [...this.#steps[index].keys];
    this.#card.querySelectorAll("ol button")[index].setAttribute("aria-busy", "true");
    this.#typing = setInterval(() => {
      if (this.#heard === ASKED_BY[index] && this.#phone.listens()) {
        this.#phone.press(rest.shift());
        if (rest.length === 0) {
          this.#stopTyping();
        }
      }
    }, BETWEEN_KEYS_MS);
  }

  #stopTyping() {
    clearInterval(this.#typing);
    this.#typing = null;
    this.#card.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  }
}
