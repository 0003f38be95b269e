import type { Principal } from '../access/types.ts';
import type { Result } from '../base/errors.ts';
import type { Route } from './route.ts';

const letters: Partial<Record<Route['name'], string>> = {
  create: 'c',
  read: 'r',
  vread: 'r',
  history: 'r',
  update: 'u',
  patch: 'u',
  delete: 'd',
  search: 's',
  'history-type': 's',
};

/**
 * The scope that a refused request would have needed (RFC 6750, 3.1: `scope` of the challenge), of the level that its caller has. It is
 * made from the address alone. Undefined where it takes more than one scope.
 */
export function neededScope(route: Result<Route>, principal: Principal | undefined): string | undefined {
  if (!route.ok || !principal || !('type' in route.value)) return undefined;
  const letter = letters[route.value.name];
  const level = principal.kind === 'client' ? 'system' : principal.patientId === undefined ? 'user' : 'patient';
  return letter && `${level}/${route.value.type}.${letter}`;
}
