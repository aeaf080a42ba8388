// The circle: voices round it, lines of influence, and the puck. Coordinates are radii, x to the right, y up.

const SNAP = 0.03, CATCH = 0.07; // radii: as in protocol/puck.py, and how near a puck lies down on a voice

export const position = (i, n) => [Math.sin(2 * Math.PI * i / n), Math.cos(2 * Math.PI * i / n)];

export function clamp([x, y]) {
  const d = Math.hypot(x, y);
  return d <= 1 ? [x, y] : [x / d, y / d];
}

export function influence(puck, n, falloff) {
  const [px, py] = clamp(puck);
  const distances = [...Array(n).keys()].map((i) => {
    const [x, y] = position(i, n);
    return Math.max(0, Math.hypot(px - x, py - y) - SNAP);
  });
  const nearest = Math.min(...distances);
  const shares = distances.map((d) => nearest === 0 ? Number(d === 0) : (nearest / d) ** falloff);
  const total = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / total);
}

export class Circle {
  // `moved(place, done)` is called while a finger, or a key, moves the puck; `done` when it is let go.
  constructor(canvas, moved) {
    Object.assign(this, { canvas, moved, voices: [], ring: [], shares: [], falloff: 2, puck: [0, 0], solid: false,
      held: null, ground: null, choir: null });
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => { if (event.pointerId === this.held) this.drag(event); });
    for (const end of ["pointerup", "pointercancel"])
      canvas.addEventListener(end, (event) => { if (event.pointerId === this.held) this.release(); });
    canvas.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => { this.ground = null; this.draw(); }).observe(canvas);
  }

  get size() {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    return { w, h, x: w / 2, y: h / 2, r: Math.max(20, Math.min(w, h) / 2 - 36) };
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect(), { x, y, r } = this.size;
    return clamp([(event.clientX - box.left - x) / r, (box.top + y - event.clientY) / r]);
  }

  press(event) {
    if (this.held !== null) return;
    this.held = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.drag(event);
  }

  drag(event) {
    const place = this.place(event), n = this.ring.length;
    const near = this.ring.map((_, i) => position(i, n))
      .find(([x, y]) => Math.hypot(place[0] - x, place[1] - y) <= CATCH);
    this.go(near ?? place, false);
  }

  release() {
    this.held = null;
    this.moved(this.puck, true);
    this.draw();
  }

  key(event) {
    const step = event.shiftKey ? 0.01 : 0.06;
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!way) return;
    event.preventDefault();
    this.go(clamp([this.puck[0] + step * way[0], this.puck[1] + step * way[1]]), true);
  }

  go(place, done) {
    this.puck = place;
    this.solid = true;
    this.moved(place, done);
    this.draw();
  }

  draw() {
    const { canvas } = this, { w, h, x, y, r } = this.size, dpr = devicePixelRatio || 1;
    if (!w || !h) return;
    if (canvas.width !== Math.round(w * dpr) || canvas.height !== Math.round(h * dpr))
      canvas.width = Math.round(w * dpr), canvas.height = Math.round(h * dpr);
    const pen = canvas.getContext("2d"), n = this.ring.length;
    pen.setTransform(dpr, 0, 0, dpr, 0, 0);
    pen.clearRect(0, 0, w, h);
    const disc = (at, radius, colour, alpha = 1) => {
      pen.globalAlpha = alpha; pen.fillStyle = colour;
      pen.beginPath(); pen.arc(...at, radius, 0, 7); pen.fill(); pen.globalAlpha = 1;
    };
    const ring = (at, radius, colour, width, alpha = 1) => {
      pen.globalAlpha = alpha; pen.strokeStyle = colour; pen.lineWidth = width;
      pen.beginPath(); pen.arc(...at, radius, 0, 7); pen.stroke(); pen.globalAlpha = 1;
    };
    const out = ([across, up]) => [x + r * across, y - r * up];
    if (n) {
      this.ground ??= field(this.ring.map((voice) => this.voices[voice].colour), this.falloff);
      pen.save();
      pen.beginPath(); pen.arc(x, y, r, 0, 7); pen.clip();
      pen.globalAlpha = 0.3;
      pen.drawImage(this.ground, x - r, y - r, 2 * r, 2 * r);
      pen.restore();
    }
    ring([x, y], r, "#57284A", 1.5);
    const puck = out(this.puck);
    if (n && this.solid) {
      const shares = influence(this.puck, n, this.falloff);
      const order = [...Array(n).keys()].sort((a, b) => shares[a] - shares[b]);
      for (const i of order) {
        pen.globalAlpha = 0.2 + 0.8 * Math.min(1, 2.2 * shares[i]);
        pen.strokeStyle = this.voices[this.ring[i]].colour;
        pen.lineWidth = 1 + 9 * shares[i];
        pen.beginPath(); pen.moveTo(...out(position(i, n))); pen.lineTo(...puck); pen.stroke();
      }
      pen.globalAlpha = 1;
    }
    const wide = n > 12 ? 30 : 40, high = n > 12 ? 22 : 28;
    pen.textAlign = "center"; pen.textBaseline = "middle";
    const chips = this.ring.map((_, i) => {
      const [cx, cy] = out(position(i, n));
      return { left: cx - wide / 2, right: cx + wide / 2, top: cy - high / 2, bottom: cy + high / 2, cx, cy };
    });
    const taken = [...chips];
    this.ring.forEach((voice, i) => {
      const { cx, cy, left, top } = chips[i], { slug, colour, monogram } = this.voices[voice];
      pen.globalAlpha = !this.choir || this.choir.has(voice) ? 1 : 0.3;
      pen.fillStyle = colour;
      pen.beginPath(); pen.roundRect(left, top, wide, high, 5); pen.fill();
      pen.fillStyle = "#0B0D11"; pen.font = `700 ${Math.round(high * 0.58)}px Roboto, system-ui, sans-serif`;
      pen.fillText(monogram, cx, cy + 1);
      pen.fillStyle = "#A9B2C0"; pen.font = "12px Roboto, system-ui, sans-serif";
      const half = pen.measureText(slug).width / 2 + 2, middle = Math.min(Math.max(cx, half), w - half);
      const room = [high / 2 + 9, -high / 2 - 9].map((off) => ({ left: middle - half, right: middle + half,
        top: cy + off - 7, bottom: cy + off + 7, at: cy + off })).find((box) => box.top >= 0 && box.bottom <= h
        && !taken.some((other) => other.left < box.right && box.left < other.right
          && other.top < box.bottom && box.top < other.bottom));
      if (room) { // a name that has none is left out: the chip says it, and so does the line below
        taken.push(room);
        pen.fillText(slug, middle, room.at);
      }
      pen.globalAlpha = 1;
    });
    if (this.solid) {
      if (this.held !== null) disc(puck, 40, "#FF5C9E", 0.16);
      disc(puck, 26, "#FF5C9E", 0.22);
      ring(puck, 20, "#FF5C9E", this.held === null ? 3 : 5);
      disc(puck, 15, "#FFFFFF");
    } else ring(puck, 15, "#E9EDF3", 3, 0.8);
    if (document.activeElement === canvas && canvas.matches(":focus-visible")) ring(puck, 30, "#E9EDF3", 2);
  }
}

// The ground: at each place the colours of the voices, mixed as a puck there would mix them.
function field(colours, falloff) {
  const side = 64, picture = new OffscreenCanvas(side, side), pen = picture.getContext("2d");
  const image = pen.createImageData(side, side), n = colours.length;
  const rgb = colours.map((hex) => [1, 3, 5].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2));
  for (let row = 0; row < side; row++) for (let column = 0; column < side; column++) {
    const shares = influence([(2 * column + 1) / side - 1, 1 - (2 * row + 1) / side], n, falloff);
    for (let c = 0; c < 3; c++) {
      const light = shares.reduce((sum, share, i) => sum + share * rgb[i][c], 0);
      image.data[4 * (row * side + column) + c] = 255 * light ** (1 / 2.2);
    }
    image.data[4 * (row * side + column) + 3] = 255;
  }
  pen.putImageData(image, 0, 0);
  return picture;
}
