import { after } from 'node:test'

const endings: (() => unknown)[] = []

// Registered while the test file is loaded: what a hook registers ends with the hook.
after(async () => {
  for (const end of endings.reverse()) await end()
})

/** Does something when all tests of the file are over; what was asked for last comes first. */
export function atEnd(end: () => unknown): void {
  endings.push(end)
}
