import { ordinaryScripts } from './scripts.ts'
import { describeClient } from './suite.ts'

/** The slowest first, so that the pairs end together. */
const slowFirst = ['schedule', 'deployments', 'worker', 'suspend_resume', 'failures', 'pause_resume', 'limits']

/** `flow-run ls` and its like list everything there is, so the command line has a server of its own. */
const alone = new Set(['cli'])

function inOrder(names: string[]): string[] {
  const rank = (name: string): number => (slowFirst.includes(name) ? slowFirst.indexOf(name) : slowFirst.length)
  return names.filter((name) => !alone.has(name)).sort((a, b) => rank(a) - rank(b))
}

describeClient('3.8.8', inOrder(ordinaryScripts()))
