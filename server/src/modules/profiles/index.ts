export type { AccountRecord } from './account.ts'
export { revokedChannel } from './revocations.ts'
export type { ProfilesService } from './service.ts'
