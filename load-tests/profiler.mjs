// Loaded into each Node process of the platform when BENCH_PROFILE names a folder: a first SIGUSR2 begins a CPU profile,
// a second one writes it there. Open it with the developer tools of a browser.
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import path from 'node:path'

const folder = process.env.BENCH_PROFILE ?? ''
const session = new Session()
session.connect()
let isRunning = false

process.on('SIGUSR2', async () => {
  if (isRunning) {
    isRunning = false
    const { profile } = await session.post('Profiler.stop')
    const program = path.basename(process.argv[1] ?? 'node', '.ts')
    writeFileSync(path.join(folder, `${program}-${process.pid}.cpuprofile`), JSON.stringify(profile))
    return
  }
  isRunning = true
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 1_000 })
  await session.post('Profiler.start')
})
