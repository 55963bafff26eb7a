// The call: who it is from as far as they may be known here, what they wanted, what they were told, what is noted of it.

import { element } from "../screen.js";
import { text } from "../texts.js";
import { choices, fill, make, span, terms, time, words } from "./make.js";
import { Records } from "./records.js";
import { does } from "./server.js";

const RESULTS = ["solved", "forwarded", "outlet", "follow-up", "not-verified", "wrong-number", "dropped", "abusive"];

/** Whoever has written nothing for so long has paused. */
const PAUSE_MS = 1000;

export class Card {
  #pause = 0;
  #work = null;
  #kept = "";
  #told;
  #voice;
  #records;

  /** `told(promise)` shows what is in the way of what was done. */
  constructor(voice, told) {
    this.#voice = voice;
    this.#told = told;
    this.#records = new Records((path, what) => does(`calls/${this.#work.no}/${path}`, what), told);
    element("contact").addEventListener("submit", (event) => {
      event.preventDefault();
      this.keep();
    });
    element("note").addEventListener("change", () => this.keep());
    // The wrap-up may end while somebody still writes.
    element("note").addEventListener("input", () => {
      clearTimeout(this.#pause);
      this.#pause = setTimeout(() => this.keep(), PAUSE_MS);
    });
    element("result").addEventListener("change", () => this.keep());
    element("transfer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#told(this.#passOn());
    });
    element("calling").addEventListener("click", () => this.#calledBack("calling"));
    element("ring").addEventListener("click", () => this.#told(does(`calls/${this.#work.no}/ring`, {})));
    element("reached").addEventListener("click", () => this.#calledBack("reached"));
    element("not-reached").addEventListener("click", () => this.#calledBack("not-reached"));
  }

  /** Writes the note and the result down, if they are other than what is written. */
  keep() {
    const contact = { result: element("result").value, note: element("note").value };
    const now = JSON.stringify(contact);
    if (!this.#work || this.#work.stage === "reserved" || now === this.#kept) {
      return;
    }
    this.#kept = now;
    const written = does(`calls/${this.#work.no}/note`, contact);
    element("kept").textContent = "";
    written.then(() => (element("kept").textContent = text("contact.kept"))).catch(() => (this.#kept = ""));
    this.#told(written);
  }

  async #passOn() {
    const [kind, name] = element("to").value.split(" ");
    await does(`calls/${this.#work.no}/transfer`, { to: { [kind]: name }, note: element("why").value });
    element("why").value = "";
    this.#voice.hangUp();
  }

  #calledBack(result) {
    this.#told(does(`calls/${this.#work.no}/called`, { result }));
  }

  show({ work, colleagues, queues, now }) {
    const isNew = work?.no !== this.#work?.no;
    const wasTalking = this.#work?.stage === "talking";
    this.#work = work;
    element("call").hidden = !work;
    if (!work) {
      this.#records.clear();
      return;
    }
    if (isNew) {
      element("note").value = work.note ?? "";
      element("result").value = work.result ?? "";
      this.#kept = JSON.stringify({ result: work.result ?? "", note: work.note ?? "" });
      element("kept").textContent = "";
      element("why").value = "";
      this.#records.clear();
    }
    const isOpen = work.stage !== "reserved";
    const isTalking = work.stage === "talking";
    this.#about(work, now);
    this.#member(work);
    if (isNew || wasTalking !== isTalking) {
      this.#records.clear();
    }
    this.#records.show(isTalking ? work : null);
    choices(element("result"), [["", text("result.none")], ...RESULTS.map((code) => [code, text(`result.${code}`)])]);
    element("contact").hidden = !isOpen;
    element("transfer").hidden = !isTalking || work["is-call-back"];
    element("calling-back").hidden = !work.contact;
    element("calling").hidden = isTalking;
    element("reached").hidden = element("not-reached").hidden = !isTalking;
    if (work.contact) {
      element("number").textContent = work.contact;
      element("number").href = `tel:${work.contact.replace(/[^+0-9]/g, "")}`;
      const calling = work.calling?.state ?? "";
      element("ring").hidden = !work.calling;
      element("ring").disabled = calling === "due" || calling === "sending";
      element("calling-state").textContent = calling && text(`back.calling.${calling}`);
    }
    const free = colleagues.filter(({ state }) => state !== "away");
    const to = [
      ...queues.map((queue) => [`queue ${queue}`, text("transfer.queue", { queue })]),
      ...free.map(({ number, name, state }) => [`operator ${number}`, `${number} ${name} · ${text(`presence.${state}`)}`]),
    ];
    choices(element("to"), to);
    element("pass-on").disabled = to.length === 0;
    if (wasTalking && !isTalking && work.stage === "wrap-up" && document.activeElement === document.body) {
      element("result").focus({ preventScroll: true });
    }
  }

  #about(work, now) {
    element("call-title").textContent = text(`call.${work["is-call-back"] ? "back" : work.stage}`);
    const waited = (work["answered-at"] ?? now) - work["joined-at"];
    fill(element("about"), [work.no, work.stage, Math.floor(waited / 5000), work["transfer-note"], work.recorded], () =>
      terms([
        [text("call.subject"), words(work.topic) || text("call.no-subject")],
        [text("call.language"), text(`in.${work.language.toLowerCase()}`)],
        [text("call.waited"), span(waited)],
        [text("call.due"), work["due-at"] ? time(work["due-at"]) : null],
        [text("call.tries"), work.tries > 0 ? String(work.tries) : null],
        [text("call.mistakes"), work.mistakes > 0 ? String(work.mistakes) : null],
        [text("call.passed-on"), work["transfer-note"]],
        [text("call.recording"), work.recorded ? text("call.recorded") : null],
      ]),
    );
    fill(element("path"), work.path, () => work.path.map((choice) => make("li", {}, words(choice))));
    element("path").previousElementSibling.hidden = work.path.length === 0;
  }

  #member(work) {
    const { proof, read, earlier } = work;
    const by = proof.state === "verified" ? text(`by.${proof.by}`) : "";
    element("proof").textContent = text(`proof.${proof.state}`, { by });
    fill(element("read"), read, () =>
      read.map(({ text: said, language }) => make("li", { lang: language }, said)),
    );
    element("read-part").hidden = read.length === 0;
    fill(element("earlier"), earlier, () => earlier.map((call) => make("li", {}, ...ended(call))));
    element("earlier-part").hidden = earlier.length === 0;
    element("earlier-part").open ||= earlier.length > 0 && earlier.length < 4;
  }
}

/** An earlier call in words. */
function ended(call) {
  const what = [
    call.subject ? words(call.subject) : null,
    call["ended-at"] ? span(call["ended-at"] - call["started-at"]) : text("call.goes-on"),
    call.outcome ? text(`outcome.${call.outcome}`) : null,
    call.result ? text(`result.${call.result}`) : null,
  ];
  return [time(call["started-at"]), ` ${what.filter(Boolean).join(" · ")}`];
}
