import { createHash } from 'node:crypto'
import { loadScript, type Script } from '#infra/redis/scripts'

const read = (name: string) => loadScript(new URL(`./lua/${name}.lua`, import.meta.url))
const shared = ['gate', 'gate_bids', 'gate_close'].map((name) => read(name).text).join('\n')

/** A script of the gate stands behind the functions that all of them share. */
function gateScript(name: string): Script {
  const text = `${shared}\n${read(name).text}`
  return { name, text, sha: createHash('sha1').update(text).digest('hex') }
}

export const scripts = {
  placeBid: gateScript('place_bid'),
  buyLot: gateScript('buy_lot'),
  tick: gateScript('tick'),
  openGate: gateScript('open_gate'),
  readLog: read('read_log'),
  openDesk: read('open_desk'),
  enterDesk: read('enter_desk'),
  barEntrant: read('bar_entrant'),
  bindTakeover: read('bind_takeover'),
  shutGate: read('shut_gate'),
} as const
