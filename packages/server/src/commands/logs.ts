import { parseIso } from '@spillway/core/wire/time'
import type { LogCreate } from '@spillway/core/wire/logs'
import { created } from '../storage/answers.ts'
import type { Answer, SqlParam, Tx } from '../storage/port.ts'
import { encodeLog } from '../storage/rows/logs.ts'

/** Rows of one INSERT: few enough statement texts for the cache, few enough parameters for any driver. */
const rowsPerStatement = 50
const oneRow = '(?, ?, ?, ?, ?, ?, ?, ?)'
const columns = 'id, created, name, level, message, timestamp, flow_run_id, task_run_id'

/** Stores log lines in the order given. NUL characters are removed: PostgreSQL cannot store them, and nobody reads them. */
async function createLogs(tx: Tx, args: { logs: readonly LogCreate[]; publish: boolean }): Promise<Answer> {
  for (let start = 0; start < args.logs.length; start += rowsPerStatement) {
    const logs = args.logs.slice(start, start + rowsPerStatement)
    const params: SqlParam[] = []
    for (const log of logs) {
      params.push(
        tx.newId(),
        tx.nowUs,
        log.name.replaceAll('\0', ''),
        log.level,
        log.message.replaceAll('\0', ''),
        parseIso(log.timestamp) ?? tx.nowUs,
        log.flow_run_id ?? null,
        log.task_run_id ?? null,
      )
    }
    const values = new Array(logs.length).fill(oneRow).join(', ')
    const rows = await tx.all<{ seq: number }>(`insert into log (${columns}) values ${values} returning seq`, params)
    if (!args.publish) {
      // One note for the whole call is enough.
      if (start + rowsPerStatement >= args.logs.length) tx.publish({ topic: 'unpublished', log: 'log', seq: rows.at(-1)?.seq ?? 0 })
      continue
    }
    for (const [index, log] of logs.entries()) {
      const base = index * 8
      const body = encodeLog(
        {
          id: params[base] as string,
          created: tx.nowUs,
          name: params[base + 2] as string,
          level: log.level,
          message: params[base + 4] as string,
          timestamp: params[base + 5] as number,
          flow_run_id: log.flow_run_id ?? null,
          task_run_id: log.task_run_id ?? null,
        },
        tx.nowUs,
      )
      tx.publish({ topic: 'log', seq: rows[index]?.seq ?? 0, flowRunId: log.flow_run_id ?? null, timestampUs: params[base + 5] as number, body })
    }
  }
  return created('null')
}

export const logCommands = { createLogs }
