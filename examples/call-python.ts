// A Python flow called from TypeScript: it runs where its deployment says, shows in the graph of the flow that calls it, and
// its JSON result is read here. Its parameters have types, which `spillway generate` has made of the deployment: a city that
// is a number, or a unit that there is not, does not compile.
//
//     python examples/call_python.py    # serves the deployment forecast/prod
//     spillway generate --deployment forecast/prod --out examples/call-python.generated.ts
//     node examples/call-python.ts
import { flow, task } from '@spillway/sdk'
import { deployments } from './call-python.generated.ts'

interface Forecast {
  readonly city: string
  readonly day: number
  readonly degrees: number
}

const warmest = task({ name: 'warmest' }, (days: readonly Forecast[]) => days.toSorted((a, b) => b.degrees - a.degrees)[0]!)

export const tripPlan = flow({ name: 'trip-plan' }, async (input: { cities: string[] }) => {
  const runs = await Promise.all(input.cities.map((city) => deployments['forecast/prod'].run<Forecast[]>({ city, days: 5, unit: 'celsius' }, { timeout: '5m' })))
  const forecasts = await Promise.all(runs.map((run) => run.result()))
  return await warmest(forecasts.flat())
})

if (process.argv[1] === import.meta.filename) console.log(await tripPlan({ cities: ['Lyon', 'Porto'] }))
