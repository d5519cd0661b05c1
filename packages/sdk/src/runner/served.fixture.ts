import { flow } from '../engine/flow.ts'
import { getRunLogger } from '../engine/run-logger.ts'
import { task } from '../engine/task.ts'

const one = task({ name: 'one' }, () => 1)

export const counted = flow({ name: 'counted' }, async () => {
  getRunLogger().info('one after the other')
  return (await one()) + (await one())
})

export const failing = flow({ name: 'failing' }, () => {
  throw new Error('as expected')
})
