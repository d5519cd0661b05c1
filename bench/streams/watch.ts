import { round } from '../lib/samples.ts'
import type { Target } from '../targets.ts'
import { kernelTcpMiB } from './server-process.ts'

const PERIOD_MS = 1000

/** Looks at a server's memory, and at the kernel's for TCP, once a second. */
export class MemoryWatch {
  readonly #target: Target
  readonly #timer: NodeJS.Timeout
  readonly #memoryMiB: number[] = []
  #kernelMiB = 0
  readonly beforeMiB: number
  readonly kernelBeforeMiB: number

  constructor(target: Target) {
    this.#target = target
    this.beforeMiB = target.memoryMiB()
    this.kernelBeforeMiB = kernelTcpMiB()
    this.#timer = setInterval(() => this.#look(), PERIOD_MS)
  }

  #look(): void {
    this.#memoryMiB.push(this.#target.memoryMiB())
    this.#kernelMiB = Math.max(this.#kernelMiB, kernelTcpMiB())
  }

  stop(): { memoryBeforeMiB: number; memoryMostMiB: number; memoryLastMiB: number; kernelBeforeMiB: number; kernelMostMiB: number } {
    clearInterval(this.#timer)
    this.#look()
    return {
      memoryBeforeMiB: this.beforeMiB, memoryMostMiB: Math.max(...this.#memoryMiB), memoryLastMiB: this.#memoryMiB.at(-1)!,
      kernelBeforeMiB: this.kernelBeforeMiB, kernelMostMiB: this.#kernelMiB,
    }
  }

  /** At most `points` of what was seen, evenly apart. */
  series(points: number): number[] {
    const every = Math.max(1, Math.ceil(this.#memoryMiB.length / points))
    return this.#memoryMiB.filter((_, n) => n % every === 0).map(round)
  }
}
