export type { FlashSaleHolds, HeldGoods, SavedAddresses, ShowOwners, StockClaims } from './needs.ts'
export { type CheckoutParts, type CheckoutService, createCheckoutService } from './service.ts'
