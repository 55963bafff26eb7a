// The verified member: masks, one field in full for a reason, and records. What was looked up is gone from the page with
// the talk.

import { element } from "../screen.js";
import { knows, shown, text } from "../texts.js";
import { fill, make, terms, words } from "./make.js";

const LOOKUPS = [
  "medical-account",
  "medical-costs",
  "medical-credit",
  "payments",
  "payments-year",
  "employer-year",
  "rights",
  "remote-filing",
];
const FIELDS = ["name", "id", "card", "phone"];

export class Records {
  #asks;
  #told;
  #field = null;
  #inFull = {};
  #member = null;

  /** `asks(path, what)` asks the server about the call. */
  constructor(asks, told) {
    this.#asks = asks;
    this.#told = told;
    element("reveal").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#told(this.#reveal());
    });
    element("reveal-not").addEventListener("click", () => this.#choose(null));
  }

  clear() {
    this.#inFull = {};
    this.#choose(null);
    element("found").replaceChildren();
  }

  /** The work whose member is shown; null for nobody. */
  show(work) {
    this.#member = work?.member ?? null;
    this.#showMember();
    const isThere = this.#member !== null;
    fill(element("looks"), isThere, () =>
      isThere
        ? LOOKUPS.map((lookup) => {
            const onclick = () => this.#told(this.#look(lookup));
            return make("button", { type: "button", className: "small", onclick, dataset: { id: lookup } }, text(`look.${lookup}`));
          })
        : [],
    );
  }

  #showMember() {
    const member = this.#member ?? {};
    fill(element("member"), [member, this.#inFull], () =>
      terms(
        FIELDS.filter((field) => member[field]).map((field) => {
          const inFull = this.#inFull[field];
          const onclick = () => this.#choose(field);
          const label = text("reveal.of", { field: text(`member.${field}`) });
          const button = make("button", { type: "button", className: "small", onclick, ariaLabel: label, dataset: { id: field } }, text("reveal"));
          return [text(`member.${field}`), make("bdi", {}, inFull ?? member[field]), inFull ? null : button];
        }),
      ),
    );
  }

  #choose(field) {
    this.#field = field;
    element("reveal").hidden = !field;
    element("reason").value = "";
    if (field) {
      element("reveal-what").textContent = text("reveal.why", { field: text(`member.${field}`) });
      element("reason").focus();
    }
  }

  async #reveal() {
    const field = this.#field;
    const { shown: inFull } = await this.#asks("reveal", { field, reason: element("reason").value });
    this.#inFull = { ...this.#inFull, [field]: inFull };
    this.#choose(null);
    this.#showMember();
  }

  async #look(lookup) {
    const { outcome, fields } = await this.#asks("look", { lookup });
    const title = make("h3", {}, text(`look.${lookup}`));
    const content = fields.length > 0 ? table(fields) : make("p", {}, text(outcome === "none" ? "found.none" : "found.state", { outcome }));
    const state = fields.length > 0 && outcome !== "found" ? make("p", {}, text("found.state", { outcome })) : null;
    element("found").replaceChildren(make("div", { className: "found", tabIndex: 0, ariaLabel: text(`look.${lookup}`) }, title, state ?? "", content));
  }
}

/** Fields as a table; a list of records as one with a row for each. */
function table(fields) {
  const rows = fields.flatMap(([name, value]) => {
    if (value.list) {
      return value.list.flatMap(records);
    }
    return [make("tr", {}, make("th", { scope: "row" }, text(`field.${name}`)), cell(value))];
  });
  return make("table", {}, ...rows);
}

/** A record within a list: a line of its own for each record in it. */
function records(fields) {
  const inner = fields.find(([, value]) => value.list);
  if (inner) {
    return inner[1].list.flatMap(records);
  }
  return [make("tr", {}, ...fields.map(([, value]) => cell(value)))];
}

function cell(value) {
  const isFigure = "amount" in value || "number" in value;
  return make("td", { className: isFigure ? "figure" : "" }, said(value));
}

/** A value, in words. */
function said(value) {
  const [[kind, it]] = Object.entries(value);
  switch (kind) {
    case "amount":
      return new Intl.NumberFormat(shown(), { style: "currency", currency: "CNY", currencyDisplay: "narrowSymbol" }).format(it / 100);
    case "words":
      return words(it);
    case "periods":
      return it.map(({ from, to }) => (from === to ? from : `${from} – ${to}`)).join(", ") || "–";
    case "word":
      return knows(`word.${it}`) ? text(`word.${it}`) : it;
    case "flag":
      return text(it ? "yes" : "no");
    default:
      return String(it);
  }
}
