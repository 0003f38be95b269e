/** Orders by version, the newest first; numbers within it count as numbers (1.10 after 1.9). Nothing is older than any version. */
export function newestFirst(a: { version?: string | null }, b: { version?: string | null }): number {
  return (b.version ?? '').localeCompare(a.version ?? '', 'en', { numeric: true });
}
