import type { Logger } from 'pino'
import { checkAnnouncedAddress, type MediaConfig } from './config.ts'
import { startControlServer } from './control-server.ts'
import { type MediaLimits, mediaLimits } from './limits.ts'
import { MediaNode } from './node.ts'
import { MediaMetrics } from './stats.ts'

export { type MediaConfig, MediaConfigError, readMediaConfig } from './config.ts'
export { type MediaLimits, mediaLimits } from './limits.ts'

export interface RunningMediaNode {
  /** The port of control, health and metrics, also when 0 was configured. */
  readonly controlPort: number
  readonly node: MediaNode
  /** Tells every peer to join again, then closes everything. */
  close(): Promise<void>
}

/**
 * Starts the workers and the control port. Refuses: an announced address that cannot be resolved, a port that is taken,
 * a worker binary that does not run; each as an Error with a sentence for the operator.
 */
export const startMediaNode = async (
  config: MediaConfig,
  log: Logger,
  limits: Partial<MediaLimits> = {},
): Promise<RunningMediaNode> => {
  await checkAnnouncedAddress(config)
  const node = new MediaNode(config, { ...mediaLimits, ...limits }, log)
  try {
    await node.start()
    const server = await startControlServer(node, new MediaMetrics(() => node.stats()), config, log)
    return {
      controlPort: server.port,
      node,
      close: async () => {
        // Peers are told before the first wait, so that the connections may be closed meanwhile.
        await Promise.all([node.stop(), server.close()])
      },
    }
  } catch (error) {
    await node.stop()
    throw error
  }
}
