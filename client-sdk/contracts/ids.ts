import { z } from 'zod'

/**
 * Ids are UUIDs everywhere; the brand keeps an order's id from being passed where a hold's is meant. One thing has one
 * id: Postgres takes any case of letters for the same, but names of keys and members of sets are compared as text.
 */
const id = <const B extends string>(brand: B) =>
  z
    .uuid()
    .toLowerCase()
    .brand<B>()
    .meta({ description: `Id of one ${brand.replace(/Id$/, '')}.` })

export const AccountId = id('accountId')
export const BrandId = id('brandId')
export const CreatorId = id('creatorId')
export const ProductId = id('productId')
export const VariantId = id('variantId')
export const ShowId = id('showId')
export const FlashSaleId = id('flashSaleId')
export const HoldId = id('holdId')
export const CheckoutId = id('checkoutId')
export const OrderId = id('orderId')
export const RefundId = id('refundId')
export const LotId = id('lotId')
export const AuctionId = id('auctionId')
export const BidId = id('bidId')
export const OfferId = id('offerId')
export const BundleId = id('bundleId')
export const CardId = id('cardId')
export const GiveawayId = id('giveawayId')
export const CouponId = id('couponId')
export const ChatLineId = id('chatLineId')
export const OperationId = z
  .uuid()
  .toLowerCase()
  .brand<'operationId'>()
  .meta({ description: 'Made by the client once per command and sent again with each retry.' })

export type AccountId = z.infer<typeof AccountId>
export type BrandId = z.infer<typeof BrandId>
export type CreatorId = z.infer<typeof CreatorId>
export type ProductId = z.infer<typeof ProductId>
export type VariantId = z.infer<typeof VariantId>
export type ShowId = z.infer<typeof ShowId>
export type FlashSaleId = z.infer<typeof FlashSaleId>
export type HoldId = z.infer<typeof HoldId>
export type CheckoutId = z.infer<typeof CheckoutId>
export type OrderId = z.infer<typeof OrderId>
export type RefundId = z.infer<typeof RefundId>
export type LotId = z.infer<typeof LotId>
export type AuctionId = z.infer<typeof AuctionId>
/** Made by the bidder's client for each bid: the operation id of bidding. */
export type BidId = z.infer<typeof BidId>
export type OfferId = z.infer<typeof OfferId>
export type BundleId = z.infer<typeof BundleId>
export type CardId = z.infer<typeof CardId>
export type GiveawayId = z.infer<typeof GiveawayId>
export type CouponId = z.infer<typeof CouponId>
export type ChatLineId = z.infer<typeof ChatLineId>
export type OperationId = z.infer<typeof OperationId>
