import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'

/** What figures mean nothing without. */
export function machine(): string {
  const [first] = cpus()
  const memoryGb = Math.round(totalmem() / 2 ** 30)
  const cores = `${cpus().length} × ${first?.model.trim() ?? 'unknown'}`
  return `${cores}, ${memoryGb} GB, ${type()} ${release()}, Node ${process.version}, commit ${commit()}${changes()}`
}

export function commit(): string {
  try {
    return git('rev-parse', '--short', 'HEAD')
  } catch {
    return 'unknown'
  }
}

/** Measured was what lay in the folder, which may be more than what was committed. */
function changes(): string {
  try {
    return git('status', '--porcelain', '--untracked-files=no', '--', 'server', 'media', 'client-sdk') === ''
      ? ''
      : ' and changes on top of it'
  } catch {
    return ''
  }
}

const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
