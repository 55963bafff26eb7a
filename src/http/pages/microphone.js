// The microphone as a person sees it: asked for when it is needed, what to do where there is none, muting. The sound
// itself is sound.js's.

import { element } from "./screen.js";
import { Sound } from "./sound.js";
import { onLanguage, text } from "./texts.js";

export class Microphone {
  #sound;
  #send;
  #secureUrl = null;
  #state = "later";
  #muted = false;
  #needed = false;

  /** `send(frame)` is told what is heard while it is `live`. */
  constructor(sound, send) {
    this.#sound = sound;
    this.#send = send;
    this.live = false;
    element("mic-open").addEventListener("click", () => this.open());
    element("mute").addEventListener("click", () => this.toggleMute());
    onLanguage(() => this.#show());
  }

  /** Where this page can be opened with HTTPS, if anywhere. */
  set secureUrl(url) {
    this.#secureUrl = url && new URL(location.pathname, url).href;
    this.#show();
  }

  get isOpen() {
    return this.#state === "on";
  }

  /** Asks for it, if it is not there yet. */
  async open() {
    this.#needed = true;
    if (this.#state === "asking" || !Sound.isAllowed) {
      return;
    }
    this.#state = this.isOpen ? "on" : "asking";
    this.#show();
    this.#state = await this.#sound.openMicrophone((frame) => this.live && this.#send(frame));
    if (!this.#needed) {
      this.close();
    }
    this.#show();
  }

  close() {
    this.#needed = false;
    this.live = false;
    this.#sound.closeMicrophone();
    this.#muted = false;
    this.#sound.mute(false);
    this.#state = this.#state === "asking" ? "asking" : "later";
    this.#show();
  }

  toggleMute() {
    if (this.isOpen) {
      this.#muted = !this.#muted;
      this.#sound.mute(this.#muted);
      this.#show();
    }
  }

  #show() {
    const insecure = !Sound.isAllowed;
    document.body.dataset.mic = insecure ? "insecure" : this.#state;
    element("insecure").hidden = !insecure;
    element("insecure-link").hidden = element("insecure-why").hidden = !this.#secureUrl;
    element("insecure-link").href = this.#secureUrl ?? "#";
    element("insecure-local").hidden = Boolean(this.#secureUrl);
    const fails = this.#state === "denied" || this.#state === "missing";
    element("mic-text").textContent = insecure ? "" : text(this.#muted ? "mic.muted" : `mic.${this.#state}`);
    element("mic").hidden = insecure;
    element("mic").classList.toggle("wrong", fails);
    element("mic-open").hidden = this.isOpen || this.#state === "asking";
    element("mic-open").textContent = text(fails ? "mic.retry" : "mic.open");
    element("mute").hidden = !this.isOpen;
    element("mute").setAttribute("aria-pressed", String(this.#muted));
    element("mute").textContent = text(this.#muted ? "unmute" : "mute");
  }
}
