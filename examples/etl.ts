// An ETL: rows are fetched a page at a time, at most five at once, with retries that back off; what was loaded is shown.
//
//     node examples/etl.ts
import { artifact, backoff, flow, getRunContext, getRunLogger, task } from '@spillway/sdk'
import { z } from 'zod'

interface Row {
  readonly id: number
  readonly amount: number
}

/** A source that fails now and then, as sources do: here the first attempt at every third page. */
const fetchPage = task({ name: 'fetch-page', retries: 4, retryDelay: backoff({ base: '50ms', max: '1s' }), timeout: '10s', tags: ['io'] }, async (page: number): Promise<Row[]> => {
  if (page % 3 === 0 && getRunContext().attempt === 1) throw new Error(`page ${page}: connection reset`)
  return Array.from({ length: 10 }, (_, index) => ({ id: page * 10 + index, amount: (page + 1) * index }))
})

const load = task({ name: 'load' }, (rows: Row[]) => {
  getRunLogger().info('loaded', { rows: rows.length })
  return rows.reduce((sum, row) => sum + row.amount, 0)
})

export const etl = flow(
  { name: 'etl', params: z.object({ pages: z.number().int().min(1).default(12) }), runName: ({ pages }) => `etl of ${pages} pages`, timeout: '10m' },
  async ({ pages }) => {
    const numbers = Array.from({ length: pages }, (_, page) => page)
    const fetched = await fetchPage.map(numbers, { window: 5 }).results()
    const total = await load(fetched.flat())
    await artifact.table([{ pages, rows: fetched.flat().length, total }], { key: 'etl-summary', description: 'What was loaded.' })
    return { rows: fetched.flat().length, total }
  },
)

if (process.argv[1] === import.meta.filename) console.log(await etl())
