import { round } from '../lib/samples.ts'
import type { Target } from '../targets.ts'
import { kernelQueuesMiB, kernelTcpMiB } from './server-process.ts'

const PERIOD_MS = 1000

/** Looks at a server's memory, at what the kernel holds for its peers, and at the kernel's memory for all TCP of the machine, once a second. */
export class MemoryWatch {
  readonly #target: Target
  readonly #timer: NodeJS.Timeout
  readonly #memoryMiB: number[] = []
  #kernelQueuesMiB = 0
  #kernelTcpMiB = 0
  readonly #beforeMiB: number
  readonly #machineBeforeMiB: number

  constructor(target: Target) {
    this.#target = target
    this.#beforeMiB = target.memoryMiB()
    this.#machineBeforeMiB = kernelTcpMiB()
    this.#timer = setInterval(() => this.#look(), PERIOD_MS)
  }

  #look(): void {
    this.#memoryMiB.push(this.#target.memoryMiB())
    this.#kernelQueuesMiB = Math.max(this.#kernelQueuesMiB, kernelQueuesMiB(this.#target))
    this.#kernelTcpMiB = Math.max(this.#kernelTcpMiB, kernelTcpMiB())
  }

  stop() {
    clearInterval(this.#timer)
    this.#look()
    return {
      memoryBeforeMiB: this.#beforeMiB, memoryMostMiB: Math.max(...this.#memoryMiB), memoryLastMiB: this.#memoryMiB.at(-1)!,
      kernelQueuesMostMiB: this.#kernelQueuesMiB, machineTcpBeforeMiB: this.#machineBeforeMiB, machineTcpMostMiB: this.#kernelTcpMiB,
    }
  }

  /** At most `points` of what was seen, evenly apart. */
  series(points: number): number[] {
    const every = Math.max(1, Math.ceil(this.#memoryMiB.length / points))
    return this.#memoryMiB.filter((_, n) => n % every === 0).map(round)
  }
}
