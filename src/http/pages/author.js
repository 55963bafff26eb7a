// The author's view of a call: each request and its document as they went over the wire, what the line did, and where it
// is on the picture. Folded away until somebody opens it; remembered. Secrets come masked from the server.

import { onLanguage, text } from "./texts.js";
import { Picture } from "./picture.js";

const KEPT = "author";

export class Author {
  #picture;
  #turns;
  #list;
  #hasLine = false;

  /** `watches(on)` is told when the view is opened or folded away. */
  constructor({ button, panel, list, picture, caption }, watches) {
    this.#list = list;
    this.#turns = [];
    this.#picture = new Picture(picture, caption);
    this.isOpen = localStorage.getItem(KEPT) === "open";
    const show = () => {
      panel.hidden = !this.isOpen;
      document.body.classList.toggle("watched", this.isOpen);
      button.setAttribute("aria-expanded", String(this.isOpen));
      this.#load();
    };
    button.addEventListener("click", () => {
      this.isOpen = !this.isOpen;
      localStorage.setItem(KEPT, this.isOpen ? "open" : "folded");
      show();
      watches(this.isOpen);
    });
    show();
    onLanguage(() => this.#list.replaceChildren(...this.#turns.map(shows)));
  }

  /** The picture is of this line from now on. */
  set line(name) {
    this.#hasLine = true;
    this.#picture.line = name;
    this.#load();
  }

  #load() {
    if (this.isOpen && this.#hasLine) {
      this.#picture.load();
    }
  }

  clear() {
    this.#turns = [];
    this.#list.replaceChildren();
    this.#picture.clear();
  }

  /** There was a request and an answer. */
  turn(turn) {
    this.#list.firstElementChild?.firstElementChild.removeAttribute("open");
    this.#turns.unshift(turn);
    const shown = shows(turn);
    shown.firstElementChild.open = true;
    this.#list.prepend(shown);
    if (turn.leg === "caller") {
      this.#picture.goes(turn.nodes);
    }
  }
}

function shows(turn) {
  const item = make("li");
  const details = make("details");
  details.dataset.turn = turn.number;
  const took = text("author.took", { ms: (turn["took-us"] / 1000).toFixed(1) });
  const tries = turn.tries > 1 ? ` · ${text("author.tries", { tries: turn.tries })}` : "";
  const summary = make("summary", text("author.turn", { number: turn.number }));
  summary.append(" ", make("b", turn.kind), ` · ${text(`author.${turn.leg}`)} · ${turn.status} · ${took}${tries}`);
  const request = `${turn.method} ${turn.url}\n\n${turn.parameters.map(([name, value]) => `${name}: ${value}`).join("\n")}`;
  const answer = indented(turn.document);
  details.append(
    summary,
    make("h3", text("author.events")),
    list(turn.events),
    make("h3", text("author.nodes")),
    make("p", turn.nodes.join(" → "), "nodes"),
    headed(text("author.request"), request),
    make("pre", request),
    headed(text("author.document", { status: turn.status }), answer),
    make("pre", answer),
  );
  item.append(details);
  return item;
}

function make(name, words = "", kind = "") {
  const element = document.createElement(name);
  element.textContent = words;
  element.className = kind;
  return element;
}

function list(lines) {
  const element = make("ul");
  element.append(...lines.map((line) => make("li", line)));
  return element;
}

/** A heading with a button that copies what stands under it. */
function headed(words, copied) {
  const heading = make("h3", words);
  const button = make("button", text("author.copy"), "small");
  button.type = "button";
  button.addEventListener("click", async () => {
    // Without HTTPS there is no clipboard; the text can be selected.
    await navigator.clipboard?.writeText(copied);
    button.textContent = text("author.copied");
  });
  heading.append(" ", button);
  return heading;
}

/** A document with one element a line; its text stays as it was sent. */
export function indented(xml) {
  let depth = 0;
  return xml
    .replace(/>\s*</g, ">\n<")
    .split("\n")
    .map((line) => {
      depth -= line.startsWith("</") ? 1 : 0;
      const indent = "  ".repeat(Math.max(0, depth));
      const opens = /^<[^?!/]/.test(line) && !/\/>$/.test(line) && !/<\/[^>]+>$/.test(line);
      depth += opens ? 1 : 0;
      return indent + line;
    })
    .join("\n");
}
