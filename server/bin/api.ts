import { startApi } from '../src/compose/api.ts'
import { runProcess } from './run.ts'

await runProcess('api', startApi)
