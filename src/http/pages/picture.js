// The picture of the line, as `hotline graph` draws it: the part that the call is in, the node where it is, the nodes
// where it was. The page's policy allows no inline style, so the picture's own is adopted as a style sheet.

import { onLanguage, text } from "./texts.js";

const MARGIN = 8;
const STYLE = /<style>([^<]*)<\/style>/;

export class Picture {
  #box;
  #caption;
  #svg = null;
  #asked = null;
  #line = "";
  #here = null;
  #part = null;
  #been = new Set();

  constructor(box, caption) {
    this.#box = box;
    this.#caption = caption;
    box.addEventListener("click", (event) => {
      const href = event.target.closest?.("a")?.getAttribute("href");
      if (href?.startsWith("#node-")) {
        event.preventDefault();
        this.#shows(this.#svg.getElementById(href.slice(1)));
      }
    });
    onLanguage(() => this.#caption.textContent && this.#write());
  }

  /** Fetches it, once. */
  load() {
    this.#asked ??= this.#fetch();
    return this.#asked;
  }

  async #fetch() {
    const answer = await fetch(`/phone/picture.svg?line=${encodeURIComponent(this.#line)}`).catch(() => null);
    if (!answer?.ok) {
      this.#asked = null;
      this.#caption.textContent = text("author.no-picture");
      return;
    }
    const svg = await answer.text();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(svg.match(STYLE)?.[1] ?? "");
    document.adoptedStyleSheets.push(sheet);
    const drawn = new DOMParser().parseFromString(svg.replace(STYLE, ""), "image/svg+xml");
    this.#svg = document.importNode(drawn.documentElement, true);
    // Its links lead from node to node, so it is more than an image here.
    this.#svg.setAttribute("role", "group");
    this.#box.replaceChildren(this.#svg);
    this.#been.forEach((node) => this.#card(node)?.classList.add("been"));
    this.#shows(this.#card(this.#here) ?? this.#svg.querySelector("[id^='node-']"));
  }

  /** It is of this line from now on. */
  set line(name) {
    this.#line = name;
    this.#asked = null;
    this.#svg = null;
  }

  /** A call begins: nowhere has been gone to. */
  clear() {
    this.#been.clear();
    this.#here = null;
    this.#svg?.querySelectorAll(".been, .here").forEach((card) => card.classList.remove("been", "here"));
  }

  /** The call went through `nodes` and waits at the last. */
  goes(nodes) {
    nodes.forEach((node) => this.#been.add(node));
    this.#here = nodes.at(-1) ?? this.#here;
    if (this.#svg) {
      nodes.forEach((node) => this.#card(node)?.classList.add("been"));
      this.#shows(this.#card(this.#here));
    }
  }

  #card(node) {
    return node && this.#svg?.getElementById(`node-${node}`);
  }

  /** Shows the part that has `card`, and `card` in the middle. */
  #shows(card) {
    const frame = card?.parentElement.querySelector("rect.frame");
    if (!frame) {
      return;
    }
    const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => frame[name].baseVal.value);
    const part = card.parentElement;
    this.#svg.querySelectorAll("svg > g").forEach((other) => other.classList.toggle("elsewhere", other !== part));
    this.#svg.setAttribute("viewBox", `${x - MARGIN} ${y - MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`);
    this.#svg.setAttribute("width", width + 2 * MARGIN);
    this.#svg.setAttribute("height", height + 2 * MARGIN);
    this.#svg.querySelector(".here")?.classList.remove("here");
    this.#card(this.#here)?.classList.add("here");
    this.#part = part.querySelector(".name")?.textContent ?? "";
    this.#write();
    const [box, at] = [this.#box.getBoundingClientRect(), card.getBoundingClientRect()];
    this.#box.scrollBy({ left: at.left + at.width / 2 - box.left - box.width / 2, top: at.top + at.height / 2 - box.top - box.height / 2 });
  }

  #write() {
    const here = this.#here ? ` · ${text("author.here")}: ${this.#here}` : "";
    this.#caption.textContent = text("author.part", { part: this.#part }) + here;
  }
}
