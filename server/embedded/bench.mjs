import { runPrepared } from './run-prepared.mjs'

await runPrepared('load-tests/bench.ts')
