/** One line on standard error that is drawn over itself; plain lines, and few of them, where nobody looks on. */
export class Progress {
  readonly #isTerminal = process.stderr.isTTY === true
  #label = ''
  #total = 0
  #done = 0
  #drawnAtMs = 0
  #saidTenth = -1

  begin(label: string, total: number): void {
    this.#label = label
    this.#total = total
    this.#done = 0
    this.#saidTenth = -1
    this.#draw(true)
  }

  tick(note = ''): void {
    this.#done += 1
    this.#draw(this.#done === this.#total, note)
  }

  end(): void {
    if (this.#isTerminal) process.stderr.write('\n')
  }

  say(text: string): void {
    process.stderr.write(`${this.#isTerminal ? '\r\x1b[2K' : ''}${text}\n`)
  }

  #draw(now: boolean, note = ''): void {
    const share = this.#total === 0 ? 1 : this.#done / this.#total
    if (!this.#isTerminal) {
      const tenth = Math.floor(share * 4)
      if (tenth === this.#saidTenth) return
      this.#saidTenth = tenth
      process.stderr.write(`${this.#label}: ${this.#done} of ${this.#total} ${note}\n`)
      return
    }
    const atMs = Date.now()
    if (!now && atMs - this.#drawnAtMs < 80) return
    this.#drawnAtMs = atMs
    const filled = Math.round(share * 30)
    const bar = '█'.repeat(filled) + '░'.repeat(30 - filled)
    process.stderr.write(`\r\x1b[2K${this.#label.padEnd(24)} ${bar} ${this.#done}/${this.#total} ${note}`)
  }
}
