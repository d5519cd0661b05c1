export function run(
  command: string,
  args: readonly string[],
  options?: { label?: string; env?: Record<string, string>; cwd?: string },
): Promise<string>
