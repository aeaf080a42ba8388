// The page: what came is shown, what fingers do is said. A performer's phone has every control, an audience's one puck.

import { Circle, influence } from "./puck.js";
import { Fader } from "./faders.js";
import { Wire } from "./wire.js";

const SLIDERS = [ // address, label, logarithmic, words
  ["/mix/rate", "rate, characters a second", true, (v) => v.toFixed(1)],
  ["/mix/temperature", "temperature", true, (v) => v.toFixed(2)],
  ["/crowd/share", "the audience's share", false, (v) => `${Math.round(100 * v)} %`],
  ["/puck/falloff", "the puck's falloff", true, (v) => v.toFixed(1)],
  ["/mix/alloy", "alloy: any, mean, all", false, (v) => v.toFixed(2)],
  ["/mix/fusion", "fusion", false, (v) => v.toFixed(2)],
  ["/mix/grain", "grain: a letter's vote, a word's", false, (v) => v.toFixed(2)],
  ["/mix/spelling", "spelling", false, (v) => v.toFixed(2)],
  ["/mix/words", "from letters to words", false, (v) => v.toFixed(2)],
  ["/mix/memory", "known by heart", false, (v) => v.toFixed(2)],
  ["/mix/sense", "sense: the narrator", false, (v) => v.toFixed(2)],
  ["/mix/top_p", "top-p", false, (v) => v.toFixed(2)],
  ["/mix/min_p", "min-p", false, (v) => v.toFixed(2)],
  ["/mix/surprise", "surprise", false, (v) => v > 0 ? `${v.toFixed(1)} bit` : "as it comes"],
];
const IDLE = 20_000; // ms after which an untouched puck of the audience is gone, as frontend/remote/guests.py has it
const RESAID = 1000; // ms between two words of a finger that lies still
const LEADS = 500; // ms for which what was set here is not overruled
const UNLOCK = 900; // ms
const COUNTED = 60; // of the last letters, those are counted that came from the voice that the finger leans to
const FLASH = 400; // ms between two flashes at least: never more than three a second

const $ = (id) => document.getElementById(id);
const state = { role: "", voices: [], ring: [], values: {}, phones: 0, touchedAt: -Infinity, ledAt: {}, fresh: true,
  end: null, mine: [], flashedAt: -Infinity };
const strips = new Map(), sliders = new Map(), toggles = new Map();
const circle = new Circle($("circle"), moved);
const wire = new Wire(heard, told, again);

// ---- hearing ---------------------------------------------------------------------------------------------------

function heard(message) {
  if (message.hello) greet(message.hello);
  if (message.now) show(message.now);
}

function told(words, wrong) {
  state.wrong = wrong ? words : "";
  if (wrong) document.body.classList.add("waiting");
  status();
}

function again() {
  if (state.role === "audience" && holding()) say({ puck: circle.puck });
}

function greet({ role, voices, ranges = {} }) {
  state.role = role;
  state.voices = circle.voices = voices.map(([slug, name, monogram, colour]) => ({ slug, name, monogram, colour }));
  state.ring = circle.ring = [];
  circle.ground = null;
  document.body.classList.remove("performer", "audience");
  document.body.classList.add(role);
  if (role === "performer") lay_desk(ranges);
  document.title = role === "performer" ? "Antiphon, performer" : "Antiphon";
  keepAwake();
}

function show(now) {
  document.body.classList.remove("waiting");
  circle.shares = now.shares;
  const falloff = now.values?.["/puck/falloff"] ?? now.falloff;
  if (String(now.ring) !== String(state.ring) || falloff !== circle.falloff) circle.ground = null;
  const others = String(now.ring) !== String(state.ring);
  Object.assign(circle, { falloff, ring: now.ring, choir: now.choir ? new Set(now.choir) : null });
  Object.assign(state, { ring: now.ring, phones: now.phones, turn: now.turn });
  if (state.role === "audience") claim(now);
  write(now.text, now.tints, now.end - now.text.length);
  if (now.values) {
    for (const [address, value] of Object.entries(now.values)) if (!leads(address)) state.values[address] = value;
    if (others) lay_strips();
    refresh();
  } else if (circle.solid && !holding()) circle.solid = false;
  circle.draw();
  status();
}

const leads = (address) => performance.now() - (state.ledAt[address] ?? -Infinity) < LEADS;

