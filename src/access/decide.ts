import { fail, ok, type Result } from '../base/errors.ts';
import type { Visibility } from '../store/types.ts';
import type { Interaction, Principal, Scope } from './types.ts';

/**
 * May this principal do this, and to what? Every path asks here. Anything not clearly granted is refused.
 *
 * Levels: `system/` belongs to clients, never to a person; `user/` needs a known person behind the token; `patient/` needs a
 * launch patient in the token. A scope whose level lacks what it needs counts as not there: a token that says `patient/`
 * without naming a patient must reach nobody, not everybody.
 */
function usable(principal: Principal, scope: Scope): boolean {
  if (scope.level === 'patient') return (principal.patientId ?? '') !== '';
  if (scope.level === 'user') return principal.kind === 'user' && (principal.fhirUser ?? '') !== '';
  return principal.kind !== 'user';
}

function granting(principal: Principal, interaction: Interaction): Scope[] {
  return principal.scopes.filter((scope) => scope.interactions.has(interaction) && usable(principal, scope));
}

/** True when some scope of the principal allows the interaction on the type (a resource type name, never `*`). */
export function may(principal: Principal, type: string, interaction: Interaction): boolean {
  return granting(principal, interaction).some((scope) => scope.type === '*' || scope.type === type);
}

/**
 * What the principal can see through this interaction, over all types: for the store to put into its SQL.
 *
 * A Visibility has one patient limit. When patient/ scopes take part, that limit holds for every compartment type, also for
 * those that a user/ or system/ scope of the same token would open further: less than the union, never more. A token that
 * needs more than one child is to be asked for without patient/ scopes.
 */
export function visibilityOf(principal: Principal, interaction: Interaction): Visibility {
  const scopes = granting(principal, interaction);
  const types = scopes.some((scope) => scope.type === '*') ? 'any' : new Set(scopes.map((scope) => scope.type));
  const limited = scopes.some((scope) => scope.level === 'patient');
  return limited && principal.patientId !== undefined
    ? { kind: 'limited', types, patientId: principal.patientId }
    : { kind: 'limited', types };
}

const verbs: Record<Interaction, string> = {
  c: 'creating',
  r: 'reading',
  u: 'updating',
  d: 'deleting',
  s: 'searching',
};

/**
 * The visibility for one interaction on one type, or `forbidden` when no scope covers it. The answer depends on the token alone,
 * not on what is stored, so a refusal tells nothing about a record.
 */
export function authorize(principal: Principal, type: string, interaction: Interaction): Result<Visibility> {
  if (may(principal, type, interaction)) return ok(visibilityOf(principal, interaction));
  return fail('forbidden', `The access token's scopes do not allow ${verbs[interaction]} ${type}.`);
}
