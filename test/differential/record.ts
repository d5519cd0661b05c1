import { startRealPrefect } from '../compat/real-prefect.ts'
import { parseChosen } from './arguments.ts'
import { inPairs } from './in-pairs.ts'
import { writeRecording } from './recording.ts'
import { commonSettings, runList } from './run.ts'

/** Runs each chosen list against a fresh real server and keeps the answers in recorded/. */
export async function recordLists(args: string[]): Promise<void> {
  const { version, lists } = parseChosen(args)
  await inPairs(lists, async (list) => {
    const target = await startRealPrefect({ version, env: { ...commonSettings, ...list.env } })
    try {
      const exchanges = await runList(list, target.apiUrl, { repeatUnavailable: true })
      writeRecording(version, list.name, exchanges)
      const broken = exchanges.filter(({ answer }) => answer.status === 0)
      const note = broken.length > 0 ? `, ${broken.length} without an answer` : ''
      console.log(`${list.name}: ${exchanges.length} calls recorded${note}`)
    } finally {
      await target.stop()
    }
  })
}
