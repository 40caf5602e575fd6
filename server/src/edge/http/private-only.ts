import type { IncomingMessage } from 'node:http'
import { BlockList } from 'node:net'

const privateNets = new BlockList()
for (const [net, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  privateNets.addSubnet(net, bits)
privateNets.addAddress('::1', 'ipv6')
privateNets.addSubnet('fc00::', 7, 'ipv6')

/**
 * Whether a request may see figures: those are for the operator's own scraper, which comes from this machine or through
 * a private network, and never through the proxy that the whole world comes through.
 */
export function isFromOwnNetwork(request: IncomingMessage): boolean {
  if (request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined) return false
  const plain = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  return privateNets.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4')
}
