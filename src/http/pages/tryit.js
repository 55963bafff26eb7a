// The card for somebody who was told nothing: the way to a balance, step by step. Each step is a button that presses the
// keys one by one, as a person would, once the line listens; keys pressed on the telephone itself count as well.

import { onLanguage, shown, text } from "./texts.js";

const BETWEEN_KEYS_MS = 220;

export class TryIt {
  #phone;
  #steps = [];
  #at = 0;
  #done = 0;
  #typing = null;
  #card;
  #next;
  #people;

  /**
   * `next` is a button for the next step alone, for small screens; `people` are those of the demonstration; `phone` is
   * asked to `call()`, to `press(key)`, and whether it `listens`.
   */
  constructor(card, next, people, phone) {
    this.#card = card;
    this.#next = next;
    this.#people = people;
    this.#phone = phone;
    const select = card.querySelector("select");
    for (const [index, { id, hint }] of people.entries()) {
      const option = document.createElement("option");
      option.value = String(index);
      option.textContent = hint ? `${id} ${hint}` : id;
      select.append(option);
    }
    select.addEventListener("change", () => this.#show());
    next.addEventListener("click", () => this.#does(this.#at));
    onLanguage(() => this.#show());
    card.hidden = people.length === 0;
  }

  /** A call begins, or is over. */
  starts() {
    this.#go(1);
  }

  ends() {
    this.#go(0);
  }

  /** A key has come to the line. */
  arrived(key, { lost }) {
    if (lost) {
      this.#stopTyping();
      this.#done = 0;
      return;
    }
    const keys = this.#steps[this.#at]?.keys ?? "";
    this.#done = keys[this.#done] === key ? this.#done + 1 : keys[0] === key ? 1 : 0;
    if (keys && this.#done === keys.length) {
      this.#go(this.#at + 1);
    }
  }

  #go(step) {
    this.#stopTyping();
    this.#at = step;
    this.#done = 0;
    this.#mark();
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
    this.#next.textContent = step ? `${text("try.next", { number: this.#at + 1 })} ${text(step.name)} ${step.keys}` : "";
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
    const button = this.#card.querySelectorAll("ol button")[index];
    button.setAttribute("aria-busy", "true");
    this.#typing = setInterval(() => {
      if (this.#phone.listens()) {
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
