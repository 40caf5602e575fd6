import { runPrepared } from './run-prepared.mjs'

await runPrepared('server/test/faults/matrix/main.ts')
