import { flow } from '../engine/flow.ts'

export const elsewhere = flow({ name: 'namesake' }, () => 'of the fixture')
