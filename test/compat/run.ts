import { parseArgs } from 'node:util'
import { lastLines } from './last-lines.ts'
import { startRealPrefect } from './real-prefect.ts'
import { heavyScripts, ordinaryScripts, runScript } from './scripts.ts'
import { startSpillway } from './spillway.ts'
import type { Target } from './target.ts'

const timeoutMs = 1_200_000

/**
 * Runs chosen scripts of flows/ one after the other (all ordinary ones when none is named) and prints what came of
 * each.
 *
 * @returns the exit code: 0 when all passed
 */
export async function runChosen(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      prefect: { type: 'string', default: '3.8.8' },
      real: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
    },
  })
  const known = [...ordinaryScripts(), ...heavyScripts()]
  const names = positionals.length > 0 ? positionals.map((name) => name.replace(/\.py$/, '')) : ordinaryScripts()
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`no such script: ${unknown.join(' ')}; there are ${known.join(' ')}`)

  const target = await chooseTarget(values)
  let failed = 0
  try {
    for (const name of names) {
      // Settings in the environment of this command reach the scripts: COMPAT_TASKS and the like.
      const result = await runScript({ name, apiUrl: target.apiUrl, prefectVersion: values.prefect, timeoutMs })
      console.log(`${result.ok ? 'ok  ' : 'FAIL'} ${name} ${result.seconds.toFixed(1)} s`)
      if (values.verbose) console.log(indent(result.output))
      else if (!result.ok) console.log(indent(lastLines(result.output, 60)))
      else for (const line of measurements(result.output)) console.log(`     ${line}`)
      if (!result.ok) failed += 1
    }
  } finally {
    await target.stop()
  }
  console.log(`${names.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function chooseTarget(values: { url?: string; prefect: string; real: boolean }): Promise<Target> {
  if (values.real) return await startRealPrefect({ version: values.prefect })
  if (values.url === undefined) return await startSpillway()
  return { apiUrl: values.url.replace(/\/$/, ''), pid: 0, homeDir: '', output: () => '', stop: async () => {} }
}

/** Lines in which a script tells what it has measured, as JSON. */
function measurements(output: string): string[] {
  return output.split('\n').filter((line) => line.startsWith('{"'))
}

function indent(text: string): string {
  return text.split('\n').map((line) => `     ${line}`).join('\n')
}