// What the finger leans to: the voice that its puck gives most, of those that it moves, and the colour of what it says.
function leaning() {
  if (!holding() || !state.ring.length) return null;
  const shares = influence(circle.puck, state.ring.length, circle.falloff)
    .map((share, i) => !circle.choir || circle.choir.has(state.ring[i]) ? share : 0);
  const total = shares.reduce((a, b) => a + b, 0);
  if (!total) return null;
  const tone = [1, 3, 5].map((at) => Math.round(255 * shares.reduce((sum, share, i) => sum +
    share / total * (parseInt(state.voices[state.ring[i]].colour.slice(at, at + 2), 16) / 255) ** 2.2, 0) ** (1 / 2.2)));
  const voice = state.ring[shares.indexOf(Math.max(...shares))];
  return { voice, tone: `rgb(${tone.join(" ")})` };
}

// Which of the letters that have come since are the finger's: they came from the voice that it leans to.
function claim({ text, tints, end }) {
  const lean = leaning(), came = state.end === null ? 0 : Math.min(end - state.end, text.length);
  state.mine = state.mine.filter((place) => place < Math.min(end, state.end ?? end) && place >= end - text.length);
  if (lean && came > 0) {
    let at = end - text.length, chose = false;
    for (const [voice, count] of tints) {
      for (let place = Math.max(at, end - came); place < at + count; place++)
        if (voice === lean.voice && text[place - end + text.length].trim()) state.mine.push(place), chose = true;
      at += count;
    }
    if (chose) flash();
  }
  state.end = end;
  document.body.classList.toggle("holding", Boolean(lean));
  if (lean) $("field").style.setProperty("--tone", lean.tone);
}

function flash() {
  const now = performance.now();
  if (now - state.flashedAt < FLASH) return;
  state.flashedAt = now;
  $("field").classList.remove("chose");
  void $("field").offsetWidth; // so that it begins anew
  $("field").classList.add("chose");
}

// The last words, in the colours of those who wrote them, the finger's own letters underlined; the first stands at `begin`.
function write(text, tints, begin) {
  const line = document.createElement("span"), mine = new Set(state.mine);
  let at = 0;
  for (const [voice, count] of tints) {
    const end = at + count;
    while (at < end) {
      const own = mine.has(begin + at), from = at;
      while (at < end && mine.has(begin + at) === own) at++;
      const run = document.createElement("span");
      run.textContent = text.slice(from, at);
      if (own) run.className = "mine";
      if (state.voices[voice]) run.style.color = state.voices[voice].colour;
      line.append(run);
    }
  }
  line.append(document.createElement("i"));
  $("text").replaceChildren(line);
}

function status() {
  const words = state.wrong || (state.role === "audience" ? audience_words() : performer_words());
  $("status").classList.toggle("wrong", Boolean(state.wrong));
  if ($("status").textContent !== words) $("status").textContent = words;
  const touch = circle.choir ? "touch the circle: lean your choir" : "touch the circle: it leans the text";
  const hint = state.role !== "audience" ? "" : holding() ? choir_words() : touch;
  if ($("hint").textContent !== hint) $("hint").textContent = hint;
}

function audience_words() {
  const n = state.phones, lean = leaning();
  if (!lean) return n ? `${n} ${n === 1 ? "puck is" : "pucks are"} moving the text` : "";
  const slug = state.voices[lean.voice].slug, count = state.mine.filter((place) => place >= state.end - COUNTED).length;
  const others = n > 1 ? `one of ${n} pucks` : "your puck";
  return `${others}, leaning to ${slug}\n${count} of the last ${COUNTED} letters came from there`;
}

function choir_words() {
  if (!circle.choir) return "";
  return state.turn ? "your choir's turn" : "the other choir's turn: yours will answer";
}

function performer_words() {
  const n = state.phones;
  return n ? `${n} ${n === 1 ? "phone" : "phones"} of the audience` : "";
}

// ---- saying ----------------------------------------------------------------------------------------------------

function say(message) { wire.put(message); }

function set(address, value) {
  state.values[address] = value;
  state.ledAt[address] = performance.now();
  say({ set: { [address]: value } });
}

const rounded = (value) => Math.round(value * 1e4) / 1e4;

function moved(place) {
  const puck = place.map(rounded);
  state.touchedAt = performance.now();
  if (state.role === "performer") {
    if (state.values["/puck/lifted"]) set("/puck/lifted", false);
    set("/puck", puck);
    refresh();
  } else say({ puck });
  status();
}

function holding() {
  return circle.held !== null || performance.now() - state.touchedAt < IDLE;
}

