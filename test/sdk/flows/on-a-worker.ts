// Flows that workers run, ours and stock ones.
import { z } from 'zod'
import { flow, task } from '../../../packages/sdk/src/index.ts'

const shout = task({ name: 'shout' }, (text: string) => text.toUpperCase())

export const shouts = flow({ name: 'ts-shouts', params: z.object({ text: z.string() }), result: { persist: true } }, async ({ text }) => ({ text: await shout(text) }))
