import { ChatLine, type ChatLineId, type OperationId, type ShowId } from '@livelot/client/contracts'
import { z } from 'zod'
import { type RedisServers, serverOf } from '#infra/redis/client'
import { loadScript, runScript } from '#infra/redis/scripts'
import type { AccountActor } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import { nowMs } from '#kernel/now'
import { cleanText, holdsMutedWord, mentionsOf } from './chat.ts'
import { chatLinesKey, chatSaidKey, chatSlowKey } from './keys.ts'
import type { RoomRules, Standing } from './show.ts'

const acceptScript = loadScript(new URL('./lua/accept_chat_line.lua', import.meta.url))
const removeScript = loadScript(new URL('./lua/remove_chat_line.lua', import.meta.url))

const AcceptAnswer = z.union([
  z.tuple([z.literal('repeated'), z.string()]),
  z.tuple([z.literal('slow'), z.int()]),
  z.tuple([z.literal('accepted')]),
])

/** A client that lost its connection asks again within this time. */
const repeatMs = 120_000
const keptLinesMax = 50
const keptSeconds = 86_400

export interface SaidLine {
  readonly line: ChatLine
  /** True where the same operation had been answered before: the line is out already. */
  readonly isRepeated: boolean
}

/** Chat lines in Redis: the decision that must hold over all processes, and the last lines for people who join. */
export function createChatLines(redis: RedisServers) {
  return {
    /**
     * Decides on one line. Refuses: chat.banned, chat.muted, chat.empty, chat.word_refused, chat.slow_mode.
     * Repeats: the same operation id answers the same line.
     */
    accept: async (
      said: { showId: ShowId; text: string; operationId: OperationId },
      actor: AccountActor,
      rules: RoomRules,
      standing: Standing,
    ): Promise<SaidLine> => {
      if (standing.isBanned) throw new Refusal('chat.banned')
      if (standing.isMuted) throw new Refusal('chat.muted')
      const text = cleanText(said.text)
      if (text === '') throw new Refusal('chat.empty')
      if (!standing.canModerate && holdsMutedWord(text, rules.mutedWords)) throw new Refusal('chat.word_refused')
      const line: ChatLine = {
        chatLineId: newId<ChatLineId>(),
        accountId: actor.accountId,
        name: actor.displayName,
        text,
        badge: standing.isHost ? 'host' : standing.canModerate ? 'moderator' : 'none',
        mentions: mentionsOf(text),
        atMs: nowMs(),
      }
      const keys = [
        chatSaidKey(said.showId, actor.accountId, said.operationId),
        chatSlowKey(said.showId, actor.accountId),
      ]
      const slowMs = standing.canModerate ? 0 : rules.slowModeSeconds * 1_000
      const args = [JSON.stringify(line), repeatMs, slowMs]
      const answer = AcceptAnswer.parse(await runScript(redis, acceptScript, keys, args))
      if (answer[0] === 'slow') throw new Refusal('chat.slow_mode', { retryAfterMs: answer[1] })
      if (answer[0] === 'repeated') return { line: ChatLine.parse(JSON.parse(answer[1])), isRepeated: true }
      return { line, isRepeated: false }
    },

    /** Keeps lines for people who join later; only the last fifty stay. */
    keep: async (showId: ShowId, lines: readonly ChatLine[]): Promise<void> => {
      if (lines.length === 0) return
      const key = chatLinesKey(showId)
      await serverOf(redis, key)
        .pipeline()
        .lpush(key, ...lines.map((line) => JSON.stringify(line)))
        .ltrim(key, 0, keptLinesMax - 1)
        .expire(key, keptSeconds)
        .exec()
    },

    /** The last lines, oldest first. */
    recent: async (showId: ShowId): Promise<ChatLine[]> => {
      const key = chatLinesKey(showId)
      const kept = await serverOf(redis, key).lrange(key, 0, keptLinesMax - 1)
      return kept.reverse().map((text) => ChatLine.parse(JSON.parse(text)))
    },

    /** Repeats: nothing more happens. */
    remove: async (showId: ShowId, chatLineId: ChatLineId): Promise<void> => {
      await runScript(redis, removeScript, [chatLinesKey(showId)], [chatLineId])
    },
  }
}

export type ChatLines = ReturnType<typeof createChatLines>
