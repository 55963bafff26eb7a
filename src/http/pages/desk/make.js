// Elements out of words. Words are text, whatever stands in them.

import { shown, text } from "../texts.js";

/** An element with properties, and children that are elements or text. */
export function make(tag, properties = {}, ...children) {
  const { dataset = {}, ...rest } = properties;
  const made = Object.assign(document.createElement(tag), rest);
  Object.assign(made.dataset, dataset);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** The children of a list of terms; what has no value is left out. */
export function terms(pairs) {
  const there = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return there.flatMap(([term, ...value]) => [make("dt", {}, term), make("dd", {}, ...value)]);
}

/** What is said in several languages, in the one that is shown. */
export function words(inLanguages) {
  return inLanguages[shown()] ?? Object.values(inLanguages)[0] ?? "";
}

/** The time of day of an instant, with the date if that is another day. */
export function time(ms) {
  const at = new Date(ms);
  const isToday = at.toDateString() === new Date().toDateString();
  const day = isToday ? {} : { month: "numeric", day: "numeric" };
  const said = at.toLocaleString(shown(), { ...day, hour: "2-digit", minute: "2-digit" });
  return make("time", { dateTime: at.toISOString() }, said);
}

/** How long, in words. */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return text(seconds < 60 ? "span.short" : "span", { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
}

/** What elements show. */
const marks = new WeakMap();

/** Puts children into an element if `about` is other than last time; whether it was. */
export function fill(element, about, children) {
  const mark = `${shown()} ${JSON.stringify(about)}`;
  if (marks.get(element) === mark) {
    return false;
  }
  marks.set(element, mark);
  const had = element.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  element.replaceChildren(...children());
  if (had) {
    [...element.querySelectorAll("[data-id]")].find((again) => again.dataset.id === had)?.focus();
  }
  return true;
}

/** Fills a select with choices `[value, words]`, and keeps what is chosen. */
export function choices(select, pairs) {
  fill(select, pairs, () => pairs.map(([value, said]) => make("option", { value, selected: select.value === value }, said)));
}
