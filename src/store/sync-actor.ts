import type { Actor } from './types.ts';

/** True for the sync, which writes mirrors: as the EHR sent them, by no rule of ours. Nobody else may. */
export function isSync(actor: Actor): boolean {
  return actor.kind === 'system' && actor.id === 'ehr';
}
