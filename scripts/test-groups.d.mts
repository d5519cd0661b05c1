export interface TestGroup {
  title: string
  needs: string[]
  files: string[]
  atOnce: number
  isChecked: boolean
  lock: string | undefined
  timeoutMs: number
}
export const shared: TestGroup[]
export const paired: TestGroup[]
export const alone: TestGroup[]
