import { mkdirSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'

/**
 * Writes the configuration of an embedded Redis. The password stands in the file, not on the command line, where every
 * user of the machine could read it.
 * @param {{ folder: string, port: number, password: string, appendfsync?: 'always' | 'everysec' | 'no', databaseCount?: number, settings?: readonly string[] }} options
 * @returns {string} The path of the file.
 */
export function writeRedisConfig({
  folder,
  port,
  password,
  appendfsync = 'always',
  databaseCount = 16,
  settings = [],
}) {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = path.join(folder, 'redis.conf')
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(folder)}`,
    // An acknowledged answer is durable, and nothing is ever dropped to make room.
    'appendonly yes',
    `appendfsync ${appendfsync}`,
    'maxmemory-policy noeviction',
    `databases ${databaseCount}`,
    // The append-only file is the one record; snapshots beside it would only cost.
    'save ""',
    'daemonize no',
    ...settings,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  return file
}

/**
 * @param {{ name?: string, program: string, folder: string, configFile: string, port: number, password: string, logFile: string }} options
 * @returns {import('./managed-process.mjs').ProcessRecipe}
 */
export function redisRecipe({ name = 'redis', program, folder, configFile, port, password, logFile }) {
  return {
    name,
    command: program,
    args: [configFile],
    cwd: folder,
    env: { PATH: process.env.PATH, TZ: 'UTC' },
    logFile,
    // Reading a large append-only file can take a while.
    readyMsMax: 60_000,
    stopMsMax: 20_000,
    isReady: () => answersPing(port, password),
  }
}

/**
 * @param {number} port
 * @param {string} password
 * @returns {Promise<boolean>} Whether Redis has read its data and answers.
 */
export function answersPing(port, password) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' })
    let answer = ''
    /** @param {boolean} ready */
    const finish = (ready) => {
      socket.destroy()
      resolve(ready)
    }
    socket.setTimeout(1000, () => finish(false))
    socket.on('error', () => finish(false))
    socket.on('close', () => resolve(false))
    socket.on('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`))
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text
      if (answer.includes('+PONG')) finish(true)
      else if (answer.includes('-')) finish(false)
    })
  })
}
