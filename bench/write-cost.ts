/**
 * What do the schema's parts cost on the write path? Lifecycles per second straight into the store in groups of 16 (no HTTP, no
 * threads), with the whole schema and with one part of it taken away.
 *
 *     npm run bench -- write-cost [--seconds 3] [--group 16] [--repeats 3]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { BareStore, type BareCommand } from './bare/bare-store.ts'
import { machineFacts } from './lib/machine.ts'
import { median } from './lib/samples.ts'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    group: { type: 'string', default: '16' },
    repeats: { type: 'string', default: '3' },
  },
})
const group = Number(options.group)

const secondaryIndexesOf = (table: string) => (store: BareStore): void => {
  for (const { name } of store.db.prepare("select name from sqlite_master where type = 'index' and tbl_name = ? and sql is not null").all(table)) {
    store.db.exec(`drop index "${name}"`)
  }
}

const VARIANTS: Record<string, (store: BareStore) => void> = {
  'whole schema': () => {},
  'no secondary indexes on flow_run': secondaryIndexesOf('flow_run'),
  'no secondary indexes on event': secondaryIndexesOf('event'),
  'no foreign keys': (store) => store.db.exec('pragma foreign_keys = off'),
  'event_resource without its key': (store) => store.db.exec(`drop table event_resource;
    create table event_resource (resource_id text, occurred integer, event_seq integer, role text)`),
  'checkpoint at 64 MiB of log': (store) => store.db.exec('pragma wal_autocheckpoint = 16384'),
  'cache of 64 MiB': (store) => store.db.exec('pragma cache_size = -65536'),
  'synchronous = normal': (store) => store.db.exec('pragma synchronous = normal'),
}

async function lifecyclesPerSecond(change: (store: BareStore) => void): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'))
  const store = new BareStore(join(folder, 'store.db'))
  try {
    store.migrate()
    change(store)
    const flow = JSON.parse((await store.runGroup([{ name: 'createFlow', body: '{"name":"bench"}' }]))[0]!.json)
    const state = (type: string, name: string) => ({ type, name, message: null, data: null, state_details: {} })
    const create = JSON.stringify({
      flow_id: flow.id, name: 'bench', parameters: {}, context: {}, tags: ['bench'], empirical_policy: {}, labels: {},
      state: state('PENDING', 'Pending'),
    })
    const moves = [state('RUNNING', 'Running'), state('COMPLETED', 'Completed')].map((to) => JSON.stringify({ state: to }))
    const startMs = performance.now()
    let count = 0
    for (; performance.now() - startMs < Number(options.seconds) * 1000; count += group) {
      const made = await store.runGroup(Array.from({ length: group }, (): BareCommand => ({ name: 'createRun', body: create })))
      const ids: string[] = made.map((answer) => JSON.parse(answer.json).id)
      for (const body of moves) await store.runGroup(ids.map((id) => ({ name: 'setState', id, body })))
    }
    return Math.round((count * 1000) / (performance.now() - startMs))
  } finally {
    store.db.close()
    rmSync(folder, { recursive: true })
  }
}

const rounds: Record<string, number[]> = {}
for (let repeat = 0; repeat < Number(options.repeats); repeat++) {
  for (const [name, change] of Object.entries(VARIANTS)) (rounds[name] ??= []).push(await lifecyclesPerSecond(change))
}
const figures = Object.fromEntries(Object.entries(rounds).map(([name, values]) => [name, median(values)]))
console.log(JSON.stringify({ bench: 'write-cost', machine: machineFacts(), group, lifecyclesPerSecond: figures }))
