/**
 * Bounds of one media node. Figures marked “measured” are from 2 cores at 2.6 GHz, November 2026: 500 viewers at
 * 1.1 Mbit/s took 79 % of a core (85,000 packets a second); beyond 100 % a worker collapses rather than degrades.
 */
export interface MediaLimits {
  /** Above soft a worker takes viewers only when no other can; at hard it takes none. */
  readonly cpuPercentSoft: number
  readonly cpuPercentHard: number
  /** Measured: up to 300 viewers a worker adds 5 ms of delay at the median; 500 fill it. */
  readonly viewersPerWorkerSoft: number
  readonly viewersPerWorkerHard: number
  readonly packetsPerSecondSoft: number
  readonly packetsPerSecondHard: number
  /** Measured: a join costs about 3 ms of a worker's time (DTLS and two consumers), so 30 a second are a tenth of it. */
  readonly joinsPerSecond: number
  readonly joinBurst: number
  readonly roomsMax: number
  /** A join costs bandwidth only once connected; a client that never connects is dropped. */
  readonly connectTimeoutMs: number
  /** How long a peer whose API connection or socket is gone waits to be adopted. */
  readonly ownerGraceMs: number
  /** How long a show waits for its creator to come back before its viewers are told that it is over. */
  readonly resumeGraceMs: number
  /** After the last peer has left, so that a reload does not build everything anew. */
  readonly emptyRoomMs: number
  /** After `disconnected`, time for the client's ICE restart; over TCP the state comes at once, browsers notice in 2-8 s. */
  readonly iceRecoveryMs: number
  /** Silence of STUN consent checks that counts as `disconnected`. Source: RFC 7675 asks for 30 s at most. */
  readonly iceConsentTimeoutSeconds: number
  /** A creator sends three layers of about 2 Mbit/s together, a screen 2.5 Mbit/s more. */
  readonly publisherIncomingBitrateMax: number
  readonly viewerOutgoingBitrateMax: number
  /** mediasoup's default of 600 kbit/s starts viewers on the low layers. */
  readonly initialOutgoingBitrate: number
  /** Measured: with 400 ms the median wait for a picture in a rush of joins is 207 ms, with mediasoup's 0 it is 565 ms. */
  readonly keyFrameRequestDelayMs: number
  /**
   * How long the first picture of a new track is kept back for viewers who are about to connect. Chromium ignores a
   * request for a key frame within 300 ms of the one before, and mediasoup then waits a second (measured: 1.0 s to the
   * picture), so one request that all can use is worth more than one at once that nobody sees.
   */
  readonly startHoldMs: number
  /** After the first viewer can see, those who are almost there get this long. */
  readonly startHoldAfterFirstMs: number
  /**
   * A track younger than this is shown in its lowest layer first: browsers begin with all layers, drop the upper ones for
   * about half a second while they learn the bandwidth, and answer requests for a key frame there only when they are back.
   */
  readonly startLowMs: number
  /** Viewers of a dead worker are expected back for this long. */
  readonly rejoinExpectedMs: number
  readonly qualityIntervalMs: number
  /** Sequenced events kept for a peer that is being adopted. A show makes a handful an hour. */
  readonly eventsKeptPerPeer: number
}

export const mediaLimits: MediaLimits = {
  cpuPercentSoft: 70,
  cpuPercentHard: 80,
  viewersPerWorkerSoft: 300,
  viewersPerWorkerHard: 500,
  packetsPerSecondSoft: 51_000,
  packetsPerSecondHard: 70_000,
  joinsPerSecond: 30,
  joinBurst: 30,
  roomsMax: 500,
  connectTimeoutMs: 15_000,
  ownerGraceMs: 30_000,
  resumeGraceMs: 60_000,
  emptyRoomMs: 5_000,
  iceRecoveryMs: 10_000,
  iceConsentTimeoutSeconds: 20,
  publisherIncomingBitrateMax: 8_000_000,
  viewerOutgoingBitrateMax: 8_000_000,
  initialOutgoingBitrate: 1_800_000,
  keyFrameRequestDelayMs: 400,
  startHoldMs: 500,
  startHoldAfterFirstMs: 80,
  startLowMs: 1_000,
  rejoinExpectedMs: 1_500,
  qualityIntervalMs: 1_000,
  eventsKeptPerPeer: 64,
}

/** Requests of one API connection that may wait at once; more are refused as busy. */
export const pendingRequestsMax = 1_000
/** Bytes that may wait in one API connection before quality events are left out, and before it is dropped as too slow. */
export const ownerCongestedBytes = 1_000_000
export const ownerSlowBytes = 16_000_000
/** Measured per viewer at 30 frames a second: 114 video packets, 50 audio packets, and probes. */
export const packetsPerSecondOf = { video: 120, audio: 50 } as const
/** CPU of one viewer before the next sample shows it (measured 0.14-0.18 %, plus the join itself spread over a second). */
export const cpuPercentPerNewViewer = 0.4
