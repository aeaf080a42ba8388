// Faders and sliders for fingers: each finger holds its own, and moves it from where it stands, so that nothing jumps.

const FINE = 0.05;

export class Fader {
  // `way` is "up" or "right"; `moved(share)` gets 0..1. `words(value)` writes the value.
  constructor({ name, label, way, colour, chip, low, high, standard, log, words, moved }) {
    Object.assign(this, { way, low, high, standard, log: Boolean(log) && low > 0, words, moved, value: low, held: null,
      releasedAt: -Infinity, tappedAt: 0 });
    const make = (tag, kind) => Object.assign(document.createElement(tag), { className: kind });
    this.box = make("div", way === "up" ? "fader" : "slider");
    this.output = make("output", "");
    this.track = make("div", "track");
    this.fill = make("div", "fill");
    this.grip = make("div", "grip");
    if (colour) this.fill.style.background = colour;
    this.track.append(this.fill, this.grip);
    if (way === "up") this.box.append(this.output, this.track, chip);
    else this.box.append(Object.assign(document.createElement("span"), { textContent: label }), this.output, this.track);
    for (const [key, value] of Object.entries({ role: "slider", tabindex: 0, "aria-label": label, "data-name": name,
      "aria-valuemin": low, "aria-valuemax": high, "aria-orientation": way === "up" ? "vertical" : "horizontal" }))
      this.track.setAttribute(key, value);
    this.track.addEventListener("pointerdown", (event) => this.press(event));
    this.track.addEventListener("pointermove", (event) => { if (event.pointerId === this.held) this.drag(event); });
    for (const end of ["pointerup", "pointercancel"])
      this.track.addEventListener(end, (event) => { if (event.pointerId === this.held) this.release(event); });
    this.track.addEventListener("keydown", (event) => this.key(event));
    this.show(low);
  }

  share(value) {
    const { low, high } = this, held = Math.min(high, Math.max(low, value));
    return this.log ? Math.log(held / low) / Math.log(high / low) : (held - low) / (high - low);
  }

  at(share) {
    const { low, high } = this, held = Math.min(1, Math.max(0, share));
    return this.log ? low * (high / low) ** held : low + (high - low) * held;
  }

  // A value from elsewhere; while a finger is on the fader, and a moment after, the finger knows better.
  tell(value) {
    if (this.held === null && performance.now() - this.releasedAt > 500) this.show(value);
  }

  show(value) {
    this.value = value;
    const share = this.share(value), words = this.words(value);
    if (this.output.textContent !== words) this.output.textContent = words;
    this.track.setAttribute("aria-valuenow", value.toFixed(3));
    this.track.setAttribute("aria-valuetext", words);
    if (this.way === "up") {
      this.grip.style.bottom = `calc(${share} * (100% - 24px))`;
      this.fill.style.height = `calc(${share} * (100% - 24px))`;
    } else {
      this.grip.style.left = `${100 * share}%`;
      this.fill.style.width = `${100 * share}%`;
    }
  }

  get length() { return this.way === "up" ? this.track.clientHeight - 24 : this.track.clientWidth; }

  press(event) {
    if (this.held !== null) return;
    this.track.setPointerCapture(event.pointerId);
    this.held = event.pointerId;
    this.from = { place: this.way === "up" ? -event.clientY : event.clientX, share: this.share(this.value) };
    this.farthest = 0;
    this.box.classList.add("held");
  }

  drag(event) {
    const way = (this.way === "up" ? -event.clientY : event.clientX) - this.from.place;
    this.farthest = Math.max(this.farthest, Math.abs(way));
    if (this.farthest < 3) return;
    this.put(this.at(this.from.share + way / this.length));
  }

  release(event) {
    this.held = null;
    this.releasedAt = performance.now();
    this.box.classList.remove("held");
    const tapped = event.type === "pointerup" && this.farthest < 3;
    if (tapped && event.timeStamp - this.tappedAt < 350) this.put(this.standard);
    this.tappedAt = tapped ? event.timeStamp : 0;
  }

  key(event) {
    const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 4, PageDown: -4 }[event.key];
    const share = event.key === "Home" ? 0 : event.key === "End" ? 1 : steps && this.share(this.value) + FINE * steps;
    if (share === undefined) return;
    event.preventDefault();
    this.releasedAt = performance.now();
    this.put(this.at(share));
  }

  put(value) {
    this.show(value);
    this.moved(value);
  }
}
