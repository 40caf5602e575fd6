export { createGiveaways, type Giveaways, type GiveawaysOptions } from './giveaways.ts'
export type { PrizeGoods } from './needs.ts'
