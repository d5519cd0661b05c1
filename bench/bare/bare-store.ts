import { readFileSync, readdirSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { newUuid7 } from '@spillway/core/wire/ids'
import { formatIso, parseIso } from '@spillway/core/wire/time'

type Param = string | number | null
type Row = Record<string, any>

/** A body as text; `id` is the run of a setState. */
export interface BareCommand {
  name: 'createFlow' | 'createRun' | 'setState' | 'addEvents' | 'addLogs'
  id?: string
  body: string
}

export interface BareAnswer {
  status: number
  json: string
}

const MIGRATIONS = new URL('../../packages/server/src/storage/migrations/sqlite/', import.meta.url)

/**
 * The same tables and rows as Spillway's, with no rules and no validation: what SQLite and Node can do when nothing is judged.
 * Bodies are believed as they come.
 */
export class BareStore {
  readonly db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(path: string) {
    this.db = new DatabaseSync(path, { timeout: 10_000 })
    this.db.exec('pragma journal_mode = wal; pragma synchronous = full')
  }

  /** Runs the product's own migrations on an empty file, so that both write the same columns and indexes. */
  migrate(): void {
    if (this.#get("select 1 from sqlite_master where name = 'flow_run'")) return
    for (const file of readdirSync(MIGRATIONS).filter((name) => name.endsWith('.sql')).sort()) {
      this.db.exec(readFileSync(new URL(file, MIGRATIONS), 'utf8'))
    }
  }

  /** One commit for all, a savepoint for each. */
  async runGroup(commands: readonly BareCommand[]): Promise<BareAnswer[]> {
    const answers: BareAnswer[] = []
    this.#run('begin immediate')
    for (const command of commands) {
      this.#run('savepoint command')
      try {
        answers.push(this.#perform(command))
      } catch (error) {
        this.#run('rollback to command')
        answers.push({ status: 500, json: JSON.stringify({ detail: String(error) }) })
      }
      this.#run('release command')
    }
    this.#run('commit')
    return answers
  }

  readRun(id: string): BareAnswer {
    const row = this.#get('select * from flow_run where id = ?', id)
    return row ? { status: 200, json: runJson(row) } : { status: 404, json: '{"detail":"Flow run not found"}' }
  }

  listRuns(limit: number, offset: number): string {
    const rows = this.#statement('select * from flow_run order by id desc limit ? offset ?').all(limit, offset)
    return `[${rows.map(runJson).join()}]`
  }

  countRuns(): number {
    return this.#get('select count(*) n from flow_run')!.n
  }

  countEvents(name: string): number {
    return this.#get('select count(*) n from event where event = ?', name)!.n
  }

  #perform(command: BareCommand): BareAnswer {
    const body = JSON.parse(command.body)
    switch (command.name) {
      case 'createFlow': return this.#createFlow(body)
      case 'createRun': return this.#createRun(body)
      case 'setState': return this.#setState(command.id!, body.state)
      case 'addEvents': return this.#addEvents(body)
      case 'addLogs': return this.#addLogs(body)
    }
  }

  #createFlow(body: Row): BareAnswer {
    const nowUs = nowMicroseconds()
    this.#run('insert into flow (id, created, updated, name) values (?, ?, ?, ?) on conflict (name) do nothing',
      newUuid7(Date.now()), nowUs, nowUs, body.name)
    return { status: 201, json: JSON.stringify(this.#get('select * from flow where name = ?', body.name)) }
  }

  #createRun(body: Row): BareAnswer {
    const nowUs = nowMicroseconds()
    const id = newUuid7(Date.now())
    const state = this.#newState(body.state, {}, nowUs)
    this.#run(`insert into flow_run (id, created, updated, name, flow_id, flow_version, parameters, context, empirical_policy, tags,
      labels, expected_start_time, state_id, state_type, state_name, state_timestamp, state)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id, nowUs, nowUs, body.name, body.flow_id, body.flow_version ?? null, JSON.stringify(body.parameters), JSON.stringify(body.context),
    JSON.stringify(body.empirical_policy), JSON.stringify(body.tags), JSON.stringify(body.labels), nowUs, state.id, state.type,
    state.name, nowUs, state.json)
    this.#recordState(id, body.flow_id, body.name, null, state, nowUs)
    return { status: 201, json: runJson(this.#get('select * from flow_run where id = ?', id)!) }
  }

  #setState(id: string, proposed: Row): BareAnswer {
    const run = this.#get('select * from flow_run where id = ?', id)
    if (!run) return { status: 404, json: '{"detail":"Flow run not found"}' }
    const nowUs = nowMicroseconds()
    const initial = JSON.parse(run.state)
    const state = this.#newState(proposed, initial.state_details, nowUs)
    const starts = state.type === 'RUNNING'
    const ends = state.type === 'COMPLETED'
    this.#run(`update flow_run set updated = ?, run_count = ?, start_time = ?, end_time = ?, total_run_time = ?, state_id = ?,
      state_type = ?, state_name = ?, state_timestamp = ?, state = ? where id = ?`,
    nowUs, starts ? run.run_count + 1 : run.run_count, starts ? nowUs : run.start_time, ends ? nowUs : null,
    ends ? (nowUs - run.start_time) / 1e6 : run.total_run_time, state.id, state.type, state.name, nowUs, state.json, id)
    this.#recordState(id, run.flow_id, run.name, initial, state, nowUs)
    return { status: 201, json: `{"state":${state.json},"status":"ACCEPT","details":{"type":"accept_details"}}` }
  }

  #newState(proposed: Row, details: Row, nowUs: number): { id: string; type: string; name: string; json: string } {
    const { type, name, message, data, state_details } = proposed
    const id = newUuid7(Date.now())
    const json = JSON.stringify({ id, type, name, timestamp: formatIso(nowUs), message, data, state_details: { ...details, ...state_details } })
    return { id, type, name, json }
  }

  #recordState(runId: string, flowId: string, runName: string, initial: Row | null, state: { id: string; type: string; name: string; json: string },
    nowUs: number): void {
    this.#run('insert into flow_run_state (id, flow_run_id, timestamp, type, name, state) values (?, ?, ?, ?, ?, ?)', state.id, runId, nowUs,
      state.type, state.name, state.json)
    const resourceId = `prefect.flow-run.${runId}`
    const occurred = formatIso(nowUs)
    this.#addEvent({
      occurred,
      event: `prefect.flow-run.${state.name}`,
      resource: {
        'prefect.resource.id': resourceId, 'prefect.resource.name': runName, 'prefect.run-count': '1',
        'prefect.state-message': '', 'prefect.state-name': state.name, 'prefect.state-timestamp': occurred, 'prefect.state-type': state.type,
      },
      related: [
        { 'prefect.resource.id': `prefect.flow.${flowId}`, 'prefect.resource.role': 'flow', 'prefect.resource.name': 'bench' },
        { 'prefect.resource.id': 'prefect.tag.bench', 'prefect.resource.role': 'tag' },
      ],
      payload: {
        intended: { from: initial?.type ?? null, to: state.type },
        initial_state: initial && { type: initial.type, name: initial.name, message: '', state_details: {} },
        validated_state: { type: state.type, name: state.name, message: '', state_details: {} },
      },
      id: state.id,
    }, nowUs)
  }

  #addEvents(events: Row[]): BareAnswer {
    const nowUs = nowMicroseconds()
    for (const event of events) this.#addEvent(event, nowUs)
    return { status: 204, json: '' }
  }

  #addEvent(event: Row, nowUs: number): void {
    const occurredUs = parseIso(event.occurred)!
    const resourceId = event.resource['prefect.resource.id']
    const row = this.#get(`insert into event (id, occurred, received, event, resource_id, body) values (?, ?, ?, ?, ?, ?)
      on conflict (id) do nothing returning seq`,
    event.id, occurredUs, nowUs, event.event, resourceId, JSON.stringify({ ...event, received: formatIso(nowUs) }))
    if (!row) return
    const params: Param[] = [resourceId, occurredUs, row.seq, '']
    let text = 'insert into event_resource (resource_id, occurred, event_seq, role) values (?, ?, ?, ?)'
    for (const related of event.related) {
      text += ', (?, ?, ?, ?)'
      params.push(related['prefect.resource.id'], occurredUs, row.seq, related['prefect.resource.role'])
    }
    this.#run(text, ...params)
  }

  #addLogs(logs: Row[]): BareAnswer {
    const nowUs = nowMicroseconds()
    for (const log of logs) {
      this.#run(`insert into log (id, created, name, level, message, timestamp, flow_run_id, task_run_id) values (?, ?, ?, ?, ?, ?, ?, ?)`,
        newUuid7(Date.now()), nowUs, log.name, log.level, log.message, parseIso(log.timestamp)!, log.flow_run_id ?? null,
        log.task_run_id ?? null)
    }
    return { status: 201, json: 'null' }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) this.#statements.set(sql, (statement = this.db.prepare(sql)))
    return statement
  }

  #run(sql: string, ...params: Param[]): void {
    this.#statement(sql).run(...params)
  }

  #get(sql: string, ...params: Param[]): Row | undefined {
    return this.#statement(sql).get(...params) as Row | undefined
  }
}

const JSON_COLUMNS = new Set(['parameters', 'context', 'empirical_policy', 'tags', 'labels', 'job_variables', 'state', 'created_by'])
const TIME_COLUMNS = new Set(['created', 'updated', 'expected_start_time', 'next_scheduled_start_time', 'start_time', 'end_time'])

/** The run as on the wire: documents are spliced in as the text they are stored as. */
function runJson(row: Row): string {
  let json = ''
  for (const name in row) {
    const value = row[name]
    json += `,"${name}":`
    if (value === null) json += 'null'
    else if (JSON_COLUMNS.has(name)) json += value
    else if (TIME_COLUMNS.has(name)) json += `"${formatIso(value)}"`
    else json += typeof value === 'number' ? value : JSON.stringify(value)
  }
  return `{${json.slice(1)},"estimated_run_time":${row.total_run_time},"estimated_start_time_delta":0}`
}

/** A run's states must differ in time, and two can fall into one millisecond. */
function nowMicroseconds(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1000)
}
