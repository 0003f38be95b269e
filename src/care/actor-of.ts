import { actorFor } from '../access/actor.ts';
import type { OperationRequest } from '../module.ts';
import type { Actor } from '../store/types.ts';

/** The caller of an operation as the one who writes, the same as in any other write of theirs. */
export function actorOf({ principal, requestId }: Pick<OperationRequest, 'principal' | 'requestId'>): Actor {
  return actorFor(principal, requestId);
}
