/** An answer, or none at all: the connection broke, or there was nobody to connect to. */
export interface Posted {
  status: number | undefined
  headers?: Headers
}

export async function postJson(url: string, body: unknown): Promise<Posted> {
  try {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    await answer.arrayBuffer()
    return { status: answer.status, headers: answer.headers }
  } catch {
    return { status: undefined }
  }
}

async function created(url: string, body: unknown): Promise<string> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return ((await answer.json()) as { id: string }).id
}

/** Makes so many runs that are Pending. */
export async function startRuns(url: string, count: number): Promise<string[]> {
  const flow = await created(`${url}/api/flows/`, { name: 'lifecycle' })
  return Promise.all(Array.from({ length: count }, () => created(`${url}/api/flow_runs/`, { flow_id: flow, state: { type: 'PENDING', name: 'Pending' } })))
}

export async function stateOf(url: string, run: string): Promise<string> {
  const answer = await fetch(`${url}/api/flow_runs/${run}`)
  return ((await answer.json()) as { state_type: string }).state_type
}
