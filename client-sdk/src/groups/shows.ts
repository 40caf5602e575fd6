import {
  createShow,
  endShow,
  getSalesBoard,
  getShelf,
  getShow,
  listMyShows,
  listShows,
  moderate,
  pinProduct,
  setChatSettings,
  setShelf,
  startShow,
} from '../../contracts/index.ts'
import type { Caller } from '../wire/caller.ts'
import { bind } from './bind.ts'

/** Shows: what viewers find, and what their creator does with them. The room itself is `client.joinRoom`. */
export function showsGroup(caller: Caller) {
  return {
    list: bind(caller, listShows),
    get: bind(caller, getShow),
    mine: bind(caller, listMyShows),
    create: bind(caller, createShow),
    start: bind(caller, startShow),
    end: bind(caller, endShow),
    setShelf: bind(caller, setShelf),
    shelf: bind(caller, getShelf),
    pin: bind(caller, pinProduct),
    setChatSettings: bind(caller, setChatSettings),
    moderate: bind(caller, moderate),
    salesBoard: bind(caller, getSalesBoard),
  }
}
