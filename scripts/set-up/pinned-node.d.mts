export function continueOnPinnedNode(): void
