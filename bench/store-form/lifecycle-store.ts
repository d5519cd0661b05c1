import { randomUUID } from 'node:crypto'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** One command as it travels from the connection thread to the store. */
export interface Command {
  name: 'create' | 'setState'
  id: string | null
  /** The request's body: its text, or in form f the parsed object. */
  body: string | object
}

export interface Answer {
  status: number
  json: string
}

/** A store with the rows of a flow run's life in small: run, states, events; and a group commit over them. */
export class LifecycleStore {
  readonly db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #uuidCounter = 0

  /** @param busyMs How long a write waits for a foreign lock: this blocks the calling thread. */
  constructor(path: string, busyMs: number) {
    this.db = new DatabaseSync(path, { timeout: busyMs })
    this.db.exec(`pragma journal_mode = wal; pragma synchronous = full;
      create table if not exists flow_run (id text primary key, created integer, updated integer, name text, flow_id text,
        state_id text, state_type text, state_name text, state_timestamp integer, run_count integer, expected_start_time integer,
        start_time integer, end_time integer, total_run_time real, parameters text, tags text, context text, labels text) without rowid;
      create table if not exists flow_run_state (id text primary key, flow_run_id text, type text, timestamp integer, name text,
        message text, state_details text, data text) without rowid;
      create index if not exists flow_run_state_run on flow_run_state (flow_run_id, timestamp);
      create index if not exists flow_run_expected on flow_run (state_type, expected_start_time);
      create index if not exists flow_run_flow on flow_run (flow_id);
      create table if not exists events (seq integer primary key autoincrement, id text, occurred integer, event text,
        resource_id text, resource text, related text, payload text);
      create index if not exists events_occurred on events (occurred);`)
  }

  /**
   * Runs the commands of one group, each in its savepoint, and commits them together. A command that throws fails alone.
   * With `group` false every command has a transaction of its own.
   */
  async run(commands: readonly Command[], group: boolean): Promise<Answer[]> {
    const answers: Answer[] = []
    if (group) this.#run('begin immediate')
    for (const command of commands) {
      this.#run(group ? 'savepoint command' : 'begin immediate')
      try {
        answers.push(await this.#perform(command))
        this.#run(group ? 'release command' : 'commit')
      } catch (error) {
        this.#run(group ? 'rollback to command' : 'rollback')
        if (group) this.#run('release command')
        answers.push({ status: 500, json: JSON.stringify({ detail: String(error) }) })
      }
    }
    if (group) this.#run('commit')
    return answers
  }

  /** Keeps this thread in one SQL statement for so long: a stand-in for a heavy list. */
  readFor(ms: number): void {
    const endMs = performance.now() + ms
    this.db.function('still_reading', { deterministic: false }, () => (performance.now() < endMs ? 1 : 0))
    this.db.prepare('with recursive c(n) as (select 1 union all select n + 1 from c where still_reading()) select count(*) from c').get()
  }

  async #perform(command: Command): Promise<Answer> {
    const body = typeof command.body === 'string' ? JSON.parse(command.body) : command.body
    return command.name === 'create' ? this.#create(body) : this.#setState(command.id!, body)
  }

  async #create(body: any): Promise<Answer> {
    const nowUs = Date.now() * 1000
    const id = this.#newId()
    this.#run('insert into flow_run values (?, ?, ?, ?, ?, null, null, null, null, 0, ?, null, null, 0, ?, ?, ?, ?)', id, nowUs, nowUs,
      body.name, body.flow_id, nowUs, JSON.stringify(body.parameters), JSON.stringify(body.tags), JSON.stringify(body.context),
      JSON.stringify(body.labels))
    const state = await this.#writeState(id, body.state, nowUs, 0, null, null)
    return { status: 201, json: JSON.stringify({ ...body, id, created: nowUs, updated: nowUs, run_count: 0, state }) }
  }

  async #setState(id: string, body: any): Promise<Answer> {
    const run = this.#statement('select * from flow_run where id = ?').get(id) as any
    if (!run) return { status: 404, json: '{"detail":"Flow run not found"}' }
    const initial = this.#statement('select * from flow_run_state where id = ?').get(run.state_id) as any
    const details = JSON.parse(initial.state_details)
    const nowUs = Date.now() * 1000
    const running = body.state.type === 'RUNNING'
    const state = await this.#writeState(id, { ...body.state, state_details: { ...details, ...body.state.state_details } }, nowUs,
      running ? 1 : run.run_count, running ? nowUs : run.start_time, running ? null : nowUs)
    return { status: 201, json: JSON.stringify({ state, status: 'ACCEPT', details: { type: 'accept_details' } }) }
  }

  async #writeState(runId: string, proposed: any, nowUs: number, runCount: number, startUs: number | null, endUs: number | null) {
    const state = { ...proposed, id: this.#newId(), timestamp: nowUs }
    this.#run('insert into flow_run_state values (?, ?, ?, ?, ?, ?, ?, ?)', state.id, runId, state.type, nowUs, state.name,
      state.message ?? null, JSON.stringify(state.state_details ?? {}), JSON.stringify(state.data ?? null))
    this.#run(`update flow_run set state_id = ?, state_type = ?, state_name = ?, state_timestamp = ?, run_count = ?, start_time = ?,
      end_time = ?, updated = ? where id = ?`, state.id, state.type, state.name, nowUs, runCount, startUs, endUs, nowUs, runId)
    const resourceId = `prefect.flow-run.${runId}`
    this.#run('insert into events (id, occurred, event, resource_id, resource, related, payload) values (?, ?, ?, ?, ?, ?, ?)',
      this.#newId(), nowUs, `prefect.flow-run.${state.name}`, resourceId,
      JSON.stringify({ 'prefect.resource.id': resourceId, 'prefect.resource.name': 'steady-otter', 'prefect.state-type': state.type }),
      JSON.stringify([{ 'prefect.resource.id': 'prefect.flow.0193', 'prefect.resource.role': 'flow', 'prefect.resource.name': 'bench' }]),
      JSON.stringify({ intended: { from: 'PENDING', to: state.type }, validated_state: state, filler: FILLER }))
    return state
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) this.#statements.set(sql, (statement = this.db.prepare(sql)))
    return statement
  }

  #run(sql: string, ...params: (string | number | null)[]): void {
    this.#statement(sql).run(...params)
  }

  /** Time-ordered, so that an index grows at its end. */
  #newId(): string {
    const time = Date.now().toString(16).padStart(12, '0')
    const counter = (this.#uuidCounter = (this.#uuidCounter + 1) & 0xfff).toString(16).padStart(3, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-${randomUUID().slice(19)}`
  }
}

/** Brings an event row to about 1 KB, as the server's own events are. */
const FILLER = 'x'.repeat(400)
