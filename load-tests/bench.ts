/**
 * Each bench prints a report whose last line is one JSON document, and says whether everything that must hold holds. Only
 * the one that runs is loaded: the crowd must not carry a browser's driver along.
 */
const benches: Readonly<Record<string, () => Promise<boolean>>> = {
  bids: async () => (await import('./scenarios/bids.ts')).bids(),
  'flash-rush': async () => (await import('./scenarios/flash-rush.ts')).flashRush(),
  'fan-out': async () => (await import('./scenarios/fan-out.ts')).fanOut(),
  'chat-storm': async () => (await import('./scenarios/chat-storm.ts')).chatStorm(),
  'join-storm': async () => (await import('./scenarios/join-storm.ts')).joinStorm(),
  'resume-storm': async () => (await import('./scenarios/resume-storm.ts')).resumeStorm(),
  'last-second': async () => (await import('./scenarios/last-second.ts')).lastSecond(),
  overload: async () => (await import('./scenarios/overload.ts')).overload(),
  'checkout-soak': async () => (await import('./scenarios/checkout-soak.ts')).checkoutSoak(),
  'scale-out': async () => (await import('./scenarios/scale-out.ts')).scaleOut(),
  reserve: async () => (await import('./scenarios/reserve.ts')).reserve(),
  'waiting-room': async () => (await import('./scenarios/waiting-room.ts')).waitingRoom(),
  'join-video': async () => (await import('./scenarios/join-video.ts')).joinVideo(),
}

const [name = ''] = process.argv.slice(2)
const run = benches[name]
if (run === undefined) {
  process.stderr.write(`There is no bench "${name}". There are: ${Object.keys(benches).join(', ')}.\n`)
  process.exitCode = 2
} else {
  try {
    process.exitCode = (await run()) ? 0 : 1
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    process.stdout.write(`${JSON.stringify({ bench: name, pass: false, figures: { error: String(error) } })}\n`)
    process.exitCode = 1
  }
}
