import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Call, CallList } from './call.ts'
import { valuesAt } from './field-path.ts'
import { send } from './http.ts'
import { Normaliser } from './normalise.ts'
import type { Answer } from './normalise.ts'
import { fillIn, relativeTimesIn } from './substitute.ts'
import type { Bindings } from './substitute.ts'

/** One call as it is kept in a recording, with its normalised answer. */
export type Exchange = { call: string; answer: Answer }

export type RunOptions = {
  /** Repeat a call that is answered 503 or not at all, as stock clients do: the real server's SQLite is often busy. */
  repeatUnavailable?: boolean
}

const untilTimeoutMs = 20_000
const unavailableRepeats = 20

/**
 * Background work off, so that nothing moves but by the calls; the pipeline of events stays on. Both servers get these.
 */
export const commonSettings: Record<string, string> = {
  PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED: 'false',
  PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED: 'false',
  PREFECT_SERVER_SERVICES_FOREMAN_ENABLED: 'false',
  PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_ENABLED: 'false',
  PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED: 'false',
  PREFECT_UI_API_URL: 'http://127.0.0.1:4200/api',
}

/** Unknown fields are refused, as Prefect does, so that all the rest can be compared exactly. */
export const spillwaySettings: Record<string, string> = { SPILLWAY_STRICT_FIELDS: 'true' }

/** A call in one line, as recordings and messages name it. */
export function describeCall(call: Call): string {
  if (call.socket) return `WS ${call.path} ${JSON.stringify(call.socket)}`
  const payload = call.raw ?? (call.body === undefined ? '' : JSON.stringify(call.body))
  const headers = call.headers ? ` ${JSON.stringify(call.headers)}` : ''
  const shown = payload.length > 500 ? `${payload.slice(0, 500)}… (${payload.length} characters)` : payload
  return `${call.method} ${call.path}${shown === '' ? '' : ` ${shown}`}${headers}`
}

/** Sends a list to a fresh server, one call after the other, and gives the normalised answers. */
export async function runList(list: CallList, apiUrl: string, options: RunOptions = {}): Promise<Exchange[]> {
  // A connection of its own for every call: the real server closes the connection after each answer of 500.
  const agent = new Agent({ keepAlive: false })
  const startedMs = Math.floor(Date.now() / 1000) * 1000
  const bindings: Bindings = { startedMs, answers: new Map() }
  const normaliser = new Normaliser({
    calls: list.calls,
    offsetsSeconds: list.calls.flatMap(relativeTimesIn),
    startedMs,
    origin: new URL(apiUrl).origin,
  })
  const exchanges: Exchange[] = []
  try {
    for (const call of list.calls) {
      const raw = await sendUntil(fillIn(call, bindings), apiUrl, agent, options)
      if (call.as) bindings.answers.set(call.as, raw.body)
      exchanges.push({ call: describeCall(call), answer: normaliser.answer(call, raw) })
    }
  } finally {
    agent.destroy()
  }
  return exchanges
}

async function sendUntil(call: Call, apiUrl: string, agent: Agent, options: RunOptions): Promise<Answer> {
  const deadline = Date.now() + untilTimeoutMs
  for (;;) {
    let answer = await sendOnce(call, apiUrl, agent)
    for (let left = unavailableRepeats; options.repeatUnavailable && isUnavailable(answer) && left > 0; left -= 1) {
      await sleep(200)
      answer = await sendOnce(call, apiUrl, agent)
    }
    if (!call.until) return answer
    const reached = JSON.stringify(valuesAt(answer.body, call.until.field)[0]) === JSON.stringify(call.until.is)
    if (reached || Date.now() > deadline) return answer
    await sleep(250)
  }
}

function isUnavailable(answer: Answer): boolean {
  return answer.status === 503 || answer.status === 0
}

/** A broken connection is an answer too: the next calls go on. */
async function sendOnce(call: Call, apiUrl: string, agent: Agent): Promise<Answer> {
  try {
    return await send(call, apiUrl, agent)
  } catch (error) {
    return { status: 0, headers: {}, body: { text: `no answer: ${(error as Error).message}` } }
  }
}
