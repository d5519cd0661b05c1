import { startRealPrefect } from '../compat/real-prefect.ts'
import { startSpillway } from '../compat/spillway.ts'
import type { Target } from '../compat/target.ts'
import { parseChosen } from './arguments.ts'
import { inPairs } from './in-pairs.ts'
import { explain, judge } from './judge.ts'
import { commonSettings, runList, spillwaySettings } from './run.ts'

/** Compares each chosen list live; the exit code is 1 when a difference is unexplained. */
export async function compareLive(args: string[]): Promise<number> {
  const { version, against, lists } = parseChosen(args)
  let unexplained = 0
  await inPairs(lists, async (list) => {
    const env = { ...commonSettings, ...list.env }
    const real = await startRealPrefect({ version, env })
    try {
      const other = await startOther(against, version, env)
      try {
        const expected = await runList(list, real.apiUrl, { repeatUnavailable: true })
        const actual = await runList(list, other.apiUrl, { repeatUnavailable: against === 'real' })
        const verdict = judge(list, expected, actual)
        unexplained += verdict.unexplained.length
        console.log(explain(verdict))
      } finally {
        await other.stop()
      }
    } finally {
      await real.stop()
    }
  })
  return unexplained === 0 ? 0 : 1
}

async function startOther(against: string, version: string, env: Record<string, string>): Promise<Target> {
  if (against === 'spillway') return await startSpillway({ env: { ...env, ...spillwaySettings } })
  if (against === 'real') return await startRealPrefect({ version, env })
  return { apiUrl: against, pid: 0, homeDir: '', output: () => '', stop: async () => {} }
}
