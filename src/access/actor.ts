import type { Actor } from '../store/types.ts';
import { visibilityOf } from './decide.ts';
import type { Principal } from './types.ts';

/** The principal as the one who writes: what the change log says of it, and what the rules of a write may tell it of. */
export function actorFor(principal: Principal, requestId: string): Actor {
  const { kind, id, clientId } = principal;
  const sees = () => visibilityOf(principal, 'r');
  return { kind: kind === 'user' ? 'user' : 'client', id, clientId, requestId, sees };
}
