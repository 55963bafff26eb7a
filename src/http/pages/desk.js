// The operator's desk: waits for calls, rings, answers, hears who calls, talks. Plain; who works when and what an
// operator may see of a caller is *not* its business.
//
// `document.body.dataset.state` is what it is doing: away, waiting, ringing, in-call, talking, lost.

import { Connection } from "./connection.js";
import { Conversation, Reader } from "./conversation.js";
import { Keypad, isFree } from "./keypad.js";
import { Microphone } from "./microphone.js";
import { element, secondsSince, showTime, showTrouble, shows } from "./screen.js";
import { Sound } from "./sound.js";
import { onLanguage, startTexts, text } from "./texts.js";

const SECOND_MS = 1000;
const OWN = ["finished", "handed-over"];

const desk = {
  state: "away",
  isHere: false,
  /** Calls that ring, by name: until when they do. */
  rings: new Map(),
  answered: null,
  listens: null,
  began: null,
};

const sound = new Sound();
const reader = new Reader();
const conversation = new Conversation(element("log"));
const connection = new Connection("/desk/ws", { opened, told, sound: (samples) => sound.play(samples), lost });

startTexts(element("language"));
const microphone = new Microphone(sound, (frame) => connection.sendSound(frame));
const keypad = new Keypad(element("keys"), element("keyboard"), press);

element("here").addEventListener("click", () => (desk.isHere ? leave() : come()));
element("hang-up").addEventListener("click", () => {
  connection.send({ t: "hang-up" });
  sound.clear();
});
document.addEventListener("keydown", (event) => {
  if (!element("keyboard").checked || !isFree(event) || event.repeat) {
    return;
  }
  const [first] = desk.rings.keys();
  const key = event.key.toLowerCase();
  if (key === "a" && first) {
    answer(first);
  } else if (key === "d" && first) {
    decline(first);
  } else if (key === "m") {
    microphone.toggleMute();
  }
});
fetch("/desk/me")
  .then((answer) => answer.json())
  .then((me) => (microphone.secureUrl = me["https-url"]))
  .catch(() => {});
onLanguage(show);
setInterval(show, SECOND_MS);

/** A click: the browser lets the page ring from now on. */
async function come() {
  desk.isHere = true;
  show();
  await sound.unlock();
  connection.open();
  microphone.open();
}

function leave() {
  desk.isHere = false;
  desk.rings.clear();
  if (isInCall()) {
    connection.send({ t: "hang-up" });
  }
  connection.close();
  desk.began = null;
  reader.stops();
  sound.clear();
  microphone.close();
  showState("away");
}

function isInCall() {
  return desk.state === "in-call" || desk.state === "talking";
}

function opened(ticket) {
  showTrouble(null);
  if (ticket) {
    // `talks` comes if the talk goes on.
    connection.send({ t: "resume", ticket });
  } else {
    showState("waiting");
  }
}

function lost() {
  desk.rings.clear();
  sound.clear();
  apart();
  if (!connection.ticket) {
    desk.began = null;
  }
  showState("lost");
}

function answer(call) {
  desk.rings.clear();
  desk.answered = call;
  conversation.clear();
  connection.send({ t: "answer", call });
  showState("in-call");
  element("keys").focus({ preventScroll: true });
}

function decline(call) {
  connection.send({ t: "decline", call });
  quiet(call);
}

function quiet(call) {
  desk.rings.delete(call);
  // In a call that has not begun, somebody else was faster.
  if (desk.state === "ringing" || (desk.state === "in-call" && desk.answered === call && !desk.began)) {
    showState(desk.rings.size > 0 ? "ringing" : "waiting");
  }
}

function press(key) {
  sound.tone(key);
  if (isInCall()) {
    conversation.pressed(key, { hidden: desk.listens === "until-pound" });
    connection.send({ t: "key", key });
  }
}