setInterval(() => { // a finger that lies still is still a finger
  if (circle.held !== null && performance.now() - state.touchedAt > RESAID) moved(circle.puck);
}, RESAID / 2);

// ---- the performer's desk --------------------------------------------------------------------------------------

function lay_desk(ranges) {
  sliders.clear();
  $("mix").replaceChildren();
  for (const [address, label, log, words] of SLIDERS.filter(([address]) => ranges[address])) {
    const [low, high, standard] = ranges[address];
    const fader = new Fader({ name: address, label, way: "right", low, high, standard, log, words,
      moved: (value) => set(address, rounded(value)) });
    sliders.set(address, fader);
    $("mix").append(fader.box);
  }
  $("mix").append(Object.assign(document.createElement("p"), { className: "awake", textContent: navigator.wakeLock
    ? "" : "This browser lets the screen go dark: set a long time in the phone's display settings." }));
  toggles.clear();
  $("voices").replaceChildren();
  for (const { slug, name, monogram, colour } of state.voices) {
    const button = document.createElement("button");
    button.append(chip(monogram, colour), slug);
    button.style.setProperty("--tone", colour);
    button.setAttribute("aria-label", `${name}: in play`);
    button.onclick = () => toggle(slug);
    toggles.set(slug, button);
    $("voices").append(button);
  }
}

function toggle(slug) {
  const on = `/style/${slug}/on`, weight = `/style/${slug}/weight`, coming = !state.values[on];
  if (coming && !state.values[weight]) set(weight, 0.5);
  set(on, coming);
  refresh();
}

function lay_strips() {
  strips.clear();
  const boxes = [...state.ring].sort((a, b) => a - b).map((voice) => {
    const { slug, name, monogram, colour } = state.voices[voice], address = `/style/${slug}/weight`;
    const fader = new Fader({ name: address, label: name, way: "up", colour, chip: chip(monogram, colour), low: 0, high: 1,
      standard: 0, words: (v) => v.toFixed(2), moved: (value) => set(address, rounded(value)) });
    strips.set(address, fader);
    return fader.box;
  });
  $("faders").replaceChildren(...boxes);
}

function chip(monogram, colour) {
  const made = Object.assign(document.createElement("span"), { className: "chip", textContent: monogram });
  made.style.background = colour;
  return made;
}

function refresh() {
  const { values } = state;
  for (const [address, fader] of [...strips, ...sliders]) fader.tell(values[address]);
  for (const [slug, button] of toggles) button.setAttribute("aria-pressed", Boolean(values[`/style/${slug}/on`]));
  press("run", values["/transport/run"], values["/transport/run"] ? "pause" : "run");
  press("hold", values["/transport/hold"]);
  press("lift", values["/puck/lifted"]);
  if (circle.held === null && !leads("/puck")) circle.puck = values["/puck"];
  circle.solid = !values["/puck/lifted"];
}

function press(id, on, words) {
  $(id).setAttribute("aria-pressed", id === "run" ? false : Boolean(on));
  if (words) $(id).textContent = words;
}

for (const [id, address] of [["run", "/transport/run"], ["hold", "/transport/hold"], ["lift", "/puck/lifted"]])
  $(id).onclick = () => { set(address, !state.values[address]); refresh(); circle.draw(); };
$("word").onclick = () => say({ do: "word" });
for (const tab of $("tabs").children)
  tab.onclick = () => {
    for (const other of $("tabs").children) {
      other.setAttribute("aria-selected", other === tab);
      $(other.getAttribute("aria-controls")).hidden = other !== tab;
    }
  };

// ---- in a pocket -----------------------------------------------------------------------------------------------

$("lock").onclick = () => { $("locked").hidden = false; };
let unlocking = null;
$("unlock").onpointerdown = () => { unlocking = setTimeout(() => { $("locked").hidden = true; }, UNLOCK); };
$("unlock").onkeydown = (event) => { if (event.key === "Enter") $("locked").hidden = true; };
for (const end of ["pointerup", "pointercancel", "pointerleave"])
  $("unlock").addEventListener(end, () => clearTimeout(unlocking));
document.addEventListener("contextmenu", (event) => event.preventDefault());
document.addEventListener("visibilitychange", () => {
  if (document.hidden && circle.held !== null) circle.release();
  if (!document.hidden) keepAwake();
});

// The screen stays on where the browser allows it; over plain http most do not.
async function keepAwake() {
  try { await navigator.wakeLock?.request("screen"); } catch { /* not now: it is asked again when the page is seen */ }
}
