import {
  claimPrize,
  enterGiveaway,
  exportGiveaway,
  getGiveaway,
  getMyGiveawayEntry,
  listHandedPrizes,
  listMyPrizes,
  openGiveaway,
} from '../../contracts/index.ts'
import type { Caller } from '../wire/caller.ts'
import { bind } from './bind.ts'

/** Giveaways; the room's own state tells how the one of a show stands. `verifyGiveaway` checks what `export` gives. */
export function giveawaysGroup(caller: Caller) {
  return {
    open: bind(caller, openGiveaway),
    /** From the room only: join it first. Repeats: an account has one entry, and every call answers it. */
    enter: bind(caller, enterGiveaway),
    get: bind(caller, getGiveaway),
    /** The caller's entry, and the prize that it has won. */
    mine: bind(caller, getMyGiveawayEntry),
    export: bind(caller, exportGiveaway),
    /** Repeats: the first claim stands. */
    claim: bind(caller, claimPrize),
    myPrizes: bind(caller, listMyPrizes),
    /** For the host: who has won, and who has claimed. */
    prizes: bind(caller, listHandedPrizes),
  }
}
