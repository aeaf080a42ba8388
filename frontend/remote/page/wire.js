// The websocket: comes back by itself, says each thing at a bearable pace, the last value always.

const PACE = 33; // ms between two messages
const HERE = 2000; // ms after which one says that one is still here
const WAITS = [400, 800, 1500, 3000, 5000]; // ms before each new try

export class Wire {
  // `heard(message)` gets what comes, `told(words, wrong)` how the connection is doing, `again()` is called on a new one.
  constructor(heard, told, again) {
    Object.assign(this, { heard, told, again, pending: {}, timer: null, saidAt: 0, tries: 0, socket: null });
    setInterval(() => { if (performance.now() - this.saidAt > HERE) this.put({}); }, 1000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden && !this.open) this.connect(); });
    this.connect();
  }

  get open() { return this.socket?.readyState === WebSocket.OPEN; }

  connect() {
    clearTimeout(this.retry);
    if (this.socket) this.socket.onclose = null, this.socket.close();
    const place = new URL("play", location.href);
    place.protocol = place.protocol.replace("http", "ws");
    const socket = this.socket = new WebSocket(place);
    let opened = false;
    socket.onopen = () => { opened = true; this.tries = 0; this.pending = {}; this.told("", false); this.again(); };
    socket.onmessage = (event) => this.heard(JSON.parse(event.data));
    socket.onclose = (event) => this.closed(event.code, opened);
  }

  async closed(code, opened) {
    const wait = WAITS[Math.min(this.tries++, WAITS.length - 1)] * (0.75 + 0.5 * Math.random());
    let words = "connection lost: trying again";
    if (code === 1008) return this.told("this phone said too much and was sent away: reload the page", true);
    if (code === 1013) words = "no more room just now: trying again";
    if (!opened) {
      const page = await fetch(location.href, { method: "GET", cache: "no-store" }).catch(() => null);
      if (page?.status === 403) return this.told("this link is not valid any more: scan the code again", true);
    }
    this.told(words, true);
    this.retry = setTimeout(() => this.connect(), code === 1013 ? wait + 4000 : wait);
  }

  // Say `message`; its values join those that still wait.
  put(message) {
    const { set, ...others } = message;
    Object.assign(this.pending, others);
    if (set) this.pending.set = { ...this.pending.set, ...set };
    const due = this.saidAt + PACE - performance.now();
    if (due <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), due);
  }

  flush() {
    clearTimeout(this.timer);
    this.timer = null;
    if (!this.open) return;
    this.socket.send(JSON.stringify(this.pending));
    this.pending = {};
    this.saidAt = performance.now();
  }
}
