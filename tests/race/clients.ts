/** What many clients at once got: how often each status, and what the answers said. */
export interface Told {
  statuses: Map<number, number>;
  faults: string[];
}

export const atOnce = 16;

export function told(): Told {
  return { statuses: new Map(), faults: [] };
}

export function tell({ statuses, faults }: Told, status: number, text: string): void {
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
  if (status >= 500) faults.push(`${status}: ${text.slice(0, 300)}`);
}

/** Lets every client do its work at the same time. */
export async function all(work: (client: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: atOnce }, (_, client) => work(client)));
}
