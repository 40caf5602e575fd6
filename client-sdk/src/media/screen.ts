import type { Reception } from './viewing.ts'

/** What a picture element shows: the screen where there is one, else the camera; sound always. */
export class Screen {
  readonly element: HTMLVideoElement
  readonly stream = new MediaStream()
  readonly #onMuted: () => void

  constructor(element: HTMLVideoElement, onMuted: () => void) {
    this.element = element
    this.#onMuted = onMuted
    element.autoplay = true
    element.playsInline = true
    element.srcObject = this.stream
  }

  /**
   * Shows these tracks. The stream stays the same one, so that the last picture stands still until the next one comes,
   * instead of turning black.
   */
  show(receptions: readonly Reception[]): Reception | null {
    const picture =
      receptions.find(({ source }) => source === 'screen') ??
      receptions.find(({ source }) => source === 'camera') ??
      null
    const sound = receptions.find(({ source }) => source === 'microphone') ?? null
    const wanted = [picture, sound].flatMap((reception) => (reception === null ? [] : [reception.consumer.track]))
    const live = this.stream.getTracks()
    for (const track of wanted) if (!live.includes(track)) this.stream.addTrack(track)
    if (wanted.length > 0) for (const track of live) if (!wanted.includes(track)) this.stream.removeTrack(track)
    if (picture !== null) this.#play()
    return picture
  }

  /** Calls back when the next frame is on the screen; gives the function that stops waiting. */
  onNextFrame(callback: () => void): () => void {
    const { element } = this
    if (typeof element.requestVideoFrameCallback === 'function') {
      const handle = element.requestVideoFrameCallback(callback)
      return () => element.cancelVideoFrameCallback(handle)
    }
    element.addEventListener('timeupdate', callback, { once: true })
    return () => element.removeEventListener('timeupdate', callback)
  }

  clear(): void {
    for (const track of this.stream.getTracks()) this.stream.removeTrack(track)
    if (this.element.srcObject === this.stream) this.element.srcObject = null
  }

  /** Browsers let a page play sound only after a gesture; then it begins without sound and the page offers it. */
  #play(): void {
    const { element } = this
    element.play().catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError' || element.muted) return
      element.muted = true
      this.#onMuted()
      element.play().catch(() => undefined)
    })
  }
}
