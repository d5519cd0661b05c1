import { ordinaryScripts } from './scripts.ts'
import { describeClient } from './suite.ts'

/** `flow-run ls` and its like list everything there is, so the command line has a server of its own. */
const elsewhere = new Set(['cli'])

describeClient('3.8.8', ordinaryScripts().filter((name) => !elsewhere.has(name)))
