import { Camera, Mic, MicOff, MonitorUp, Radio, Video, VideoOff } from 'lucide-react'
import { Button, IconButton } from '../../parts/button.tsx'
import { ChoiceField, SelectField } from '../../parts/field.tsx'
import { LevelMeter } from './level-meter.tsx'
import type { CameraDesk, StudioModel } from './studio-model.ts'
import './camera-panel.css'

export function CameraPanel({ model }: { model: StudioModel }) {
  const { desk, broadcast, room } = model
  const ended = room.show.state === 'ended'
  return (
    <section className="camera panel" aria-label="Camera" data-air={broadcast.phase}>
      <div className="camera-frame">
        <video
          ref={desk.attachPreview}
          className={desk.source === 'camera' ? 'camera-video camera-mirror' : 'camera-video'}
          autoPlay
          playsInline
          muted
          aria-label="Your own picture, as a preview"
        />
        <CameraWords desk={desk} />
        {broadcast.phase === 'reconnecting' && (
          <p className="camera-trouble" role="status">
            {broadcast.detail}
          </p>
        )}
        {desk.preview.phase === 'ready' && (
          <div className="camera-toggles">
            <IconButton
              label={desk.microphoneOn ? 'Mute the microphone' : 'Turn the microphone on'}
              tone="glass"
              onClick={desk.toggleMicrophone}
            >
              {desk.microphoneOn ? <Mic aria-hidden="true" /> : <MicOff className="camera-off" aria-hidden="true" />}
            </IconButton>
            <IconButton
              label={desk.cameraOn ? 'Pause the picture' : 'Show the picture'}
              tone="glass"
              onClick={desk.toggleCamera}
            >
              {desk.cameraOn ? <Video aria-hidden="true" /> : <VideoOff className="camera-off" aria-hidden="true" />}
            </IconButton>
          </div>
        )}
      </div>
      {!ended && <AirButton model={model} />}
      {!ended && (
        <>
          <LevelMeter readLevel={desk.readLevel} active={desk.preview.phase === 'ready' && desk.microphoneOn} />
          <details className="camera-more">
            <summary>Camera and microphone</summary>
            <DevicePickers desk={desk} locked={broadcast.phase === 'starting'} />
          </details>
        </>
      )}
    </section>
  )
}

function CameraWords({ desk }: { desk: CameraDesk }) {
  switch (desk.preview.phase) {
    case 'ready':
      return null
    case 'asking':
      return (
        <p className="camera-words" role="status">
          Your browser asks whether this page may use camera and microphone. Please allow both.
        </p>
      )
    case 'refused':
      return (
        <div className="camera-words" role="alert">
          <p>{desk.preview.sentence}</p>
          <Button size="s" onClick={desk.open}>
            Try again
          </Button>
        </div>
      )
    case 'idle':
      return (
        <div className="camera-words">
          <Camera aria-hidden="true" />
          <p>See yourself first. No one else does until you go live.</p>
          <Button onClick={desk.open}>Turn the camera on</Button>
        </div>
      )
  }
}

function AirButton({ model }: { model: StudioModel }) {
  const { broadcast, desk, actions } = model
  if (broadcast.phase === 'live' || broadcast.phase === 'reconnecting')
    return (
      <Button tone="outline" size="l" wide onClick={actions.stopBroadcast}>
        Stop the picture
      </Button>
    )
  return (
    <>
      <Button
        tone="live"
        size="l"
        wide
        icon={<Radio aria-hidden="true" />}
        disabled={desk.preview.phase !== 'ready'}
        busy={broadcast.phase === 'starting'}
        onClick={actions.goLive}
      >
        Go live
      </Button>
      {broadcast.phase === 'failed' && (
        <p className="field-error" role="alert">
          {broadcast.sentence}
        </p>
      )}
    </>
  )
}

function DevicePickers({ desk, locked }: { desk: CameraDesk; locked: boolean }) {
  return (
    <div className="camera-devices">
      <ChoiceField
        legend="Picture from"
        value={desk.source}
        options={[
          { value: 'camera', label: 'Camera', disabled: locked },
          { value: 'screen', label: 'Screen', disabled: locked },
        ]}
        onChange={desk.chooseSource}
      />
      {desk.source === 'camera' && (
        <SelectField
          label="Camera"
          value={desk.cameraId ?? ''}
          disabled={locked || desk.cameras.length === 0}
          onChange={(event) => desk.chooseCamera(event.target.value)}
        >
          {desk.cameras.length === 0 && <option value="">None found yet</option>}
          {desk.cameras.map((device) => (
            <option key={device.deviceId} value={device.deviceId}>
              {device.label}
            </option>
          ))}
        </SelectField>
      )}
      {desk.source === 'screen' && (
        <Button tone="outline" icon={<MonitorUp aria-hidden="true" />} disabled={locked} onClick={desk.open}>
          Choose what to share
        </Button>
      )}
      <SelectField
        label="Microphone"
        value={desk.microphoneId ?? ''}
        disabled={locked || desk.microphones.length === 0}
        onChange={(event) => desk.chooseMicrophone(event.target.value)}
      >
        {desk.microphones.length === 0 && <option value="">None found yet</option>}
        {desk.microphones.map((device) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label}
          </option>
        ))}
      </SelectField>
    </div>
  )
}
