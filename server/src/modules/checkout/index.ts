export type { FlashSaleHolds, SavedAddresses, ShowOwners, StockClaims } from './needs.ts'
export { type CheckoutParts, type CheckoutService, createCheckoutService } from './service.ts'
