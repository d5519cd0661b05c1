// A Python flow called from TypeScript: it runs where its deployment says, shows in the graph of the flow that calls it, and
// its JSON result is read here, with types.
//
//     python examples/call_python.py    # serves the deployment forecast/prod
//     node examples/call-python.ts
import { flow, runDeployment, task } from '@spillway/sdk'

interface Forecast {
  readonly city: string
  readonly day: number
  readonly celsius: number
}

const warmest = task({ name: 'warmest' }, (days: readonly Forecast[]) => days.toSorted((a, b) => b.celsius - a.celsius)[0]!)

export const tripPlan = flow({ name: 'trip-plan' }, async (input: { cities: string[] }) => {
  const runs = await Promise.all(input.cities.map((city) => runDeployment<Forecast[]>('forecast/prod', { city, days: 5 }, { timeout: '5m' })))
  const forecasts = await Promise.all(runs.map((run) => run.result()))
  return await warmest(forecasts.flat())
})

if (process.argv[1] === import.meta.filename) console.log(await tripPlan({ cities: ['Lyon', 'Porto'] }))
