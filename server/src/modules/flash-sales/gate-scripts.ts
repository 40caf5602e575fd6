import { createHash } from 'node:crypto'
import { loadScript, type Script } from '#infra/redis/scripts'

const read = (name: string) => loadScript(new URL(`./lua/${name}.lua`, import.meta.url))
const shared = `${read('gate').text}\n${read('gate_clock').text}\n`

/** A script of the gate stands behind the functions that all of them share. */
function gateScript(name: string): Script {
  const text = shared + read(name).text
  return { name, text, sha: createHash('sha1').update(text).digest('hex') }
}

export const scripts = {
  reserve: gateScript('reserve'),
  beginPayment: gateScript('begin_payment'),
  releaseHold: gateScript('release_hold'),
  joinWaitlist: gateScript('join_waitlist'),
  applyHoldState: gateScript('apply_hold_state'),
  tick: gateScript('tick'),
  rebuildGate: gateScript('rebuild_gate'),
  readLog: read('read_log'),
} as const
