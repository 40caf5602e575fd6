import type { ChatLine } from '@livelot/client/contracts'
import { ArrowDown, SendHorizontal } from 'lucide-react'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { Avatar } from './avatar.tsx'
import { Button, IconButton } from './button.tsx'
import { classNames } from './class-names.ts'
import './chat.css'

type ChatListProps = {
  lines: readonly ChatLine[]
  /** Lies over the picture: no avatars' row, fading at the top. */
  overVideo?: boolean
  ownName?: string | null
  /** Shown while there is nothing to read. */
  quiet?: string
  renderActions?: (line: ChatLine) => ReactNode
}

const badgeWords = { host: 'Host', moderator: 'Mod', none: '' } as const

/** Within this many pixels of the end the list follows new lines; further up a person is reading and is left alone. */
const FOLLOW_PX = 48

export function ChatList({
  lines,
  overVideo,
  ownName,
  quiet = 'No one has written yet. Say hello.',
  renderActions,
}: ChatListProps) {
  const list = useRef<HTMLDivElement>(null)
  const following = useRef(true)
  const [behind, setBehind] = useState(false)
  const newest = lines.at(-1)?.chatLineId

  const toEnd = () => {
    const element = list.current
    if (element) element.scrollTop = element.scrollHeight
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line is what moves the list.
  useEffect(() => {
    if (following.current) toEnd()
    else setBehind(true)
  }, [newest])

  const watchPlace = () => {
    const element = list.current
    if (!element) return
    following.current = element.scrollHeight - element.scrollTop - element.clientHeight < FOLLOW_PX
    if (following.current) setBehind(false)
  }

  return (
    <div className={classNames('chat', overVideo && 'chat-over')}>
      {/* A live region here would read every line of a busy room; people who want the chat can walk through it. */}
      <div
        ref={list}
        className="chat-list"
        role="log"
        aria-label="Chat"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        tabIndex={0}
        onScroll={watchPlace}
      >
        {lines.length === 0 && <p className="chat-quiet">{quiet}</p>}
        {lines.map((line) => (
          <ChatRow
            key={line.chatLineId}
            line={line}
            overVideo={overVideo}
            ownName={ownName}
            actions={renderActions?.(line)}
          />
        ))}
      </div>
      {behind && (
        <Button
          className="chat-behind"
          size="s"
          icon={<ArrowDown aria-hidden="true" />}
          onClick={() => {
            following.current = true
            setBehind(false)
            toEnd()
          }}
        >
          New messages
        </Button>
      )}
    </div>
  )
}

type ChatRowProps = { line: ChatLine; overVideo?: boolean; ownName?: string | null; actions?: ReactNode }

function ChatRow({ line, overVideo, ownName, actions }: ChatRowProps) {
  const mentionsMe = ownName ? isCalled(ownName, line.mentions) : false
  return (
    <div className={classNames('chat-row', mentionsMe && 'chat-row-mine')}>
      {!overVideo && <Avatar name={line.name} size="s" />}
      <p className="chat-text">
        <span className="chat-name">
          {line.name}
          {line.badge !== 'none' && (
            <span className={`chat-role chat-role-${line.badge}`}>{badgeWords[line.badge]}</span>
          )}
        </span>
        <span className="visually-hidden">: </span>
        <ChatText text={line.text} mentions={line.mentions} />
      </p>
      {actions}
    </div>
  )
}

/** A mention is one word, a name may be several: "Nora Field" is called by @Nora and by @NoraField. */
function isCalled(name: string, mentions: readonly string[]): boolean {
  const words = name.toLowerCase().split(/\s+/)
  const calls = [words[0], words.join(''), words.join('_')]
  return mentions.some((mention) => calls.includes(mention.toLowerCase()))
}

/** Only names that the server found count as mentions, so that an "@" in an address stays plain text. */
function ChatText({ text, mentions }: { text: string; mentions: readonly string[] }) {
  const parts = mentionParts(text, mentions)
  return <span>{parts.map(({ words, place, mention }) => (mention ? <mark key={place}>{words}</mark> : words))}</span>
}

function mentionParts(text: string, mentions: readonly string[]) {
  const escaped = mentions.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  // The longest name first, or "@Ann" would be found inside "@Anna".
  escaped.sort((one, two) => two.length - one.length)
  const found = escaped.length > 0 ? text.split(new RegExp(`(@(?:${escaped.join('|')}))`, 'gi')) : [text]
  return found.map((words, place) => ({ words, place, mention: place % 2 === 1 }))
}

type ChatComposerProps = {
  onSend: (text: string) => Promise<boolean>
  disabledReason?: string | null
  /** Seconds that slow mode still asks to wait. */
  waitSeconds?: number
  problem?: string | null
  overVideo?: boolean
}

const TEXT_MAX = 300

export function ChatComposer({ onSend, disabledReason, waitSeconds = 0, problem, overVideo }: ChatComposerProps) {
  const [text, setText] = useState('')
  const [sending, setSending] = useState(false)
  const blocked = Boolean(disabledReason)

  const send = async (event: FormEvent) => {
    event.preventDefault()
    const trimmed = text.trim()
    if (!trimmed || sending || blocked || waitSeconds > 0) return
    setSending(true)
    const sent = await onSend(trimmed)
    setSending(false)
    if (sent) setText('')
  }

  const placeholder = disabledReason ?? (waitSeconds > 0 ? `Slow mode: ${waitSeconds} s` : 'Say something…')
  return (
    <form className={classNames('composer', overVideo && 'composer-over')} onSubmit={send}>
      <input
        className="composer-input"
        aria-label="Message"
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? 'composer-problem' : undefined}
        placeholder={placeholder}
        value={text}
        maxLength={TEXT_MAX}
        disabled={blocked}
        autoComplete="off"
        enterKeyHint="send"
        onChange={(event) => setText(event.target.value)}
      />
      <IconButton label="Send" type="submit" className="composer-send" disabled={blocked || !text.trim() || sending}>
        <SendHorizontal aria-hidden="true" />
      </IconButton>
      {problem && (
        <p id="composer-problem" className="composer-problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  )
}
