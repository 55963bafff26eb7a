// The connection to the switchboard. JSON texts and sound go over one WebSocket, both ways, in the order in which they
// are heard. When it breaks off it is made again and the last ticket is shown, so that a call goes on; the ticket
// outlives a reload of the page. What a message means is *not* known here.

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 3000;
/** Sound that waits to be sent; more is too late to be of use. */
const SOUND_WAITING = 4000;
/** After so many vain tries it is asked whether this page may still connect. */
const TRIES = 3;

export class Connection {
  #path;
  #on;
  #socket = null;
  #wait = FIRST_WAIT_MS;
  #tries = 0;
  #again = null;
  #open = false;

  /** `on.opened(ticket)`, `on.told(message)`, `on.sound(samples)`, `on.lost()`. */
  constructor(path, on) {
    this.#path = path;
    this.#on = on;
    window.addEventListener("offline", () => this.#socket?.close());
    window.addEventListener("online", () => this.#retry(0));
  }

  /** The ticket of a call that may still go on. */
  get ticket() {
    return sessionStorage.getItem(this.#path);
  }

  open() {
    this.#socket?.close();
    this.#open = true;
    this.#connect();
  }

  /** Closes it for good and forgets the call. */
  close() {
    this.#open = false;
    clearTimeout(this.#again);
    this.forget();
    this.#socket?.close();
    this.#socket = null;
  }

  forget() {
    sessionStorage.removeItem(this.#path);
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  sendSound(samples) {
    if (this.#socket?.readyState === WebSocket.OPEN && this.#socket.bufferedAmount < SOUND_WAITING) {
      this.#socket.send(samples);
    }
  }

  #connect() {
    // Not every browser takes a path alone.
    const socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}${this.#path}`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      this.#wait = FIRST_WAIT_MS;
      this.#tries = 0;
      this.#on.opened(this.ticket);
    };
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) {
        return;
      }
      if (typeof data !== "string") {
        this.#on.sound(new Uint8Array(data));
        return;
      }
      const message = JSON.parse(data);
      if (message.t === "ticket") {
        sessionStorage.setItem(this.#path, message.ticket);
      } else {
        this.#on.told(message);
      }
    };
    socket.onclose = () => {
      if (socket === this.#socket && this.#open) {
        this.#socket = null;
        this.#on.lost();
        this.#retry(this.#wait);
        this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
      }
    };
  }

  #retry(wait) {
    if (!this.#open || this.#socket) {
      return;
    }
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#connect(), wait);
    this.#tries += 1;
    if (this.#tries === TRIES) {
      this.#askWhetherAllowed();
    }
  }

  /** A login that has ended is told to a page that asks for one, but not to a WebSocket. */
  async #askWhetherAllowed() {
    const answer = await fetch(this.#path === "/desk/ws" ? "/desk/me" : "/phone/line").catch(() => null);
    if (answer && [401, 403].includes(answer.status)) {
      location.reload();
    }
  }
}
