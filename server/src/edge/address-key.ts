import { isIPv6 } from 'node:net'

/**
 * What limits count by. One household or server has a whole /64 of IPv6 addresses, so that single ones tell nothing;
 * IPv4 written in IPv6 is the IPv4 address.
 */
export function addressKey(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  if (mapped) return mapped
  const [plain = ''] = ip.split('%', 1)
  if (!isIPv6(plain)) return ip
  const [head = '', tail = ''] = plain.split('::', 2)
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const zeros = plain.includes('::')
    ? Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
    : []
  const groups = [...before, ...zeros, ...after].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
