// The operator's desk: presence, the call that rings, what is known of it, and what lies on the lists. All that is shown
// of calls comes as snapshots from the server; the voice goes its own way.
//
// `document.body.dataset.state` is what the voice does, `dataset.presence` what the operator does.

import { follow } from "../follow.js";
import { isFree } from "../keypad.js";
import { element, secondsSince, showTime, showTrouble, shows } from "../screen.js";
import { addTexts, knows, onLanguage, startTexts, text } from "../texts.js";
import { Card } from "./card.js";
import { Lists } from "./lists.js";
import { choices, span, words } from "./make.js";
import { does, logOut } from "./server.js";
import { Voice } from "./voice.js";
import { WORDS } from "./words.js";

const SECOND_MS = 1000;
const REASONS = ["break", "lunch", "training", "paperwork"];
/** What an operator is rung at a page in. */
const AT_WORK = ["available", "reserved", "talking", "wrap-up"];

/** Whose page this is. */
const ME = document.querySelector(".me .quiet").textContent;

let snapshot = null;
/** The server's clock is so far ahead of this one. */
let ahead = 0;
let trouble = null;
let answeredNo = null;

addTexts(WORDS);
startTexts(element("language"));
const voice = new Voice(show);
const card = new Card(voice, told);
const lists = new Lists(ME, told);

element("log-out").addEventListener("click", logOut);
element("here").addEventListener("click", () => told(does("presence", { state: "available" })));
element("leave").addEventListener("click", () => told(does("presence", { state: "offline" })));
element("away").addEventListener("change", ({ target }) => {
  if (target.value) {
    told(does("presence", { state: "away", reason: target.value }));
  }
});
element("answer").addEventListener("click", answer);
element("decline").addEventListener("click", decline);
element("hang-up").addEventListener("click", () => voice.hangUp());
element("hold").addEventListener("click", toggleHold);
element("finish").addEventListener("click", finish);
element("extend").addEventListener("click", () => told(does("wrap-up", { does: "extend" })));
element("take-voice").addEventListener("click", () => voice.takeBack());
document.addEventListener("keydown", typed);
onLanguage(show);
setInterval(show, SECOND_MS);
// Snapshots of all that this operator may see: each has everything, so a connection that was lost leaves nothing out.
follow("/desk/events", {
  here: (isHere) => {
    element("offline").hidden = isHere;
    element("work").classList.toggle("stale", !isHere);
    element("waiting").classList.toggle("stale", !isHere);
  },
  news: (told) => {
    const news = JSON.parse(told);
    if (news.number !== ME) {
      location.reload();
      return;
    }
    snapshot = news;
    ahead = news.now - Date.now();
    voice.acceptKey = news.work?.accept ?? voice.acceptKey;
    const isAtPage = news.voice && !news.presence?.["rings-elsewhere"];
    if (isAtPage && AT_WORK.includes(news.presence?.state)) {
      voice.come();
    } else {
      voice.leave();
    }
    show();
  },
});

/** Shows what is in the way, if something is. */
async function told(promise) {
  trouble = null;
  try {
    await promise;
  } catch (failed) {
    trouble = `refused.${failed.message}`;
    trouble = knows(trouble) ? trouble : "refused.failed";
  }
  showTrouble(trouble);
}

/** A call is on its way to this page, or rings. */
function rings() {
  const isReserved = snapshot?.work?.stage === "reserved" && snapshot.work.no !== answeredNo;
  return voice.state === "ringing" || (isReserved && !voice.isInCall);
}

function answer() {
  if (snapshot?.work?.["is-call-back"] && rings()) {
    told(does(`calls/${snapshot.work.no}/called`, { result: "calling" }));
  } else if (rings() && !snapshot?.presence?.["rings-elsewhere"]) {
    answeredNo = snapshot?.work?.no ?? null;
    voice.answer();
    show();
    element(snapshot?.work ? "call-title" : "phone").focus({ preventScroll: true });
  }
}

function decline() {
  if (!voice.decline() && snapshot?.work) {
    told(does(`calls/${snapshot.work.no}/decline`));
  }
}

function finish() {
  card.keep();
  told(does("wrap-up", { does: "finish" }));
}

function toggleHold() {
  if (voice.state === "talking" || voice.state === "held") {
    voice.hold(voice.state === "talking");
  }
}

function typed(event) {
  if (event.altKey && event.code === "KeyS") {
    event.preventDefault();
    card.keep();
    return;
  }
  if (!element("keyboard").checked || !isFree(event) || event.repeat) {
    return;
  }
  const acts = { a: answer, d: decline, h: toggleHold, m: () => voice.microphone.toggleMute(), w: finish, x: hangUp, n: toNote };
  acts[event.key.toLowerCase()]?.(event);
}

