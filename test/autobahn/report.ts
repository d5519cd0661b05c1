import { readFileSync } from 'node:fs'
import path from 'node:path'

/** What Autobahn found in one case: how the messages went, and how the connection ended. */
export interface CaseReport {
  id: string
  behavior: string
  behaviorClose: string
  /** What the case is about, and what happened. */
  description: string
}

interface Index {
  [agent: string]: { [id: string]: { behavior: string; behaviorClose: string; reportfile: string } }
}

/** Reads the report that `wstest` left in a folder: one entry a case, in the order of the suite. */
export function readReport(folder: string): CaseReport[] {
  const index = JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8')) as Index
  const agents = Object.values(index)
  if (agents.length !== 1) throw new Error(`the report is about ${agents.length} servers, not one`)
  return Object.entries(agents[0]!)
    .map(([id, { behavior, behaviorClose, reportfile }]) => {
      const details = JSON.parse(readFileSync(path.join(folder, reportfile), 'utf8')) as Record<string, string>
      return { id, behavior, behaviorClose, description: `${details['description']} ${details['result']} ${details['resultClose']}` }
    })
    .sort((one, other) => compareIds(one.id, other.id))
}

function compareIds(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}
