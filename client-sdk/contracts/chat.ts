import { z } from 'zod'
import { AccountId, ChatLineId, OperationId, ShowId } from './ids.ts'
import { operation, toldEvent } from './operation.ts'
import { EpochMs } from './time.ts'

// Chat and hearts, which may be shed.

export const ChatLine = z.strictObject({
  chatLineId: ChatLineId,
  accountId: AccountId,
  name: z.string(),
  text: z.string(),
  badge: z.enum(['host', 'moderator', 'none']),
  mentions: z.array(z.string()),
  atMs: EpochMs,
})
export type ChatLine = z.infer<typeof ChatLine>

export const sendChat = operation({
  name: 'chat:send',
  summary: 'Write a line. Others see it within a tenth of a second; a flood is thinned out for viewers.',
  access: 'signed-in',
  socket: { rate: { burst: 10, perSecond: 0.67 } },
  request: z.strictObject({ showId: ShowId, text: z.string().max(300), operationId: OperationId }),
  response: z.strictObject({ line: ChatLine }),
  errors: [
    'show.not_joined',
    'show.not_live',
    'chat.slow_mode',
    'chat.muted',
    'chat.banned',
    'chat.word_refused',
    'chat.empty',
  ],
})

export const addHearts = operation({
  name: 'heart:add',
  summary: 'Hearts tapped since the last call.',
  access: 'anyone',
  socket: { rate: { burst: 4, perSecond: 2 } },
  request: z.strictObject({ showId: ShowId, hearts: z.int().min(1).max(20) }),
  response: z.strictObject({}),
  errors: ['show.not_joined'],
})

export const chatBatchTold = toldEvent({
  name: 'chat:batch',
  version: 1,
  summary: 'Lines since the last batch; `cut` lines more were left out for speed. `removed` lines are taken back.',
  data: z.strictObject({
    showId: ShowId,
    lines: z.array(ChatLine),
    cut: z.int().min(0),
    removed: z.array(ChatLineId),
  }),
})

export const setChatSettings = operation({
  name: 'show:set-chat-settings',
  summary: 'Slow mode (seconds between two lines of one person, 0 = off) and muted words.',
  access: 'signed-in',
  http: { method: 'put', path: '/v1/shows/{showId}/chat-settings' },
  request: z.strictObject({
    showId: ShowId,
    slowModeSeconds: z.int().min(0).max(600),
    mutedWords: z.array(z.string().trim().min(1).max(40)).max(200),
  }),
  response: z.strictObject({ slowModeSeconds: z.int(), mutedWords: z.array(z.string()) }),
  errors: ['show.not_found', 'auth.forbidden'],
})

export const moderate = operation({
  name: 'show:moderate',
  summary: 'Mute, ban, or lift either for one person in this show; or make and unmake a moderator (host only).',
  access: 'signed-in',
  http: { method: 'post', path: '/v1/shows/{showId}/moderation' },
  request: z.strictObject({
    showId: ShowId,
    accountId: AccountId,
    action: z.enum(['mute', 'unmute', 'ban', 'unban', 'add-moderator', 'remove-moderator']),
  }),
  response: z.strictObject({}),
  errors: ['show.not_found', 'auth.forbidden', 'profile.not_found'],
})

export const removeChatLine = operation({
  name: 'chat:remove-line',
  summary: 'Take a line back for everyone (moderators).',
  access: 'signed-in',
  socket: { rate: { burst: 10, perSecond: 2 } },
  request: z.strictObject({ showId: ShowId, chatLineId: ChatLineId }),
  response: z.strictObject({}),
  errors: ['show.not_found', 'auth.forbidden'],
})
