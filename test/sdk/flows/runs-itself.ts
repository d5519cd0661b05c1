import { flow, task } from '@spillway/sdk'

const double = task({ name: 'double', isolate: 'thread' }, (n: number) => 2 * n)
const whole = flow({ name: 'whole' }, async () => await double(21))
console.log(`it gave ${await whole({})}`)
