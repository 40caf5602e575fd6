import type { Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ErrorCode } from '@livelot/client/contracts'
import type { RequestHandler } from 'express'
import { Refusal } from '#kernel/errors'
import { problemOf } from '../errors.ts'

/** Codes of Node's parser and timers for what is not simply malformed. */
const codes = {
  HPE_HEADER_OVERFLOW: 'request.too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'request.too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request.too_slow',
} as const

/**
 * Answers what never becomes a request: no HTTP, two lengths, a head that is too long or comes too slowly. Node by itself
 * answers these without a body. The connection ends, because nobody can tell where a next request would begin.
 */
export function answerBrokenRequests(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // What was begun to be answered cannot be answered anew.
    const begun = (socket as { _httpMessage?: { headersSent?: boolean } })._httpMessage?.headersSent
    if (!socket.writable || begun) {
      socket.destroy(error)
      return
    }
    const { status, headers, body } = refusalOf(codes[error.code as keyof typeof codes] ?? 'request.invalid')
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.end(`HTTP/1.1 ${status} Refused\r\n${head.join('')}\r\n${body}`, () => socket.destroy())
  })
  // Something else than 100-continue was expected of us.
  server.on('checkExpectation', (_request, response: ServerResponse) => {
    const { status, headers, body } = refusalOf('request.invalid')
    response.writeHead(status, headers).end(body)
  })
}

function refusalOf(code: ErrorCode) {
  const problem = problemOf(code)
  const body = JSON.stringify(problem)
  const headers = {
    Connection: 'close',
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
  }
  return { status: problem.status, headers, body }
}

/** HTTP/1.1 asks for a host in every request. Source: RFC 9112, 3.2, read 2026-11-22. */
export const requireHost: RequestHandler = (request, _response, next) => {
  next(request.headers.host === undefined && request.httpVersion === '1.1' ? new Refusal('request.invalid') : undefined)
}
