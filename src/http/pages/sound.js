// What this page hears and says: the call's sound, key tones, the ring of a desk, the microphone.
//
// Sound comes and goes as mu-law, 8,000 samples a second; worklet.js makes it the device's. Without an AudioContext that
// runs (no click yet, a page without HTTPS) nothing is played and marks pass at once, so that captions come all the same.
//
// To measure what is heard: open the page with `?measure`, and `window.measure` has `peak()`, the greatest sample of the
// last moment from 0 to 1, and `level(hertz)`, the level of that frequency in decibels, both of the call's own sound, as
// it goes to the loudspeaker and without the tones made here. Without `?measure` there is no such thing.

const TONES = { 1: [697, 1209], 2: [697, 1336], 3: [697, 1477], 4: [770, 1209], 5: [770, 1336], 6: [770, 1477] };
Object.assign(TONES, { 7: [852, 1209], 8: [852, 1336], 9: [852, 1477], "*": [941, 1209], 0: [941, 1336], "#": [941, 1477] });
const TONE_S = 0.12;
const TONE_LOUDNESS = 0.06;
const RING_EVERY_MS = 3000;
const UNLOCK_WITHIN_MS = 2000;

export class Sound {
  #context = null;
  #ready = null;
  #player = null;
  #marks = new Map();
  #lastMark = 0;
  #ringing = null;
  #stream = null;
  #source = null;
  #muted = false;

  /** Whether the call's sound is played. */
  get plays() {
    return this.#player !== null && this.#context.state === "running";
  }

  /** Whether this page may play sound and ask for a microphone at all. */
  static get isAllowed() {
    return window.isSecureContext && "AudioWorkletNode" in window;
  }

  /** Makes sound possible. To be called in a click or a key press; does not take long even if it does not succeed. */
  unlock() {
    this.#ready ??= this.#open();
    const resumed = this.#ready.then(() => this.#context?.resume()).catch(() => {});
    return Promise.race([resumed, new Promise((done) => setTimeout(done, UNLOCK_WITHIN_MS))]);
  }

  async #open() {
    this.#context = new AudioContext({ latencyHint: "interactive" });
    this.#context.onstatechange = () => this.plays || this.#passAll();
    if (!Sound.isAllowed) {
      return;
    }
    await this.#context.audioWorklet.addModule(new URL("./worklet.js", import.meta.url));
    const player = new AudioWorkletNode(this.#context, "player", { numberOfInputs: 0, outputChannelCount: [1] });
    player.port.onmessage = ({ data }) => this.#pass(data.mark);
    player.connect(this.#context.destination);
    if (new URLSearchParams(location.search).has("measure")) {
      measure(this.#context, player);
    }
    this.#player = player;
  }

  /** Mu-law samples, to be heard after what came before them. */
  play(samples) {
    if (this.plays) {
      this.#player.port.postMessage({ sound: samples }, [samples.buffer]);
    }
  }

  /** Calls `then` when all before it has been heard; with `sounds`, when the sound behind it begins. */
  mark(then, { sounds }) {
    if (!this.plays) {
      then();
      return;
    }
    this.#lastMark += 1;
    this.#marks.set(this.#lastMark, then);
    this.#player.port.postMessage({ mark: this.#lastMark, sounds });
  }

  /** What has not been heard yet is not heard any more; its marks do not pass. */
  clear() {
    this.#marks.clear();
    this.#player?.port.postMessage({ clear: true });
  }

  /** Two people talk: what is late is left out. */
  live(on) {
    this.#player?.port.postMessage({ live: on });
  }

  #pass(mark) {
    const then = this.#marks.get(mark);
    this.#marks.delete(mark);
    then?.();
  }

  #passAll() {
    for (const mark of [...this.#marks.keys()]) {
      this.#pass(mark);
    }
  }

  /** The tone of a key, short and quiet. */
  tone(key) {
    this.#beep(TONES[key], 0, TONE_S);
  }

  /** The ring of a desk, until it is switched off. */
  ring(on) {
    clearInterval(this.#ringing);
    const once = () => [0, 0.5].forEach((after) => this.#beep([440, 554], after, 0.35));
    this.#ringing = on ? setInterval(once, RING_EVERY_MS) : null;
    if (on) {
      once();
    }
  }

  #beep(frequencies, after, seconds) {
    if (this.#context?.state !== "running") {
      return;
    }
    const start = this.#context.currentTime + after;
    const gain = this.#context.createGain();
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(TONE_LOUDNESS, start + 0.005);
    gain.gain.setValueAtTime(TONE_LOUDNESS, start + seconds - 0.01);
    gain.gain.linearRampToValueAtTime(0, start + seconds);
    gain.connect(this.#context.destination);
    for (const frequency of frequencies) {
      const oscillator = new OscillatorNode(this.#context, { frequency });
      oscillator.connect(gain);
      oscillator.start(start);
      oscillator.stop(start + seconds);
    }
  }

  /**
   * Opens the microphone, which may ask the person; frames go to `heard`. Comes back with `on`, or with what is in the
   * way: `denied`, `missing`. Only where it `isAllowed`.
   */
  async openMicrophone(heard) {
    if (this.#stream) {
      return "on";
    }
    await this.unlock();
    try {
      const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio });
    } catch (failed) {
      return failed.name === "NotAllowedError" ? "denied" : "missing";
    }
    const microphone = new AudioWorkletNode(this.#context, "microphone", { numberOfOutputs: 0 });
    microphone.port.onmessage = ({ data }) => heard(data);
    this.#source = this.#context.createMediaStreamSource(this.#stream);
    this.#source.connect(microphone);
    this.mute(this.#muted);
    return "on";
  }

  /** A microphone that is off says nothing: the browser itself sends silence. */
  mute(on) {
    this.#muted = on;
    this.#stream?.getAudioTracks().forEach((track) => (track.enabled = !on));
  }

  closeMicrophone() {
    this.#source?.disconnect();
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
  }
}

/** See the top of this file. */
function measure(context, node) {
  const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
  node.connect(analyser);
  window.measure = {
    peak() {
      const samples = new Float32Array(analyser.fftSize);
      analyser.getFloatTimeDomainData(samples);
      return samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
    },
    level(hertz) {
      const levels = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(levels);
      return levels[Math.round((hertz * analyser.fftSize) / context.sampleRate)];
    },
  };
}
