import { readConfig } from '#config/config'
import { readEnv } from '#config/env'
import { seedDemo } from '../demo/seed.ts'
import { composeDomain } from '../src/compose/domain.ts'
import { openGround } from '../src/compose/ground.ts'

// Demo accounts have a published password: they must never come to a real installation.
const config = readConfig(readEnv())
if (config.mode !== 'embedded') {
  process.stderr.write('The demo data is for LIVELOT_MODE=embedded only.\n')
  process.exit(1)
}
const ground = await openGround(config, 'seed')
const domain = await composeDomain(ground)
const result = await seedDemo(ground.database, domain, ground.log)
await domain.close()
await ground.close()
process.stdout.write(`${JSON.stringify(result)}\n`)
