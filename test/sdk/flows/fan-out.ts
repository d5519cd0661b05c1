// The child of a fan-out, served by a program of its own; imported as users do, so that it also runs from the built package.
import { deploymentOf, flow, serve, task } from '@spillway/sdk'

const square = task({ name: 'square' }, (x: number) => x * x)

export const child = flow({ name: 'fan-out-child', result: { persist: true } }, async ({ x }: { x: number }) => await square(x))

if (process.argv[1] === import.meta.filename) await serve(deploymentOf(child as never, { name: 'test' }), { limit: 6, pollEvery: '500ms' })
