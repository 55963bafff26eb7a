// The two ends of the sound, on the browser's audio thread: what is heard, and what the microphone hears.
//
// On the wire sound is mu-law, 8,000 samples a second; here it is whatever the device has. Both processors resample by
// themselves, so one AudioContext at the device's own rate does for both: some browsers refuse a microphone to a context
// of another rate. This is *not* where it is decided what is sent or shown: sound.js does.

const RATE = 8000;
/** What is queued before playing begins. */
const LEAD = 0.06 * RATE;
/** What is queued at most: while two people talk, and while prompts are heard. */
const LATE = 0.1 * RATE;
const PROMPTS_LATE = 0.2 * RATE;
/** Nothing is that late; a queue has an end. */
const FULL = 20 * RATE;
/** Below this a sample is not heard: a pause. */
const QUIET = 0.004;
const FRAME = 160;

const SAMPLES = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
  return (bits & 0x80 ? -magnitude : magnitude) / 32768;
});

function toMuLaw(sample) {
  const magnitude = Math.min(Math.abs(Math.round(sample * 32768)), 32635) + 0x84;
  const exponent = 31 - Math.clz32(magnitude) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

/** Values between samples, by a windowed sinc. */
class Resampler {
  static POSITIONS = 240;

  constructor(from, to) {
    /** Samples in for each one out. */
    this.step = from / to;
    /** How many samples are to come in before the next one goes out. */
    this.due = 1;
    const band = Math.min(1, to / from) * 0.95;
    this.half = Math.ceil(8 / band);
    this.taps = 2 * this.half;
    this.past = new Float32Array(2 * this.taps);
    this.at = 0;
    this.kernels = Array.from({ length: Resampler.POSITIONS + 1 }, (_, position) =>
      Float32Array.from({ length: this.taps }, (_, tap) => {
        const x = tap - (this.half - 1) - position / Resampler.POSITIONS;
        const sinc = x === 0 ? 1 : Math.sin(Math.PI * band * x) / (Math.PI * band * x);
        return band * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / (this.half + 1)));
      }),
    );
  }

  put(sample) {
    this.past[this.at] = sample;
    this.past[this.at + this.taps] = sample;
    this.at = (this.at + 1) % this.taps;
    this.due -= 1;
  }

  take() {
    const kernel = this.kernels[Math.round(this.due * Resampler.POSITIONS)];
    let sum = 0;
    for (let tap = 0; tap < this.taps; tap += 1) {
      sum += kernel[tap] * this.past[this.at + tap];
    }
    this.due += this.step;
    return sum;
  }
}

/**
 * Plays what comes. In: `{sound: Uint8Array}`, `{mark, sounds}`, `{clear: true}`, `{live: boolean}`.
 * Out: `{mark}`, when all before it has been played and, if it `sounds`, its first sample is.
 * What comes too late is caught up with by leaving out, never by playing faster: pauses while prompts are heard, which
 * lose no word; anything while people talk.
 */
class Player extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(RATE, sampleRate);
    this.clear();
    this.live = false;
    this.port.onmessage = ({ data }) => this.told(data);
  }

  told(data) {
    if (data.sound) {
      this.queue.push({ sound: data.sound, at: 0 });
      this.queued += data.sound.length;
    } else if (data.mark !== undefined) {
      this.queue.push(data);
    } else if (data.clear) {
      this.clear();
    } else {
      this.live = data.live;
    }
  }

  clear() {
    this.queue = [];
    /** Samples in the queue. */
    this.queued = 0;
    this.playing = false;
    /** Samples of silence since something came that does not play yet. */
    this.waited = 0;
  }

  /** Passes the marks at the head, but for one whose sound does not play yet. */
  passMarks() {
    const waits = ({ sounds }) => sounds && !this.playing && this.queue[1]?.mark === undefined;
    while (this.queue[0]?.mark !== undefined && !waits(this.queue[0])) {
      this.port.postMessage({ mark: this.queue.shift().mark });
    }
  }

  leaveOut() {
    const late = this.live ? LATE : PROMPTS_LATE;
    for (let index = 0; index < this.queue.length && this.queued > late; ) {
      const { sound } = this.queue[index];
      if (sound && (this.live || this.queued > FULL || sound.every((code) => Math.abs(SAMPLES[code]) < QUIET))) {
        this.queued -= sound.length - this.queue[index].at;
        this.queue.splice(index, 1);
      } else if (sound) {
        return;
      } else {
        index += 1;
      }
    }
  }

  next() {
    const head = this.queue[0];
    if (!this.playing || !head?.sound) {
      return 0;
    }
    const sample = SAMPLES[head.sound[head.at]];
    head.at += 1;
    this.queued -= 1;
    if (head.at >= head.sound.length) {
      this.queue.shift();
      this.passMarks();
      this.playing = this.queued > 0;
      this.waited = 0;
    }
    return sample;
  }

  process(_, [[output]]) {
    if (!this.playing && this.queued > 0) {
      this.waited += output.length * this.resampler.step;
      this.playing = this.queued >= LEAD || this.waited >= LEAD;
    }
    this.passMarks();
    this.leaveOut();
    for (let index = 0; index < output.length; index += 1) {
      while (this.resampler.due >= 1) {
        this.resampler.put(this.next());
      }
      output[index] = this.resampler.take();
    }
    return true;
  }
}

/** Hears the microphone. Out: frames of 20 ms, as Uint8Array. */
class Microphone extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, RATE);
    this.frame = new Uint8Array(FRAME);
    this.filled = 0;
  }

  process([[input]]) {
    for (const sample of input ?? []) {
      this.resampler.put(sample);
      while (this.resampler.due < 1) {
        this.frame[this.filled] = toMuLaw(this.resampler.take());
        this.filled += 1;
        if (this.filled === FRAME) {
          this.port.postMessage(this.frame, [this.frame.buffer]);
          this.frame = new Uint8Array(FRAME);
          this.filled = 0;
        }
      }
    }
    return true;
  }
}

registerProcessor("player", Player);
registerProcessor("microphone", Microphone);
