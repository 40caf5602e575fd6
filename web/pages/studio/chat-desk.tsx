import type { ChatLine } from '@livelot/client/contracts'
import { Ban, MicOff, Settings2, ShieldPlus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Button, IconButton } from '../../parts/button.tsx'
import { ChatComposer, ChatList } from '../../parts/chat.tsx'
import { ChoiceField, TextArea } from '../../parts/field.tsx'
import { Menu } from '../../parts/menu.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import type { StudioModel } from './studio-model.ts'

const slowModes = [
  { value: 0, label: 'Off' },
  { value: 5, label: '5 s' },
  { value: 15, label: '15 s' },
  { value: 60, label: '1 min' },
] as const satisfies readonly { value: number; label: string }[]

export function ChatDesk({ model }: { model: StudioModel }) {
  const [settings, setSettings] = useState(false)
  const { room, actions } = model
  const closed = room.show.state !== 'live'
  return (
    <>
      <header className="panel-head chat-desk-head">
        <h2 className="visually-hidden">Chat</h2>
        <span className="panel-note">{room.slowModeSeconds > 0 && `Slow mode ${room.slowModeSeconds} s`}</span>
        <IconButton label="Chat settings" onClick={() => setSettings(true)}>
          <Settings2 aria-hidden="true" />
        </IconButton>
      </header>
      <ChatList
        lines={room.chat}
        ownName={room.show.creator.displayName}
        renderActions={(line) => <LineMenu line={line} actions={actions} />}
      />
      <div className="chat-desk-bar">
        <ChatComposer
          onSend={actions.sendChat}
          disabledReason={closed ? 'Opens with the show' : null}
          problem={model.chatProblem}
        />
      </div>
      <Sheet open={settings} onClose={() => setSettings(false)} title="Chat settings">
        <ChatSettings model={model} onDone={() => setSettings(false)} />
      </Sheet>
    </>
  )
}

function LineMenu({ line, actions }: { line: ChatLine; actions: StudioModel['actions'] }) {
  if (line.badge === 'host') return null
  const isModerator = line.badge === 'moderator'
  return (
    <Menu
      label={`Moderate ${line.name}`}
      trigger="⋯"
      triggerClassName="icon-button icon-button-plain chat-desk-more"
      items={[
        {
          label: 'Take this line back',
          icon: <Trash2 aria-hidden="true" />,
          onSelect: () => actions.removeLine(line.chatLineId),
        },
        {
          label: isModerator ? 'No longer a moderator' : 'Make a moderator',
          icon: <ShieldPlus aria-hidden="true" />,
          onSelect: () => actions.moderate(line.accountId, isModerator ? 'remove-moderator' : 'add-moderator'),
        },
        {
          label: `Mute ${line.name}`,
          icon: <MicOff aria-hidden="true" />,
          onSelect: () => actions.moderate(line.accountId, 'mute'),
        },
        {
          label: `Ban ${line.name}`,
          icon: <Ban aria-hidden="true" />,
          danger: true,
          onSelect: () => actions.moderate(line.accountId, 'ban'),
        },
      ]}
    />
  )
}

function ChatSettings({ model, onDone }: { model: StudioModel; onDone: () => void }) {
  const [slowMode, setSlowMode] = useState<number>(model.room.slowModeSeconds)
  const [words, setWords] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [saving, setSaving] = useState(false)

  const save = async () => {
    setSaving(true)
    const mutedWords = words.split(/[\n,]+/).flatMap((word) => word.trim() || [])
    const refused = await model.actions.setSlowMode(slowMode, mutedWords)
    setSaving(false)
    setProblem(refused)
    if (refused === null) onDone()
  }

  return (
    <div className="chat-desk-settings">
      <ChoiceField
        legend="Wait between two lines of one person"
        value={slowMode}
        options={slowModes}
        onChange={setSlowMode}
      />
      <TextArea
        label="Muted words"
        hint="One a line or with commas. Lines with one of them are refused. Saving replaces the list."
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      <Button wide busy={saving} onClick={save}>
        Save
      </Button>
    </div>
  )
}
