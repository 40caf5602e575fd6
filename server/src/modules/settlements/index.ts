export type { DepositWish, NewWin, SettledAuctions, WinBuyer, WinCheckouts } from './needs.ts'
export type { TryStanding } from './offer.ts'
export { createSettlements, type SettlementParts, type SettlementService } from './service.ts'
