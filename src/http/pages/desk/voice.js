// The desk's end of the phone in the box: calls ring, are answered, heard and talked in here. Who calls, and what about, it
// does *not* know: that is in the snapshots.
//
// `state` is what it does: away, waiting, ringing, in-call, talking, held, lost, elsewhere.

import { Connection } from "../connection.js";
import { Conversation, Reader } from "../conversation.js";
import { Keypad } from "../keypad.js";
import { Microphone } from "../microphone.js";
import { element, showTrouble } from "../screen.js";
import { Sound } from "../sound.js";
import { text } from "../texts.js";

const OWN = ["finished", "handed-over"];

export class Voice {
  #rings = new Set();
  /** Answer the next call that rings: the operator has said so already. */
  #wanted = false;
  #answered = null;
  #listens = null;
  #accepts = false;
  /** The operator holds the talk; a server that was started again does not know. */
  #holds = false;
  #rang = false;
  #sound = new Sound();
  #reader = new Reader();
  #conversation = new Conversation(element("log"));
  #connection;
  #changed;
  state = "away";
  /** When the talk began, or was answered. */
  began = null;
  /** The key that takes a call. */
  acceptKey = "1";

  /** `changed()` is told whenever `state` is another. */
  constructor(changed) {
    this.#changed = changed;
    const on = { told: (message) => this.#told(message), sound: (samples) => this.#sound.play(samples) };
    this.#connection = new Connection("/desk/ws", { ...on, opened: (ticket) => this.#opened(ticket), lost: () => this.#lost() });
    this.microphone = new Microphone(this.#sound, (frame) => this.#connection.sendSound(frame));
    this.keypad = new Keypad(element("keys"), element("keyboard"), (key) => this.press(key));
    const unlock = () => this.#sound.unlock();
    document.addEventListener("click", unlock, { capture: true });
    document.addEventListener("keydown", unlock, { capture: true });
  }

  get isInCall() {
    return ["in-call", "talking", "held"].includes(this.state);
  }

  /** What the answered call waits for: a key that takes it. */
  get isAsked() {
    return this.state === "in-call" && this.#listens !== null;
  }

  /** Calls can ring here from now on. */
  come() {
    if (this.state === "away") {
      this.state = "lost";
      this.#connection.open();
      this.microphone.open();
    }
  }

  /** None can, unless there is one. */
  leave() {
    if (this.state !== "away" && !this.isInCall) {
      this.#wanted = false;
      this.#rings.clear();
      this.#connection.close();
      this.microphone.close();
      this.#become("away");
    }
  }

  /** The voice comes to this tab, from whichever had it. */
  takeBack() {
    this.state = "lost";
    this.#connection.open();
    this.microphone.open();
  }

  /** Takes the call that rings, or will ring in a moment. */
  answer() {
    const [call] = this.#rings;
    this.#wanted = !call;
    if (call) {
      this.#rings.clear();
      this.#answered = call;
      this.#accepts = true;
      this.#conversation.clear();
      this.#connection.send({ t: "answer", call });
      this.#become("in-call");
    }
  }

  /** Whether there was a call to be declined here. */
  decline() {
    const [call] = this.#rings;
    this.#wanted = false;
    if (call) {
      this.#connection.send({ t: "decline", call });
      this.#quiet(call);
    }
    return Boolean(call);
  }

  hangUp() {
    this.#connection.send({ t: "hang-up" });
    this.#sound.clear();
  }

  hold(on) {
    this.#holds = on;
    this.#connection.send({ t: "hold", on });
  }

  press(key) {
    this.#sound.tone(key);
    if (this.isInCall) {
      this.#conversation.pressed(key, { hidden: this.#listens === "until-pound" });
      this.#connection.send({ t: "key", key });
    }
  }

  /** Rings, or stops: a call is on its way, or rings already. */
  ring(on) {
    if (on !== this.#rang) {
      this.#rang = on;
      this.#sound.ring(on);
    }
  }

  /** What was wanted is not any more: nobody rings. */
  forgetWish() {
    this.#wanted = false;
  }

  #opened(ticket) {
    showTrouble(null);
    if (ticket) {
      // `talks` comes if the talk goes on.
      this.#connection.send({ t: "resume", ticket });
    } else {
      this.#become("waiting");
    }
  }

  #lost() {
    if (this.state === "elsewhere") {
      return;
    }
    this.#rings.clear();
    this.#sound.clear();
    this.#apart();
    if (!this.#connection.ticket) {
      this.began = null;
    }
    this.#become("lost");
  }

  #quiet(call) {
    this.#rings.delete(call);
    // In a call that has not begun, somebody else was faster.
    if (this.state === "ringing" || (this.state === "in-call" && this.#answered === call && !this.began)) {
      this.#become(this.#rings.size > 0 ? "ringing" : "waiting");
    }
  }

  #told(message) {
    switch (message.t) {
      case "rings":
        this.#rings.add(message.call);
        if (this.#wanted) {
          this.answer();
        } else if (!this.isInCall) {
          this.#become("ringing");
        }
        break;
      case "quiet":
        this.#quiet(message.call);
        break;
      case "connected":
        // The desk is there; a call is only when it is answered.
        break;
      case "says":
        if (message.text) {
          this.#sound.mark(() => this.#says(message), { sounds: !message["is-text"] });
        }
        break;
      case "stops":
        this.#sound.clear();
        this.#reader.stops();
        break;
      case "listens":
        this.#listens = message.keys;
        // Who has answered wants the call: what the whisper says, the page shows.
        if (this.#accepts) {
          this.#accepts = false;
          this.press(this.acceptKey);
        }
        this.#changed();
        break;
      case "key":
        this.#conversation.arrived(message);
        break;
      case "talks":
        this.#listens = null;
        this.#conversation.note(text("noted.talks"));
        this.#sound.live(true);
        this.microphone.live = !this.#holds;
        this.began ??= Date.now();
        this.#become("talking");
        if (this.#holds) {
          this.hold(true);
        }
        break;
      case "held":
        this.#holds = message.on;
        this.microphone.live = !message.on;
        this.#become(message.on ? "held" : "talking");
        break;
      case "elsewhere":
        this.#apart();
        this.#rings.clear();
        this.#connection.close();
        this.microphone.close();
        this.began = null;
        this.#holds = false;
        this.#become("elsewhere");
        break;
      case "ended":
        this.#connection.forget();
        // That this end hung up, the operator knows.
        this.#over(OWN.includes(message.cause) ? "state.over" : `ended.${message.cause}`);
        break;
      case "trouble":
        showTrouble(`trouble.${message.what}`);
        if (message.what === "call-gone" || message.what === "no-document") {
          this.#over(null);
        }
        break;
    }
  }

  #says(sentence) {
    this.began ??= Date.now();
    this.#conversation.says(sentence);
    if (sentence["is-text"] || !Sound.isAllowed) {
      this.#reader.says(sentence);
    }
  }

  #apart() {
    this.#sound.live(false);
    this.microphone.live = false;
  }

  #over(why) {
    if (why) {
      this.#conversation.note(text(why));
    }
    this.#apart();
    this.#reader.stops();
    this.#connection.forget();
    this.#listens = this.#answered = this.began = null;
    this.#accepts = this.#holds = false;
    this.#become(this.#rings.size > 0 ? "ringing" : "waiting");
  }

  #become(state) {
    this.state = state;
    this.#changed();
  }
}
