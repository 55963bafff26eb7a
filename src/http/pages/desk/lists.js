// What waits for somebody: call-backs, messages and tickets; and the ticket that this operator works on.

import { element } from "../screen.js";
import { knows, text } from "../texts.js";
import { choices, fill, make, terms, time, words } from "./make.js";
import { does } from "./server.js";

const STATES = ["in-progress", "settled", "forwarded", "rejected"];

export class Lists {
  #told;
  #me;
  #open = null;

  /** `me` is this operator's number. */
  constructor(me, told) {
    this.#me = me;
    this.#told = told;
    element("ticket-change").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#told(this.#change());
    });
    element("ticket-close").addEventListener("click", () => this.#close());
  }

  show({ "call-backs": backs, tickets, now, supervises }) {
    const minute = Math.floor(now / 60000);
    fill(element("backs"), [backs, minute], () => backs.map((back) => make("li", {}, ...described(back, now), taken(back))));
    const rows = [tickets, minute, this.#open?.ticket.reference];
    fill(element("tickets"), rows, () => tickets.map((ticket) => this.#row(ticket, now, supervises)));
    choices(element("ticket-state"), STATES.map((state) => [state, text(`ticket.${state}`)]));
  }

  #row(ticket, now, supervises) {
    const isMine = ticket.operator === this.#me;
    const mayOpen = isMine || supervises;
    const onclick = () => this.#told(mayOpen ? this.#show(ticket.reference) : this.#take(ticket.reference));
    const name = text(mayOpen ? "ticket.open" : "ticket.take");
    const label = `${name} ${ticket.reference}`;
    const button = make("button", { type: "button", className: "small", onclick, ariaLabel: label, dataset: { id: ticket.reference } }, name);
    const who = ticket.operator && !isMine ? text("ticket.by", { number: ticket.operator }) : null;
    return make(
      "li",
      {},
      make("b", {}, text(`ticket.${ticket.kind}`)),
      make("span", {}, ticket.reference),
      ...described(ticket, now),
      make("span", { className: "quiet" }, who ?? text(`ticket.${ticket.state}`)),
      who && !supervises ? null : button,
    );
  }

  async #take(reference) {
    await does(`tickets/${reference}/take`);
    await this.#show(reference);
  }

  async #show(reference) {
    const { ticket, since, contact, recording, steps, sms } = (this.#open = await does(`tickets/${reference}/open`));
    element("ticket").hidden = false;
    element("ticket-title").textContent = `${text(`ticket.${ticket.kind}`)} ${reference}`;
    const link = contact ? make("a", { href: `tel:${contact.replace(/[^+0-9]/g, "")}` }, contact) : null;
    element("ticket-about").replaceChildren(
      ...terms([
        [text("call.subject"), about(ticket)],
        [text("ticket.since"), since ? `${Math.floor(since / 100)}-${String(since % 100).padStart(2, "0")}` : null],
        [text("ticket.contact"), link],
        [text("call.due"), time(ticket["due-at"])],
        [text("ticket.sms"), sms ? text(`sms.${sms}`) : null],
        [text("ticket.confidential"), ticket.confidential ? text("yes") : null],
      ]),
    );
    element("player").hidden = !recording;
    if (recording) {
      element("player").src = `/desk/api/recordings/${recording}`;
    } else {
      element("player").removeAttribute("src");
    }
    element("steps").replaceChildren(
      ...steps.map((step) =>
        make("li", {}, time(step.at), ` ${step.operator ?? ""} ${text(`ticket.${step.state}`)} `, make("bdi", {}, step.note)),
      ),
    );
    element("ticket").focus();
  }

  async #change() {
    const { reference } = this.#open.ticket;
    await does(`tickets/${reference}`, { state: element("ticket-state").value, note: element("ticket-note").value });
    element("ticket-note").value = "";
    await this.#show(reference);
  }

  #close() {
    this.#open = null;
    element("player").removeAttribute("src");
    element("ticket").hidden = true;
    element("tickets").querySelector("button")?.focus();
  }
}

/** What an item on a list is about, and until when. */
function described({ topic, subject, language, "due-at": due }, now) {
  const until = due ? make("span", { className: due < now ? "late" : "" }, text("list.due"), " ", time(due)) : null;
  return [make("span", {}, about({ topic, subject })), make("span", { className: "quiet" }, text(`in.${language.toLowerCase()}`)), until];
}

/** A topic of the line, or what somebody complains about. */
function about({ topic, subject }) {
  const complaint = `complaint.${subject}`;
  return words(topic) || (knows(complaint) ? text(complaint) : subject);
}

function taken(back) {
  return back["is-taken"] ? make("span", { className: "quiet" }, text("backs.taken")) : null;
}
