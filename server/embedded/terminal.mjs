/** How often the line of a running step is drawn again. */
const drawMs = 120
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const labelWidth = 34
const oneDayMs = 86_400_000

/** @param {number} ms @returns {string} For example "0.4 s" or "3 min 20 s". */
export function durationText(ms) {
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`
}

/**
 * Shows the steps of a set-up: on a terminal the running ones move on one line, and each finished one leaves a line
 * with its time; elsewhere each finished step is one line.
 */
export class Terminal {
  /** @type {Map<string, { begin: number, detail: string }>} */
  #running = new Map()
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  #frame = 0
  #drawn = false

  /** @param {NodeJS.WriteStream} [out] */
  constructor(out = process.stdout) {
    this.out = out
    this.isLive = out.isTTY === true && process.env.TERM !== 'dumb'
    this.hasColour = this.isLive && !process.env.NO_COLOR
  }

  /** @param {string} text */
  bold(text) {
    return this.#colour(text, '1')
  }

  /** @param {string} text */
  faint(text) {
    return this.#colour(text, '2')
  }

  /** @param {string} text @param {string} code */
  #colour(text, code) {
    return this.hasColour ? `\u001b[${code}m${text}\u001b[0m` : text
  }

  /** @param {string} [text] Prints a line above the running steps. */
  line(text = '') {
    this.#erase()
    this.out.write(`${text}\n`)
    this.#draw()
  }

  /**
   * Shows a step while it runs, and how long it took. A failed step is left to the caller's message.
   * @template Result
   * @param {string} label
   * @param {(tell: (detail: string) => void) => Promise<Result>} work
   * @param {{ quietBelowMs?: number }} [options] A step that took less leaves no line: there was nothing to do.
   * @returns {Promise<Result>}
   */
  async step(label, work, { quietBelowMs = 0 } = {}) {
    const begin = performance.now()
    this.begin(label)
    try {
      const result = await work((detail) => this.detail(label, detail))
      const ms = performance.now() - begin
      this.end(label)
      if (ms >= quietBelowMs) this.done(label, ms)
      return result
    } catch (error) {
      this.end(label)
      throw error
    }
  }

  /** @param {string} label */
  begin(label) {
    this.#running.set(label, { begin: performance.now(), detail: '' })
    if (this.isLive && !this.#timer) {
      // The drawing alone does not keep the program alive.
      this.#timer = setInterval(() => this.#redraw(), drawMs).unref()
    }
    this.#redraw()
  }

  /** @param {string} label @param {string} detail */
  detail(label, detail) {
    const step = this.#running.get(label)
    if (step) step.detail = detail
  }

  /** @param {string} label */
  end(label) {
    this.#running.delete(label)
    if (this.#running.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#erase()
  }

  /** Takes the running steps from the screen, before a message about what went wrong. */
  clear() {
    for (const label of [...this.#running.keys()]) this.end(label)
  }

  /** @param {string} label @param {number} ms */
  done(label, ms) {
    this.line(`  ${this.#colour('✓', '32')} ${label.padEnd(labelWidth)} ${this.faint(durationText(ms).padStart(11))}`)
  }

  #redraw() {
    this.#frame = Math.floor((performance.now() % oneDayMs) / drawMs) % frames.length
    this.#erase()
    this.#draw()
  }

  #erase() {
    if (this.isLive && this.#drawn) this.out.write('\r\u001b[2K')
    this.#drawn = false
  }

  #draw() {
    if (!this.isLive || this.#running.size === 0) return
    const now = performance.now()
    const steps = [...this.#running].map(([label, { begin, detail }]) => {
      const seconds = Math.floor((now - begin) / 1000)
      return `${label}${detail && `: ${detail}`}${seconds > 0 ? ` (${durationText(seconds * 1000).replace('.0', '')})` : ''}`
    })
    // One line only: a longer one would wrap and could not be taken back.
    const text = `  ${frames[this.#frame]} ${steps.join(', ')}`.slice(0, (this.out.columns || 80) - 1)
    this.out.write(text)
    this.#drawn = true
  }
}
