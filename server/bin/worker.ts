import { startWorker } from '../src/compose/worker.ts'
import { runProcess } from './run.ts'

await runProcess('worker', startWorker)
