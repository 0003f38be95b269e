import type { Actor } from '../../store/types.ts';

/** The actor of what care writes by itself. */
export function careActor(requestId: string): Actor {
  return { kind: 'system', id: 'care', requestId };
}

export function isCare(actor: Actor): boolean {
  return actor.kind === 'system' && actor.id === 'care';
}
