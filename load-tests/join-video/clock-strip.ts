/** Forty bits of time in milliseconds, each a block of pixels, black or white: it survives every codec and layer. */
const BITS = 40
const BLOCK_PX = 32
const STRIP_PX = 48
export const PICTURE = { width: BITS * BLOCK_PX, height: 720 } as const

/** The same clock in all pages of a machine: the system's time, in fractions of a millisecond. */
export const nowMs = (): number => performance.timeOrigin + performance.now()

export function drawClock(context: CanvasRenderingContext2D): void {
  const code = BigInt(Math.round(nowMs()))
  for (let bit = 0; bit < BITS; bit += 1) {
    context.fillStyle = (code >> BigInt(bit)) & 1n ? '#fff' : '#000'
    context.fillRect(bit * BLOCK_PX, 0, BLOCK_PX, STRIP_PX)
  }
}

/** The time in a frame, or null where the strip cannot be read; the high bits are the reader's own. */
export function readClock(video: HTMLVideoElement, context: CanvasRenderingContext2D): number | null {
  if (video.videoWidth === 0) return null
  // One row through the middle of the strip, whatever layer the frame came from.
  const row = (STRIP_PX / 2 / PICTURE.height) * video.videoHeight
  context.drawImage(video, 0, row, video.videoWidth, 1, 0, 0, PICTURE.width, 1)
  const { data } = context.getImageData(0, 0, PICTURE.width, 1)
  let code = 0n
  for (let bit = 0; bit < BITS; bit += 1) {
    const level = data[(bit * BLOCK_PX + BLOCK_PX / 2) * 4 + 1] ?? 0
    if (level > 96 && level < 160) return null
    if (level >= 160) code |= 1n << BigInt(bit)
  }
  const own = BigInt(Math.round(nowMs()))
  return Number(((own >> BigInt(BITS)) << BigInt(BITS)) | code)
}
