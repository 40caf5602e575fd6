import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createSandboxClient, type SandboxClient, testApiKey, testWebhookSecret } from './test-sandbox.ts'

const program = fileURLToPath(new URL('../../../bin/payment-sandbox.ts', import.meta.url))

export type SandboxProcess = AsyncDisposable & {
  readonly client: SandboxClient
  /** Ends it by the signal and waits until it is gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<{ code: number | null; lines: readonly string[] }>
}

export function spawnSandbox(environment: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, ['--conditions=source', program], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** The sandbox as a process of its own, on a free port, ready to serve. */
export async function startSandboxProcess(journalDir: string): Promise<SandboxProcess> {
  const child = spawnSandbox({
    SANDBOX_PORT: '0',
    SANDBOX_JOURNAL_DIR: journalDir,
    SANDBOX_WEBHOOK_URL: 'http://127.0.0.1:9/',
    PAYMENT_API_KEY: testApiKey,
    PAYMENT_WEBHOOK_SECRET: testWebhookSecret,
  })
  const exited = once(child, 'exit') as Promise<[number | null]>
  const lines: string[] = []
  const output = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const url = await new Promise<string>((resolve, reject) => {
    output.on('line', (line) => {
      lines.push(line)
      const entry = JSON.parse(line)
      if (entry.msg === 'ready') resolve(entry.url)
    })
    exited.then(([code]) => reject(new Error(`The sandbox ended with ${code} before it was ready: ${lines}`)), reject)
  })
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal)
    const [code] = await exited
    return { code, lines }
  }
  return {
    client: createSandboxClient(url),
    end,
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL')
    },
  }
}
