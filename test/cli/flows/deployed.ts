// Flows that the tests of the command deploy.
import { z } from 'zod'
import { flow } from '../../../packages/sdk/src/index.ts'

export const countWords = flow(
  { name: 'count-words', description: 'Counts words.', tags: ['text'], version: '7', params: z.object({ text: z.string(), least: z.int().default(1) }), result: { persist: true } },
  async ({ text, least }) => text.split(' ').filter((word) => word.length >= least).length,
)

export const failing = flow({ name: 'failing' }, async () => {
  throw new Error('as it should')
})
