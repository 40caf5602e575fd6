import { hash } from 'node:crypto'
import { mkdir, realpath } from 'node:fs/promises'
import net from 'node:net'

/**
 * Keeps a second process from writing the same journal. On Linux an abstract socket holds the name: the kernel frees it
 * however the process ends, so a crash never leaves a lock behind. Elsewhere the fixed port is the only guard.
 */
export async function lockDirectory(directory: string): Promise<{ release(): Promise<void> }> {
  await mkdir(directory, { recursive: true })
  if (process.platform !== 'linux') return { release: async () => {} }
  const name = `\0livelot-payment-sandbox-${hash('sha256', await realpath(directory), 'hex')}`
  const holder = net.createServer((socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    holder.once('error', (cause: NodeJS.ErrnoException) => {
      reject(cause.code === 'EADDRINUSE' ? new Error(`Another payment sandbox works in ${directory}`) : cause)
    })
    holder.listen(name, resolve)
  })
  holder.unref()
  return {
    release: async () => {
      await new Promise<void>((resolve) => holder.close(() => resolve()))
    },
  }
}
