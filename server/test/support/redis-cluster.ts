import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Redis } from 'ioredis'
import { vi } from 'vitest'
import { freePort } from '../../embedded/ports.mjs'
import { type EmbeddedService, startEmbeddedRedis } from '../../embedded/services.mjs'

const slotCount = 16_384
const masterCount = 3

export interface ClusterMaster {
  readonly service: EmbeddedService
  /** A plain connection to this server. */
  readonly admin: Redis
}

export interface TestCluster extends AsyncDisposable {
  readonly urls: readonly string[]
  readonly masters: readonly ClusterMaster[]
  slotOf(key: string): Promise<number>
  /** Gives a slot with everything in it to another master, while both run. */
  moveSlot(slot: number, from: ClusterMaster, to: ClusterMaster): Promise<void>
}

/** A Redis Cluster of three masters with a third of the slots each, and no replicas. Stops at the end of `await using`. */
export async function startRedisCluster(): Promise<TestCluster> {
  const folder = await mkdtemp(path.join(tmpdir(), 'livelot-test-redis-cluster-'))
  const password = randomBytes(12).toString('hex')
  const masters: ClusterMaster[] = []
  const stop = async () => {
    for (const { admin } of masters) admin.disconnect()
    await Promise.all(masters.map(({ service }) => service.stop()))
    await rm(folder, { recursive: true, force: true })
  }
  const busPorts: number[] = []
  try {
    for (let i = 0; i < masterCount; i += 1) {
      const busPort = await freePort({ avoid: busPorts })
      const service = await startEmbeddedRedis({
        dataDir: path.join(folder, String(i)),
        password,
        port: await freePort({ avoid: [...busPorts, busPort] }),
        appendfsync: 'always',
        settings: [
          'cluster-enabled yes',
          `cluster-port ${busPort}`,
          'cluster-config-file nodes.conf',
          'cluster-node-timeout 2000',
          // A master that is away takes its own shows with it, not those of the others.
          'cluster-require-full-coverage no',
        ],
      })
      busPorts.push(busPort)
      const admin = new Redis(service.url)
      // A server dies on purpose in these tests; what its connection says about that is no news.
      admin.on('error', () => undefined)
      masters.push({ service, admin })
    }
    await formCluster(masters, busPorts)
  } catch (error) {
    await stop()
    throw error
  }
  const [first] = masters as [ClusterMaster]
  return {
    urls: masters.map(({ service }) => service.url),
    masters,
    slotOf: async (key) => Number(await first.admin.cluster('KEYSLOT', key)),
    moveSlot: (slot, from, to) => moveSlot({ slot, from, to, everybody: masters, password }),
    [Symbol.asyncDispose]: stop,
  }
}

async function formCluster(masters: readonly ClusterMaster[], busPorts: readonly number[]): Promise<void> {
  for (const [i, { admin }] of masters.entries()) {
    const from = Math.floor((slotCount * i) / masters.length)
    const to = Math.floor((slotCount * (i + 1)) / masters.length) - 1
    await admin.cluster('ADDSLOTSRANGE', from, to)
    await admin.cluster('SET-CONFIG-EPOCH', i + 1)
  }
  const [first, ...others] = masters as [ClusterMaster, ...ClusterMaster[]]
  for (const [i, { service }] of others.entries())
    await first.admin.call('CLUSTER', 'MEET', '127.0.0.1', service.port, busPorts[i + 1] as number)
  const isFormed = async ({ admin }: ClusterMaster) => {
    const info = String(await admin.cluster('INFO'))
    const isOk = info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${masters.length}`)
    if (!isOk) throw new Error(`The cluster was not formed: ${info}`)
  }
  for (const master of masters) await vi.waitFor(() => isFormed(master), { timeout: 20_000, interval: 50 })
}

async function moveSlot(move: {
  readonly slot: number
  readonly from: ClusterMaster
  readonly to: ClusterMaster
  readonly everybody: readonly ClusterMaster[]
  readonly password: string
}): Promise<void> {
  const { slot, from, to, everybody, password } = move
  const [fromId, toId] = await Promise.all([from.admin.cluster('MYID'), to.admin.cluster('MYID')])
  await to.admin.cluster('SETSLOT', slot, 'IMPORTING', fromId as string)
  await from.admin.cluster('SETSLOT', slot, 'MIGRATING', toId as string)
  const keys = (await from.admin.cluster('GETKEYSINSLOT', slot, 1_000)) as string[]
  const address = ['127.0.0.1', to.service.port, '', 0, 5_000] as const
  if (keys.length > 0) await from.admin.call('MIGRATE', ...address, 'AUTH', password, 'KEYS', ...keys)
  for (const { admin } of [to, from, ...everybody]) await admin.cluster('SETSLOT', slot, 'NODE', toId as string)
}
