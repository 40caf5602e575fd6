/** A client's text frame. It has to be masked; with a mask of zeros the text stays as it is. Source: RFC 6455 section 5. */
export function clientFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const isShort = payload.length < 126
  const head = Buffer.alloc((isShort ? 2 : 4) + 4)
  head[0] = 0x81
  head[1] = 0x80 | (isShort ? payload.length : 126)
  if (!isShort) head.writeUInt16BE(payload.length, 2)
  return Buffer.concat([head, payload])
}

/** Tells where the content of each whole frame lies; answers where the first frame begins that is not whole yet. */
export function readFrames(data: Buffer, from: number, found: (start: number, end: number) => void): number {
  let at = from
  while (at + 2 <= data.length) {
    const short = (data[at + 1] as number) & 0x7f
    const head = short < 126 ? 2 : short === 126 ? 4 : 10
    if (at + head > data.length) break
    const length =
      short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2))
    const end = at + head + length
    if (end > data.length) break
    const isText = ((data[at] as number) & 0x0f) === 1
    if (isText) found(at + head, end)
    at = end
  }
  return at
}

/** The same key for everybody: the server's proof of it is not looked at. */
export const openingRequest = (isSocketIo: boolean): string =>
  [
    `GET ${isSocketIo ? '/socket.io/?EIO=4&transport=websocket' : '/'} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: bGl2ZWxvdC1iZW5jaC1raw==',
    '\r\n',
  ].join('\r\n')
