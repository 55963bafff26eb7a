// The telephone: calls a line, shows and plays what is heard, sends keys and the microphone.
//
// What the page and the switchboard tell each other is in src/switchboard/message.rs. This page knows no flow and no
// meaning; `document.body.dataset.state` is what it is doing.

import { Author } from "./author.js";
import { Connection } from "./connection.js";
import { Conversation, Reader, savesText } from "./conversation.js";
import { Keypad, isFree } from "./keypad.js";
import { Microphone } from "./microphone.js";
import { element, secondsSince, showTime, showTrouble, shows } from "./screen.js";
import { Sound } from "./sound.js";
import { TryIt } from "./tryit.js";
import { onLanguage, startTexts, text } from "./texts.js";

/** For the answer to a hang-up, before the connection is closed. */
const GOODBYE_MS = 1000;
/** Between two questions for what can be called. */
const RETRY_MS = 2000;

const call = {
  state: "ready",
  /** How many keys are waited for: `one`, `until-pound`; null for none, `some` where the page was not there to be told. */
  listens: null,
  /** Keys that were pressed and have not come to the line yet, with what was waited for. */
  pressed: [],
  began: null,
  seconds: 0,
};

let line = { lines: [], people: [] };
let tryIt = null;

const sound = new Sound();
const reader = new Reader();
const conversation = new Conversation(element("log"));
const connection = new Connection("/phone/ws", { opened, told, sound: (samples) => sound.play(samples), lost });

startTexts(element("language"));
const microphone = new Microphone(sound, (frame) => connection.sendSound(frame));
const keypad = new Keypad(element("keys"), element("keyboard"), press);
const author = new Author(
  {
    button: element("author-button"),
    panel: element("author"),
    list: element("turns"),
    picture: element("picture"),
    caption: element("picture-caption"),
  },
  (on) => connection.send({ t: "watch", on }),
);

element("call").addEventListener("click", dial);
element("hang-up").addEventListener("click", hangUp);
element("live").addEventListener("change", ({ target }) => (element("log").ariaLive = target.checked ? "polite" : "off"));
element("withheld").addEventListener("change", ({ target }) => (element("caller").disabled = target.checked));
element("line").addEventListener("change", choose);
document.addEventListener("keydown", (event) => {
  const onNothing = event.target === document.body || event.target === element("phone") || event.target === element("keys");
  if (event.key === "Enter" && isIdle() && onNothing && isFree(event)) {
    event.preventDefault();
    dial();
  }
});
savesText(element("save"), "hotline-call", () => conversation.export());
onLanguage(() => {
  document.title = `${text("page.phone")} · Hotline`;
  showState(call.state);
});
setInterval(() => showTime(time()), 500);
for (const event of ["pointerdown", "keydown"]) {
  document.addEventListener(event, () => element("unlock").hidden || unlock());
}
start();

async function start() {
  try {
    line = await (await fetch("/phone/line")).json();
    showTrouble(null);
  } catch {
    showTrouble("no-connection");
    setTimeout(start, RETRY_MS);
    return;
  }
  for (const { number } of line.lines) {
    element("line").append(new Option(number, number));
  }
  element("line-field").hidden = line.lines.length < 2;
  choose();
  microphone.secureUrl = line["https-url"];
  tryIt = new TryIt(element("try"), element("next"), line.people, {
    call: dial,
    press: (key) => keypad.press(key),
    listens: () => call.listens,
  });
  if (connection.ticket) {
    // The page was loaded again in a call. Sound needs a click once more.
    showState("lost");
    element("unlock").hidden = !Sound.isAllowed;
    connection.open();
  }
}

function isIdle() {
  return call.state === "ready" || call.state === "over";
}

async function unlock() {
  await sound.unlock();
  element("unlock").hidden = sound.plays || !Sound.isAllowed;
  if (microphone.live) {
    microphone.open();
  }
}

async function dial() {
  if (!isIdle() || line.lines.length === 0) {
    return;
  }
  showTrouble(null);
  conversation.clear();
  author.clear();
  sound.clear();
  Object.assign(call, { listens: null, pressed: [], began: null, seconds: 0 });
  showState("calling");
  element("keys").focus({ preventScroll: true });
  await unlock();
  if (call.state === "calling") {
    connection.open();
  }
}

/** Over at once for the person, whether or not the server is there to hear of it. */
function hangUp() {
  connection.send({ t: "hang-up" });
  connection.forget();
  sound.clear();
  setTimeout(() => isIdle() && connection.close(), GOODBYE_MS);
  over("ended.caller-hung-up");
}

