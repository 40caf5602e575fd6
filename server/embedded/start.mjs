import { availableParallelism } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { withoutNpmVariables } from './platform-environment.mjs'
import { portFrom, requireFreePorts } from './ports.mjs'
import { reportFailure, requireNode } from './problems.mjs'
import { RunRecord } from './run-record.mjs'
import { dataDirOf, prepareMachine } from './setup.mjs'
import { startPlatform } from './supervisor.mjs'
import { durationText, Terminal } from './terminal.mjs'
import { printWelcome } from './welcome.mjs'

const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)))
const terminal = new Terminal()

/** The terminal and npm both hand on one Ctrl-C: what comes within this time is the same one. */
const sameSignalMs = 1000

/** How often this program looks whether npm, which started it, is still there. */
const parentPollMs = 500

/** @param {NodeJS.ProcessEnv} env */
function wantedPorts(env) {
  return {
    http: portFrom(env, 'HTTP_PORT', 3000),
    mediaControl: portFrom(env, 'MEDIA_CONTROL_PORT', 3100),
    sandbox: portFrom(env, 'SANDBOX_PORT', 3200),
    rtcBase: portFrom(env, 'MEDIA_RTC_BASE_PORT', 20_000),
  }
}

/** @param {NodeJS.ProcessEnv} env @param {ReturnType<typeof wantedPorts>} ports */
async function checkPorts(env, ports) {
  const loopback = '127.0.0.1'
  const wanted = [{ use: 'web and API', variable: 'HTTP_PORT', port: ports.http, host: env.HTTP_HOST || loopback }]
  if (!env.PAYMENT_URL) {
    const host = env.SANDBOX_HOST || loopback
    wanted.push({ use: 'payment sandbox', variable: 'SANDBOX_PORT', port: ports.sandbox, host })
  }
  if (!env.MEDIA_CONTROL_URL) {
    const host = env.MEDIA_CONTROL_HOST || loopback
    wanted.push({ use: 'media control', variable: 'MEDIA_CONTROL_PORT', port: ports.mediaControl, host })
    const workers = Number(env.MEDIA_WORKERS) || availableParallelism()
    for (let index = 0; index < workers; index += 1) {
      const rtc = { use: 'live video', variable: 'MEDIA_RTC_BASE_PORT', port: ports.rtcBase + index, udp: true }
      wanted.push({ ...rtc, host: env.MEDIA_LISTEN_IP || loopback })
    }
  }
  await requireFreePorts(wanted)
}

/** @param {import('./supervisor.d.mts').PlatformEvent} event */
function show(event) {
  const { kind, name = '', ms = 0, text, tail } = event
  if (kind === 'starting') terminal.begin(name)
  else if (kind === 'ready') {
    terminal.end(name)
    terminal.done(name, ms)
  } else {
    terminal.line(`  ${kind === 'died' ? '✗' : '·'} ${text}`)
    if (tail) terminal.line(terminal.faint(tail.replace(/^/gm, '      ')))
  }
}

/**
 * Ctrl-C and SIGTERM: the first stops in order, a second one at once.
 * @returns {AbortSignal}
 */
function stopOnSignal() {
  const stop = new AbortController()
  let firstMs = 0
  const onSignal = () => {
    if (!stop.signal.aborted) {
      firstMs = performance.now()
      stop.abort()
    } else if (performance.now() - firstMs > sameSignalMs) {
      process.exit(130)
    }
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('SIGHUP', onSignal)
  if (process.env.npm_lifecycle_event) {
    // When npm itself is killed, it can hand nothing on; what it started ends with it all the same.
    const npm = process.ppid
    setInterval(() => process.ppid === npm || stop.signal.aborted || onSignal(), parentPollMs).unref()
  }
  return stop.signal
}

async function main() {
  requireNode()
  const begin = performance.now()
  const env = withoutNpmVariables(process.env)
  const dataDir = dataDirOf(root)
  const ports = wantedPorts(env)
  const stopSignal = stopOnSignal()
  terminal.line(`\n  ${terminal.bold('Livelot')}\n`)
  const leftoverCount = await new RunRecord(dataDir).claim()
  if (leftoverCount > 0) terminal.line(`  · Stopped ${leftoverCount} processes that a killed run had left behind.`)
  await checkPorts(env, ports)
  const prepared = await Promise.race([prepareMachine({ root, terminal, env }), aborted(stopSignal)])
  if (prepared === 'aborted') {
    terminal.clear()
    terminal.line('  Stopped before it was ready; what was done so far is kept.')
    process.exit(130)
  }
  // The set-up may have taken minutes.
  await checkPorts(env, ports)
  const platform = await startPlatform({ root, dataDir, ports, env, restartDead: true, log: show, signal: stopSignal })
  printWelcome(terminal, platform, durationText(performance.now() - begin))
  await aborted(stopSignal)
  terminal.line('\n  Stopping … (Ctrl-C again ends everything at once)')
  await platform.stop()
  terminal.line('  Stopped. Everything is kept in .livelot/ for the next start.\n')
  process.exit(0)
}

/** @param {AbortSignal} signal @returns {Promise<'aborted'>} */
function aborted(signal) {
  return new Promise((resolve) => {
    // A timer that never matters keeps the program alive while there is nothing else to wait for.
    const alive = setInterval(() => undefined, 60_000)
    const finish = () => {
      clearInterval(alive)
      resolve('aborted')
    }
    if (signal.aborted) finish()
    else signal.addEventListener('abort', finish, { once: true })
  })
}

/** @param {unknown} error Leaving ends every process that was started; the next start finds the data as it was. */
function fail(error) {
  terminal.clear()
  reportFailure(error)
  process.exit(1)
}

process.on('uncaughtException', fail)
main().catch(fail)
