import { readFileSync } from 'node:fs'

// Loaded before a process of the platform: moves its wall clock as a wrong time server would, and leaves its monotonic time
// alone. FAKE_CLOCK_FILE says by how much, for processes by their HTTP port: {"3001":{"jumpMs":3600000,"driftPerMs":0}}.

const file = process.env.FAKE_CLOCK_FILE
const port = process.env.HTTP_PORT ?? ''
const readEveryMs = 100

if (file && /[/\\]api\.ts$/.test(process.argv[1] ?? '')) {
  const RealDate = Date
  let order = { jumpMs: 0, driftPerMs: 0 }
  let sinceTick = 0
  let text = ''
  const read = () => {
    let now = ''
    try {
      now = readFileSync(file, 'utf8')
    } catch {
      // No order yet.
    }
    if (now === text) return
    text = now
    order = (now === '' ? {} : JSON.parse(now))[port] ?? { jumpMs: 0, driftPerMs: 0 }
    sinceTick = performance.now()
  }
  const offMs = () => order.jumpMs + (performance.now() - sinceTick) * order.driftPerMs
  const nowMs = () => Math.round(RealDate.now() + offMs())
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [nowMs()] : args, made),
    apply: () => new RealDate(nowMs()).toString(),
    get: (target, name) => (name === 'now' ? nowMs : Reflect.get(target, name)),
  })
  setInterval(read, readEveryMs).unref()
}