function opened(ticket) {
  if (author.isOpen) {
    connection.send({ t: "watch", on: true });
  }
  if (ticket) {
    connection.send({ t: "resume", ticket });
  } else {
    const from = element("withheld").checked ? null : element("caller").value.replace(/[\s()-]/g, "");
    connection.send({ t: "call", from, to: element("line").value });
  }
}

function lost() {
  if (isIdle()) {
    connection.close();
    return;
  }
  showState("lost");
  call.listens = "some";
  call.pressed = [];
  sound.clear();
  microphone.live = false;
}

function press(key) {
  sound.tone(key);
  if (isIdle()) {
    shows("state", text("hint.ready"));
    return;
  }
  if (call.state === "lost") {
    return;
  }
  conversation.pressed(key, { hidden: call.listens !== "one" });
  call.pressed.push(key);
  connection.send({ t: "key", key });
}

/** The line has taken the oldest key that was pressed, or not. */
function keyArrived({ lost }) {
  const key = call.pressed.shift();
  conversation.arrived({ lost });
  if (lost) {
    tryIt?.keyLost();
  } else if (call.listens === "one" || key === "#") {
    call.listens = null;
  }
}

function told(message) {
  switch (message.t) {
    case "connected":
      conversation.note(text(call.state === "lost" ? "noted.again" : "noted.connected"));
      if (call.state !== "lost") {
        tryIt?.starts();
      }
      call.began ??= Date.now();
      showState("in-call");
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
      call.listens = message.keys;
      break;
    case "key":
      keyArrived(message);
      break;
    case "dials":
      conversation.note(text("noted.dials"));
      element("no-desk").hidden = message.desks > 0;
      showState("ringing");
      if (element("unlock").hidden) {
        microphone.open();
      }
      break;
    case "held":
      sound.live(!message.on);
      conversation.note(text(message.on ? "noted.held" : "noted.resumed"));
      break;
    case "talks":
      conversation.note(text("noted.talks"));
      talks(true, "talking");
      break;
    case "apart":
      conversation.note(text(`apart.${message.outcome}`));
      talks(false, "in-call");
      break;
    case "records":
      talks(true, "recording");
      sound.live(false);
      break;
    case "recorded":
      conversation.note(text("noted.recorded", message));
      talks(false, "in-call");
      break;
    case "turn":
      author.turn(message);
      break;
    case "ended":
      connection.forget();
      sound.mark(() => over(`ended.${message.cause}`), { sounds: false });
      break;
    case "trouble":
      troubled(message.what);
      break;
  }
}

function says(sentence) {
  conversation.says(sentence);
  tryIt?.hears(sentence.prompt);
  if (sentence["is-text"] || !Sound.isAllowed) {
    reader.says(sentence);
  }
}

function talks(on, state) {
  call.listens = null;
  sound.live(on);
  showState(state);
  element("no-desk").hidden = true;
  microphone.live = on;
  // After a reload it waits for the click that sound needs, too.
  if (on && element("unlock").hidden) {
    microphone.open();
  }
}

function troubled(what) {
  showTrouble(`trouble.${what}`);
  if (what === "not-now" || what === "bad-message") {
    return;
  }
  over(null);
}

/** The call is over, because of `why`. */
function over(why) {
  if (isIdle()) {
    return;
  }
  if (why) {
    conversation.note(text(why));
  }
  call.seconds = time();
  call.began = null;
  call.listens = null;
  reader.stops();
  microphone.close();
  sound.live(false);
  tryIt?.ends();
  const hadFocus = document.activeElement === element("hang-up") || document.activeElement === element("keys");
  showState("over");
  if (hadFocus) {
    element("call").focus({ preventScroll: true });
  }
  connection.forget();
  setTimeout(() => isIdle() && connection.close(), GOODBYE_MS);
}

function showState(state) {
  call.state = state;
  document.body.dataset.state = state;
  shows("state", text(`state.${state}`));
  element("call").disabled = !isIdle();
  element("hang-up").disabled = isIdle();
  if (state !== "ringing") {
    element("no-desk").hidden = true;
  }
  showTime(time());
}

function time() {
  return call.began ? secondsSince(call.began) : call.seconds;
}

/** The line that is chosen is the one to call. */
function choose() {
  element("number").textContent = element("line").value;
  author.line = line.lines[element("line").selectedIndex].name;
}
