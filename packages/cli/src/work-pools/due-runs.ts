import type { FlowRunResponse } from '@spillway/core/wire/flow-runs'
import type { Cli } from '../cli.ts'
import { ago, localTime } from '../times.ts'

/** Shows runs with the time at which each is due; `none` when there are none. */
export function showDueRuns(cli: Cli, runs: readonly Pick<FlowRunResponse, 'id' | 'name' | 'expected_start_time' | 'deployment_id'>[], none: string): void {
  cli.show(runs, () =>
    cli.table(
      runs,
      [
        { title: 'Scheduled', text: (run) => (run.expected_start_time == null ? '' : localTime(run.expected_start_time)) },
        { title: '', text: (run) => ago(run.expected_start_time) },
        { title: 'Name', text: (run) => run.name ?? '' },
        { title: 'ID', text: (run) => run.id, isWhole: true },
        { title: 'Deployment', text: (run) => run.deployment_id ?? '' },
      ],
      none,
    ),
  )
}
