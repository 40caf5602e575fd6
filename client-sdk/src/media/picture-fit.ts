export interface Fit {
  /** False while the picture is scrolled away or its page is hidden. */
  visible: boolean
  /** Device pixels of the picture's height on the page. */
  heightPx: number
}

/** Sizes change in bursts while a window is dragged or a phone turned. */
const SETTLE_MS = 400

/** Watches how large and whether at all a picture is shown. */
export class PictureFit {
  readonly #element: HTMLElement
  readonly #onFit: (fit: Fit) => void
  readonly #stop: (() => void)[] = []
  #isOnScreen = true
  #timer: ReturnType<typeof setTimeout> | undefined
  #last = ''

  constructor(element: HTMLElement, onFit: (fit: Fit) => void) {
    this.#element = element
    this.#onFit = onFit
    const look = () => this.#settle()
    const size = new ResizeObserver(look)
    size.observe(element)
    const place = new IntersectionObserver(([entry]) => {
      this.#isOnScreen = entry?.isIntersecting ?? true
      look()
    })
    place.observe(element)
    document.addEventListener('visibilitychange', look)
    this.#stop.push(
      () => size.disconnect(),
      () => place.disconnect(),
      () => document.removeEventListener('visibilitychange', look),
    )
  }

  get current(): Fit {
    const inPicture = document.pictureInPictureElement === this.#element
    const visible = inPicture || (this.#isOnScreen && document.visibilityState === 'visible')
    const heightPx = Math.round(this.#element.getBoundingClientRect().height * (window.devicePixelRatio || 1))
    return { visible, heightPx }
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const stop of this.#stop) stop()
  }

  #settle(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const fit = this.current
      const text = JSON.stringify(fit)
      if (text === this.#last) return
      this.#last = text
      this.#onFit(fit)
    }, SETTLE_MS)
  }
}

/** A picture may be drawn a little larger than it was sent before a person sees it. */
const STRETCH = 1.25
const layerHeights = [180, 360, 720] as const

/** The smallest layer that fills the picture; the highest for anything larger. */
export function layerForHeight(heightPx: number): number {
  const fitting = layerHeights.findIndex((height) => heightPx <= height * STRETCH)
  return fitting === -1 ? layerHeights.length - 1 : fitting
}
