/**
 * Repair that guarantees progress when a job, a timer or a process was lost. Runs in every worker process, never
 * beside itself within one process; beside another process's run it must be harmless.
 */
export interface Sweep {
  readonly name: string
  readonly everyMs: number
  readonly run: () => Promise<void>
}
