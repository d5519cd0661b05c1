import { ADJECTIVES, ANIMALS } from './name-words.ts'

/**
 * A generated name such as `sunny-otter`: two lower-case words joined by a dash, as runs without a name get.
 * Names are for people; two runs may have the same.
 *
 * @param random a source of numbers in [0, 1), such as `Math.random`
 */
export function generateName(random: () => number): string {
  return `${pick(ADJECTIVES, random)}-${pick(ANIMALS, random)}`
}

function pick(words: readonly string[], random: () => number): string {
  return words[Math.min(Math.floor(random() * words.length), words.length - 1)]!
}