function told(message) {
  switch (message.t) {
    case "rings":
      rings(message);
      break;
    case "quiet":
      quiet(message.call);
      break;
    case "connected":
      // The desk is there; a call is only when it is answered.
      break;
    case "says":
      if (message.text) {
        sound.mark(() => says(message), { sounds: !message["is-text"] });
      }
      break;
    case "stops":
      sound.clear();
      reader.stops();
      break;
    case "listens":
      desk.listens = message.keys;
      show();
      break;
    case "key":
      conversation.arrived(message);
      break;
    case "talks":
      desk.listens = null;
      conversation.note(text("noted.talks"));
      sound.live(true);
      microphone.live = true;
      desk.began ??= Date.now();
      showState("talking");
      break;
    case "ended":
      connection.forget();
      // That this end hung up, the operator knows.
      sound.mark(() => over(OWN.includes(message.cause) ? "state.over" : `ended.${message.cause}`), { sounds: false });
      break;
    case "trouble":
      showTrouble(`trouble.${message.what}`);
      if (message.what === "call-gone" || message.what === "no-document") {
        over(null);
      }
      break;
  }
}

function rings({ call, "waits-s": seconds }) {
  desk.rings.set(call, Date.now() + seconds * SECOND_MS);
  if (!isInCall()) {
    showState("ringing");
  }
  if (document.hidden && window.Notification?.permission === "granted") {
    const shown = new Notification(text("desk.title"), { tag: call });
    shown.onclick = () => window.focus();
  }
}

function says(sentence) {
  desk.began ??= Date.now();
  conversation.says(sentence);
  if (sentence["is-text"] || !Sound.isAllowed) {
    reader.says(sentence);
  }
}

function apart() {
  sound.live(false);
  microphone.live = false;
}

function over(why) {
  if (why) {
    conversation.note(text(why));
  }
  apart();
  reader.stops();
  connection.forget();
  Object.assign(desk, { listens: null, began: null });
  const hadFocus = element("in-call").contains(document.activeElement);
  showState(desk.rings.size > 0 ? "ringing" : "waiting");
  if (hadFocus) {
    element("here").focus({ preventScroll: true });
  }
}

function showState(state) {
  const rang = desk.state === "ringing";
  desk.state = state;
  document.body.dataset.state = state;
  if (rang !== (state === "ringing")) {
    sound.ring(state === "ringing");
  }
  showRings();
  show();
}

/** What changes with the language and with time. */
function show() {
  shows("state", text(`desk.${desk.state}`));
  const flashes = desk.state === "ringing" && Math.floor(Date.now() / SECOND_MS) % 2 === 0;
  document.title = flashes ? text("desk.title") : `${text("page.desk")} · Hotline`;
  element("here").textContent = text(desk.isHere ? "desk.leave" : "desk.here");
  element("here").classList.toggle("call", !desk.isHere);
  element("here").hidden = isInCall();
  element("how").hidden = desk.isHere;
  element("in-call").hidden = !isInCall();
  element("accept").hidden = desk.state !== "in-call" || desk.listens === null;
  element("timer").hidden = !isInCall();
  showTime(secondsSince(desk.began));
  for (const item of element("rings").children) {
    const left = Math.max(0, Math.ceil((desk.rings.get(item.dataset.call) - Date.now()) / SECOND_MS));
    item.querySelector("span").textContent = text("desk.rings", { seconds: left });
    item.querySelectorAll("button").forEach((button) => (button.textContent = text(button.dataset.does)));
  }
}

function showRings() {
  const shown = new Set([...element("rings").children].map((item) => item.dataset.call));
  for (const item of [...element("rings").children]) {
    if (!desk.rings.has(item.dataset.call) || isInCall()) {
      item.remove();
    }
  }
  for (const call of isInCall() ? [] : desk.rings.keys()) {
    if (!shown.has(call)) {
      element("rings").append(ringing(call));
    }
  }
}

function ringing(call) {
  const item = document.createElement("li");
  item.dataset.call = call;
  const words = document.createElement("span");
  words.setAttribute("role", "timer");
  words.ariaLive = "off";
  const button = (does, kind, act) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: kind, onclick: act });
    button.dataset.does = does;
    return button;
  };
  item.append(words, button("desk.answer", "call answer", () => answer(call)));
  item.append(button("desk.decline", "hang-up decline", () => decline(call)));
  return item;
}