function hangUp() {
  if (voice.isInCall) {
    voice.hangUp();
  }
}

function toNote(event) {
  if (!element("contact").hidden && !element("call").hidden) {
    event.preventDefault();
    element("note").focus();
  }
}

/** What changes with the language, with time and with what happens. */
function show() {
  const focused = document.activeElement;
  showAll();
  // Whoever uses the keyboard is not thrown back to the top when what they used goes away.
  if (focused !== document.body && focused.getClientRects().length === 0) {
    const next = ["finish", "here", "phone"].map(element).find((there) => there.getClientRects().length > 0);
    next.focus({ preventScroll: true });
  }
}

function showAll() {
  const presence = snapshot?.presence?.state ?? "offline";
  const now = Date.now() + ahead;
  const isRinging = rings();
  if (snapshot?.work?.stage !== "reserved" && voice.state !== "in-call") {
    answeredNo = null;
    voice.forgetWish();
  }
  voice.ring(isRinging);
  document.body.dataset.state = isRinging ? "ringing" : voice.state;
  document.body.dataset.presence = presence;
  showPresence(presence, now);
  showRinging(isRinging);
  const flashes = isRinging && Math.floor(Date.now() / SECOND_MS) % 2 === 0;
  document.title = flashes ? text("desk.title") : `${text("page.desk")} · Hotline`;
  element("in-call").hidden = !voice.isInCall;
  element("hold").hidden = voice.state === "in-call";
  element("hold").setAttribute("aria-pressed", String(voice.state === "held"));
  element("hold").textContent = text(voice.state === "held" ? "desk.unhold" : "desk.hold");
  element("elsewhere").hidden = voice.state !== "elsewhere";
  element("wall").hidden = !snapshot?.supervises;
  if (snapshot) {
    const told = { ...snapshot, now };
    card.show(told);
    lists.show(told);
  }
}

function showPresence(presence, now) {
  const { reason = "", since = now, "ends-at": ends = null } = snapshot?.presence ?? {};
  const isTalking = ["talking", "held", "in-call", "lost"].includes(voice.state);
  const state = isTalking && AT_WORK.includes(presence) ? `desk.${voice.state}` : `presence.${presence}`;
  const why = knows(`reason.${reason}`) ? ` · ${text(`reason.${reason}`)}` : "";
  shows("state", text(state) + why);
  const counts = ["reserved", "wrap-up"].includes(presence) && ends ? Math.max(0, Math.ceil((ends - now) / SECOND_MS)) : null;
  showTime(counts ?? (voice.isInCall ? secondsSince(voice.began) : Math.max(0, Math.floor((now - since) / SECOND_MS))));
  element("timer").hidden = presence === "offline";
  const waiting = snapshot?.waiting;
  const longest = waiting?.count ? span(now - waiting.since) : "";
  shows("waiting", waiting ? text(waiting.count ? "desk.waiting-count" : "desk.nobody", { count: waiting.count, longest }) : "");
  const isBusy = ["reserved", "talking"].includes(presence) || voice.isInCall;
  element("presence").hidden = isBusy;
  element("wrap-up").hidden = presence !== "wrap-up" || voice.isInCall;
  element("here").textContent = text(presence === "available" ? "presence.available" : "desk.here");
  element("here").setAttribute("aria-pressed", String(presence === "available"));
  element("here").hidden = presence === "wrap-up";
  element("leave").hidden = presence === "offline";
  element("how").hidden = presence !== "offline";
  choices(element("away"), [["", text("reason.choose")], ...REASONS.map((reason) => [reason, text(`reason.${reason}`)])]);
  if (document.activeElement !== element("away")) {
    element("away").value = presence === "away" && REASONS.includes(reason) ? reason : "";
  }
}

function showRinging(isRinging) {
  const work = snapshot?.work;
  const isElsewhere = snapshot?.presence?.["rings-elsewhere"];
  element("rings").hidden = !isRinging;
  const isBack = work?.["is-call-back"] && work.stage === "reserved";
  element("answer").hidden = Boolean(isElsewhere) || isBack;
  const topic = work ? words(work.topic) : "";
  const rung = isElsewhere ? "desk.rings-elsewhere" : topic ? "desk.rings-about" : "desk.rings";
  shows("ringing", isRinging ? text(isBack ? "call.back" : rung, { topic }) : "");
}
