import type { Actor } from '../store/types.ts';

/** The sync itself: the only one who may write mirrors. */
export function ehrActor(runId: string): Actor {
  return { kind: 'system', id: 'ehr', requestId: `sync-${runId}` };
}
