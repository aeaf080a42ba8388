// The stage in a browser: the text in its voices' colours, over whatever lies below. Read-only. What may stand in the
// address behind ? is in docs/show.md.

import { Typesetter } from "./typeset.js"

const asked = new URLSearchParams(location.search)
const number = (name, standard, low, high) => {
  const value = Number.parseFloat(asked.get(name) ?? "")
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : standard
}
const wish = {
  size: number("size", 1, 0.3, 4), columns: Math.round(number("columns", 0, 0, 200)), lines: Math.round(number("lines", 0, 0, 60)),
  delay: number("delay", 0, 0, 60), fade: number("fade", 1, 0, 1), cursor: asked.get("cursor") !== "none",
  ground: asked.get("ground") === "on", theme: asked.get("theme"), creature: asked.get("creature") ?? "",
}

// The proportions of the stage (frontend/stage/layout.py).
const EM = 1 / 15, MIN_COLUMNS = 32, LEAST_COLUMNS = 8, LEADING = 1.44, LEFT = 0.0875, WIDE = 0.825
const BASELINE = 0.83, TOP = 0.07, CAPITAL = 0.66, CREATURE = 0.2, CREATURE_PIXELS = 32, CREATURE_SCALE = 12, OLDEST = [0.74, 0.48, 0.26, 0.1], KEPT_LINES = 80

const stage = document.getElementById("stage"), said = document.getElementById("said")
const cursor = document.createElement("div"), creature = document.createElement("img")
let side = "right"  // of the text, where a creature stands
let measure, setter, shown = new Map(), ink = "#E9EDF3", ground = "#07090C", advance = 0.5, letters = []

if (asked.get("still") === "on") document.body.classList.add("still")
if (asked.get("shadow") === "on") document.body.classList.add("shadow")
cursor.id = "cursor"
creature.id = "creature"
creature.alt = ""
creature.hidden = true
creature.onload = stand
document.body.append(creature)

function layOut() {
  const w = innerWidth, h = innerHeight, kept = creature.hidden ? 0 : CREATURE, wide = WIDE - kept, least = Math.max(LEAST_COLUMNS, wish.columns)
  const designed = Math.min(h * EM, wide * w / (MIN_COLUMNS * advance))
  const cell = Math.max(1, Math.min(Math.round(designed * wish.size * advance), Math.floor(wide * w / least)))
  const em = cell / advance, leading = Math.round(LEADING * em)
  const baseline = wish.lines ? Math.round(h - 0.6 * em) : Math.round(BASELINE * h)
  const fitting = 1 + Math.max(0, Math.floor((baseline - CAPITAL * em - TOP * h) / leading))
  const lines = wish.lines ? Math.min(wish.lines, Math.max(1, fitting)) : fitting
  measure = { cell, em, leading, left: Math.round((LEFT + (side === "left" ? kept : 0)) * w), baseline, lines,
    columns: wish.columns ? least : Math.max(LEAST_COLUMNS, Math.floor(wide * w / cell)), alphas: alphas(lines) }
  const unit = em / 72
  Object.assign(cursor.style, { width: `${Math.max(1, Math.round(6 * unit))}px`, height: `${Math.round(70 * unit)}px`,
    background: ink, display: wish.cursor ? "" : "none" })
}

// The creature on its feet beside the lines, as large as on the stage.
function stand() {
  const scale = Math.max(1, Math.floor(Math.min(innerHeight / 1080, CREATURE * innerWidth / (CREATURE_SCALE * CREATURE_PIXELS)) * CREATURE_SCALE))
  const middle = (side === "left" ? LEFT + CREATURE / 2 : LEFT + WIDE - CREATURE / 2) * innerWidth
  const width = scale * creature.naturalWidth, height = scale * creature.naturalHeight
  Object.assign(creature.style, { width: `${width}px`, height: `${height}px`, left: `${Math.round(middle - width / 2)}px`,
    top: `${measure.baseline - height}px` })
}

function show(picture) {
  const there = Boolean(picture) && side !== "none" && wish.creature !== "none" && (!wish.lines || wish.creature === "on")
  if (there) creature.src = picture
  if (creature.hidden === there) { creature.hidden = !there; begin() }
}

