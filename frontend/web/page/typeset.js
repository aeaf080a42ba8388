// Type-setting as the stage has it (frontend/look/typeset.py, which tests hold this to): where each character stands in
// a grid of equal cells, without a line ever jumping.
//
// A line break that was written is kept; of empty lines that follow each other one is kept, at the very top none. Longer
// lines wrap at a space; a word that reaches the edge moves down whole, one that began its line is cut. A tab is 4 columns
// wide. Lines that begin with a tab or 4 spaces continue 2 columns further in.

const TAB = 4, CODE_INDENT = 4, HANGING = 2

export class Typesetter {
  constructor(columns) {
    this.columns = columns
    this.lines = []
    this.restore(0, { column: 0, leading: true, hang: 0, afterEmpty: true })
  }

  // Where the next character would stand in the last line.
  get column() { return this.at }

  get last() { return this.lines[this.lines.length - 1] }

  put(character, colour) {
    if (character === "\n") this.breakLine()
    else if (character === " " || character === "\t") {
      const wide = character === " " ? 1 : TAB
      this.at = Math.min(this.at + wide, this.leading ? this.columns >> 1 : this.columns)
      this.word = -1
    } else if (character > " " && character <= "~") this.place(character, colour)
  }

  restore(number, state) {
    this.lines.push({ number, columns: [], characters: [], colours: [], changed: true })
    this.at = state.column
    this.leading = state.leading
    this.hang = state.hang
    this.afterEmpty = state.afterEmpty
    this.word = -1
    return this.last
  }

  breakLine() {
    const line = this.last, empty = line.columns.length === 0
    if (empty && this.afterEmpty) {
      this.lines.pop()
      this.restore(line.number, { column: 0, leading: true, hang: 0, afterEmpty: true })
    } else this.restore(line.number + 1, { column: 0, leading: true, hang: 0, afterEmpty: empty })
  }

  place(character, colour) {
    let line = this.last
    if (this.leading) {
      this.leading = false
      this.hang = this.at >= CODE_INDENT ? Math.min(this.at + HANGING, this.columns >> 1) : 0
    }
    if (this.word < 0) this.word = line.columns.length
    if (this.at >= this.columns) line = this.wrap(line)
    line.columns.push(this.at)
    line.characters.push(character)
    line.colours.push(colour)
    line.changed = true
    this.at += 1
  }

  wrap(line) {
    const word = this.word, hang = this.hang
    const stays = word === 0 || (word < line.columns.length && line.columns[word] <= hang)
    const first = stays ? line.columns.length : word
    line.columns.splice(first)
    const characters = line.characters.splice(first), colours = line.colours.splice(first)
    line.changed = true
    const fresh = this.restore(line.number + 1, { column: hang, leading: false, hang, afterEmpty: false })
    fresh.columns = characters.map((_, place) => hang + place)
    fresh.characters = characters
    fresh.colours = colours
    this.at += characters.length
    this.word = 0
    return fresh
  }
}
