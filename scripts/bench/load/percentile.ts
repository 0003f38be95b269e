/** The p-th percentile of sorted milliseconds (nearest rank), to a hundredth; 0 of nothing. */
export function percentile(sorted: readonly number[], p: number): number {
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1));
  return Number((sorted[at] ?? 0).toFixed(2));
}