// Opacities of the visible lines, the writing one first (frontend/stage/motion.py).
function alphas(lines) {
  const fading = Math.max(0, Math.min(OLDEST.length, (lines + 1) >> 1, lines - 1)), fades = []
  for (let step = fading - 1; step >= 0; step--) {
    const at = (OLDEST.length - 1) * (1 - step / Math.max(1, fading - 1)), low = Math.floor(at)
    const high = Math.min(OLDEST.length - 1, low + 1)
    fades.push(OLDEST[low] + (OLDEST[high] - OLDEST[low]) * (at - low))
  }
  return [...Array(lines - fading).fill(1), ...fades].map(alpha => 1 - wish.fade * (1 - alpha))
}

function begin() {
  layOut()
  setter = new Typesetter(measure.columns)
  shown.clear()
  stage.replaceChildren(cursor)
  for (const [character, colour] of letters) setter.put(character, colour)
  draw()
}

function draw() {
  const last = setter.last.number
  if (setter.lines.length > KEPT_LINES) setter.lines.splice(0, setter.lines.length - KEPT_LINES)
  for (const [key, row] of shown) {
    if (key > last || key < last - measure.lines - 1) { row.remove(); shown.delete(key) }
  }
  for (const line of setter.lines) {
    const age = last - line.number
    if (age > measure.lines) continue
    let row = shown.get(line.number)
    if (!row) {
      row = document.createElement("div")
      row.className = "line"
      row.style.fontSize = `${measure.em}px`
      row.style.lineHeight = `${measure.leading}px`
      row.style.paddingLeft = `${measure.left}px`
      line.changed = true
      shown.set(line.number, row)
      stage.append(row)
    }
    if (line.changed) { set(row, line); line.changed = false }
    const top = measure.baseline - age * measure.leading - Math.round(0.5 * measure.leading + 0.32 * measure.em)
    row.style.transform = `translateY(${top}px)`
    row.style.opacity = age < measure.lines ? measure.alphas[age] : 0
  }
  const unit = measure.em / 72
  cursor.style.transform = `translate(${measure.left + setter.column * measure.cell + Math.round(5 * unit)}px, ` +
    `${measure.baseline - Math.round(54 * unit)}px)`
}

// A line: one span for each run of a colour, blanks between words as they stand.
function set(row, line) {
  row.replaceChildren()
  let at = 0, run = null, colour = null
  line.columns.forEach((column, place) => {
    const text = " ".repeat(column - at) + line.characters[place]
    if (line.colours[place] !== colour || !run) {
      run = document.createElement("span")
      colour = line.colours[place]
      run.style.color = colour
      row.append(run)
    }
    run.textContent += text
    at = column + 1
  })
}

function take(message) {
  for (const name of ["black", "frozen"]) if (message.stage) document.body.classList.toggle(name, message.stage[name])
  if (message.look) {
    ({ ink, ground, advance } = message.look)
    side = ["left", "right"].includes(wish.creature) ? wish.creature : message.look.creature ?? "right"
    cursor.style.background = ink
    document.body.style.setProperty("--ground", wish.ground ? ground : "transparent")
    document.body.classList.toggle("grounded", wish.ground)
  }
  if (message.text) {
    letters = []
    let at = 0
    for (const [colour, count] of message.text.colours) {
      for (const character of message.text.text.slice(at, at + count)) letters.push([character, colour])
      at += count
    }
    begin()
  }
  if (message.characters) {
    for (const each of message.characters) {
      letters.push([each.character, each.colour])
      setter.put(each.character, each.colour)
    }
    if (letters.length > 6000) letters.splice(0, letters.length - 4000)
    draw()
  }
  if (message.creature !== undefined) show(message.creature)
  document.body.dataset.told = String(Number(document.body.dataset.told ?? 0) + 1)
}

begin()
addEventListener("resize", () => { begin(); stand() })
document.fonts.ready.then(begin)

const source = new EventSource(wish.theme ? `stream?theme=${encodeURIComponent(wish.theme)}` : "stream")
source.onmessage = event => {
  const message = JSON.parse(event.data)
  said.hidden = true
  if (wish.delay) setTimeout(take, 1000 * wish.delay, message)
  else take(message)
}
source.onerror = () => {
  if (source.readyState === EventSource.CLOSED) { said.textContent = "the stage is not shown here; look at the address"; said.hidden = false }
}
