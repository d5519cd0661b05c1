/** One defence of the streams switched off, and where that has to show. */
export interface Mutant {
  defence: string
  file: string
  /** A piece of the source that stands there once, and what takes its place. */
  find: string
  replace: string
  /** Test files of which at least one has to fail. */
  tests: readonly string[]
  /** Only the tests with these words in their names. */
  only?: string
}

const streams = 'packages/server/src/streams'
const connection = `${streams}/connection.ts`
const outbox = `${streams}/outbox.ts`
const subscription = `${streams}/subscription.ts`
const fanOut = `${streams}/fan-out.ts`
const simulation = ['test/simulation/safety.test.ts']
const bounds = ['test/server/stream-limits.test.ts']

export const mutants: readonly Mutant[] = [
  { defence: 'deadline of pings', file: connection, find: "return this.close('ping-timeout')", replace: 'return', tests: bounds, only: 'PING_TIMEOUT' },
  { defence: 'deadline of every closing state', file: connection, find: 'if (nowMs - this.#stateSinceMs < this.#limits.closeTimeoutMs) return false', replace: 'if (nowMs >= 0) return false', tests: simulation },
  {
    defence: 'letting go at once when the end begins', file: connection, find: '      this.#endpoint.closed()\n', replace: '',
    tests: simulation,
  },
  { defence: 'byte credit', file: outbox, find: 'this.unconfirmedBytes + bytes > credit', replace: 'this.unconfirmedBytes + bytes < 0', tests: simulation },
  { defence: 'pings between the frames', file: outbox, find: '>= pingEveryBytes) this.#ping()', replace: '< 0) this.#ping()', tests: ['test/simulation/admission.test.ts'], only: 'ping lies' },
  {
    defence: 'soft bound of a queue', file: outbox,
    find: 'return this.#queuedBytes === 0 || this.#queuedBytes + bytes <= this.#limits.subscriberSoftBytes',
    replace: 'return bytes >= 0', tests: simulation,
  },
  { defence: 'hard bound of a queue in bytes', file: outbox, find: 'if (this.#queuedBytes > 0 && this.#queuedBytes + bytes', replace: 'if (this.#queuedBytes < 0 && this.#queuedBytes + bytes', tests: bounds, only: 'subscriberQueueBytes' },
  { defence: 'hard bound of a queue in frames', file: outbox, find: 'this.#queue.length - this.#head >=', replace: '-1 >=', tests: bounds, only: 'subscriberQueueFrames' },
  { defence: 'bound of all queues together', file: `${streams}/connection-pool.ts`, find: 'this.#cutOffLargest()\n  }', replace: 'return\n  }', tests: bounds, only: 'streamsQueueBytes' },
  { defence: 'deadline of the auth message', file: connection, find: "return this.close('auth-timeout')", replace: 'return', tests: bounds, only: 'authTimeoutMs: /api/events/in' },
  { defence: 'deadline of the first message', file: connection, find: "return this.close('filter-timeout')", replace: 'return', tests: bounds, only: 'filterTimeoutMs: /api/events/out' },
  { defence: 'deadline of an unfinished message', file: connection, find: "return this.close('message-timeout')", replace: 'return', tests: bounds, only: 'messageTimeoutMs' },
  { defence: 'bound of control frames', file: connection, find: "this.close('control-flood')\n    return true", replace: 'return false', tests: bounds, only: 'controlFramesPerSecond' },
  { defence: 'admission in turn', file: `${streams}/admission.ts`, find: 'this.#opening.size >= admissionConcurrent ||', replace: '', tests: ['test/simulation/admission.test.ts'] },
  { defence: 'admission by rate', file: `${streams}/admission.ts`, find: '|| this.#tokens < 1', replace: '', tests: ['test/simulation/admission.test.ts'] },
  { defence: 'eviction of silent peers', file: `${streams}/admission.ts`, find: "connection.close('too-many-handshakes')", replace: '', tests: bounds, only: 'unauthenticatedConnections' },
  { defence: 'bound of websockets', file: `${streams}/upgrade.ts`, find: 'this.#pool.websockets >= limits.websocketConnections', replace: 'this.#pool.websockets < 0', tests: bounds, only: 'websocketConnections' },
  { defence: 'refusal by 1013 and not by a status', file: `${streams}/upgrade.ts`, find: 'return this.#refuse(ws, row, 1013)', replace: 'return ws.terminate()', tests: bounds, only: 'websocketConnections' },
  { defence: '1012 on the drain', file: `${streams}/close-reasons.ts`, find: 'shutdown: 1012', replace: 'shutdown: 1001', tests: ['test/server/signals.test.ts'], only: '1012' },
  { defence: 'bound of fragments', file: `${streams}/upgrade.ts`, find: 'maxFragments: limits.messageFragments,', replace: '', tests: bounds, only: 'messageFragments' },
  { defence: 'bound of a message', file: `${streams}/upgrade.ts`, find: 'maxPayload: limits.websocketMessageBytes,', replace: '', tests: bounds, only: 'websocketMessageBytes' },
  { defence: 'bound of a filter', file: `${streams}/stream-out.ts`, find: 'countValues(checked.value, limits.filterValues) > limits.filterValues', replace: 'limits.filterValues < 0', tests: bounds, only: 'filterValues' },
  { defence: 'bound of costly filters', file: fanOut, find: 'this.#index.unindexed >= this.#limits.unindexedFilters', replace: 'this.#index.unindexed < 0', tests: bounds, only: 'unindexedFilters' },
  { defence: 'slices of a fan-out', file: fanOut, find: 'frames < limits.fanOutSliceFrames && bytes < limits.fanOutSliceBytes', replace: 'frames >= 0', tests: ['test/simulation/admission.test.ts'], only: 'slice' },
  { defence: 'bound of the hub', file: fanOut, find: 'if (tooMany || this.#waitingBytes + item.bytes > hubBytes) {', replace: 'if (item.bytes < 0) {', tests: bounds, only: 'hubItems' },
  { defence: 'store after the hub was full', file: fanOut, find: 'for (const member of members) member.missedFrom(from)', replace: '{}', tests: simulation },
  { defence: 'store after a publication was lost', file: fanOut, find: 'if (this.#isUnsure) return undefined', replace: '', tests: simulation },
  { defence: 'replay instead of a cut', file: subscription, find: '      // Everything before it was offered.\n', replace: "      return this.#outlet.close('slow-consumer')\n", tests: ['test/server/stream-replay.test.ts'], only: 'stops reading for a while' },
  { defence: 'live items held at the seam', file: subscription, find: 'for (const item of held) this.offer(item)', replace: '', tests: simulation },
  { defence: 'no item twice at the seam', file: subscription, find: 'if (item.seq <= this.#position || ', replace: 'if (', tests: simulation },
  { defence: 'another try of a refused read', file: subscription, find: '        this.#takeBackRetry = undefined\n        this.#step()', replace: '        this.#takeBackRetry = undefined', tests: simulation },
  { defence: 'frames that stock subscribers take', file: `${streams}/frames.ts`, find: 'if (body.length * 3 <= bodyBytesMax || Buffer.byteLength(body) <= bodyBytesMax) return body\n  onTrimmed()\n  const event', replace: 'if (body !== "") return body\n  onTrimmed()\n  const event', tests: bounds, only: 'websocketOutboundBytes' },
  { defence: 'one encoding for everybody', file: `${streams}/frames.ts`, find: "return (this.#websocket ??= textFrame(`{\"type\":\"${this.#kind}\"", replace: "return (this.#websocket = textFrame(`{\"type\":\"${this.#kind}\"", tests: [`${streams}/frames.test.ts`] },
  { defence: 'index of filters', file: `${streams}/subscription-index.ts`, find: 'if (chosen) this.#families[chosen.family].add(chosen.keys, value)\n    else this.#unindexed', replace: 'this.#unindexed', tests: [`${streams}/subscription-index.test.ts`] },
  { defence: 'time that stood still', file: `${streams}/scheduler.ts`, find: 'if (lateMs > lateFromMs) this.#forgivenMs += lateMs', replace: '', tests: [`${streams}/scheduler.test.ts`] },
  { defence: 'pong only after the commit', file: `${streams}/events-in.ts`, find: 'void this.#confirmed.then(', replace: 'void Promise.resolve().then(', tests: bounds, only: 'a ping is answered' },
  { defence: 'a socket that is not read while the store is behind', file: `${streams}/events-in.ts`, find: 'inc({ limit })\n    this.#connection.pauseReading()', replace: 'inc({ limit })', tests: bounds, only: 'ingestBytes' },
  { defence: 'bound of server-sent event streams', file: `${streams}/sse.ts`, find: 'pool.sse >= limits.sseConnections', replace: 'pool.sse < 0', tests: ['test/server/event-streams.test.ts'], only: 'sseConnections' },
  { defence: 'no buffering of event streams by proxies', file: `${streams}/sse-transport.ts`, find: "'x-accel-buffering': 'no',", replace: '', tests: ['test/server/event-streams.test.ts'], only: 'buffering' },
  { defence: 'password of event streams', file: 'packages/server/src/access/stream-tickets.ts', find: 'sameSecret(signature, signatureOf(authString, expiresMs))', replace: 'true', tests: ['packages/server/src/access/stream-tickets.test.ts'] },
  {
    defence: 'listener of errors from the upgrade on', file: `${streams}/upgrade.ts`, find: "socket.on('error', () => socket.destroy())", replace: '',
    tests: ['test/server/upgrade-errors.test.ts'],
  },
  { defence: 'a bounded number of upgrades and endings a turn', file: `${streams}/turn-queue.ts`, find: 'if (this.#doneInTurn >= this.#perTurn) return void this.#waiting.push(work)', replace: '', tests: [`${streams}/turn-queue.test.ts`] },
  {
    defence: 'reset of a peer that half-closes behind a full window', file: connection, find: 'return this.unconfirmedBytes >= this.#limits.pingEveryBytes\n  }\n\n  closed', replace: 'return false\n  }\n\n  closed',
    tests: ['test/streams/closing-behind-a-full-window.test.ts'], only: '500 peers',
  },
  { defence: 'listen queue', file: 'packages/server/src/main.ts', find: 'backlog: limits.backlog', replace: 'backlog: 16', tests: ['test/server/listen-queue.test.ts'] },
]
