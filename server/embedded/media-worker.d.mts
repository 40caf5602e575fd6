/** Where the worker of this version, distribution and recipe is kept for this user. */
export function mediaWorkerPath(root: string): Promise<string>
/** The worker that can be used at once, or undefined when it must be brought first. */
export function findMediaWorker(root: string): Promise<string | undefined>
export function provideMediaWorker(root: string, tell: (detail: string) => void): Promise<string>
export function hashOfFolder(folder: string): Promise<string>
