import { test, type TestContext } from 'node:test'
import type { Limits } from '@spillway/server/limits'

/**
 * A test that reaches one bound of limits.ts. `test/repository/limits.test.ts` looks for these calls: a bound without one
 * fails there.
 */
export function testBound(limit: keyof Limits, what: string, work: (t: TestContext) => Promise<void>): void {
  void test(`${limit}: ${what}`, work)
}
