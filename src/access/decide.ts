import { fail, ok, type Result } from '../base/errors.ts';
import type { Grant, Visibility } from '../store/types.ts';
import { both } from './grants.ts';
import type { Interaction, Principal, Scope, View } from './types.ts';

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

/** True when some scope of the principal allows the interaction on some type. */
export function mayAny(principal: Principal, interaction: Interaction): boolean {
  return granting(principal, interaction).length > 0;
}

/**
 * What the principal can see through this interaction, over all types: for the store to put into its SQL. It is what the scopes grant and
 * the view leaves: every pair of the two. A person without a view sees nothing.
 */
export function visibilityOf(principal: Principal, interaction: Interaction): Visibility {
  const granted = grantsOf(principal, granting(principal, interaction));
  const { view, kind } = principal;
  if (view === undefined) return { kind: 'limited', grants: kind === 'user' ? [] : granted };
  return {
    kind: 'limited',
    grants: granted.flatMap((scope) => grantsFor(view, interaction).flatMap((left) => both(scope, left) ?? [])),
  };
}

/** What the view leaves for the interaction: families read more than they write. */
function grantsFor({ grants, creates, changes }: View, interaction: Interaction): readonly Grant[] {
  if (interaction === 'c') return creates ?? grants;
  return interaction === 'u' || interaction === 'd' ? (changes ?? grants) : grants;
}

/** The scopes as grants; those that differ in nothing but their type are one. */
function grantsOf({ patientId = '' }: Principal, scopes: readonly Scope[]): Grant[] {
  const [plain, granular] = [scopes.filter(({ having }) => !having), scopes.filter(({ having }) => having)];
  const levels = [plain.filter(({ level }) => level !== 'patient'), plain.filter(({ level }) => level === 'patient')];
  return [...levels, ...granular.map((scope) => [scope])].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const types = same.some(({ type }) => type === '*') ? ('any' as const) : new Set(same.map(({ type }) => type));
    const { level, having } = first;
    return [{ types, ...(level === 'patient' && { patients: [patientId] }), ...(having && { having }) }];
  });
}

/**
 * What the principal is told, some records in part: for who answers with what a read or a search gives, and makes nothing else of it. Whoever asks
 * without this gets what is seen whole.
 */
export function toldTo(principal: Principal, visibility: Visibility): Visibility {
  const partly = principal.view?.partly;
  return visibility.kind === 'limited' && partly ? { ...visibility, partly } : visibility;
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

/** All bits that a category can have. */
const everyCategory = (1n << 62n) - 1n;

/**
 * Of what a document, a page, or an answer in other words than the records' own is made for this reader. Labels stand on records, and these have none:
 * so what a partner is told only with its labels is told in none of them.
 */
export function visibleInDocuments(principal: Principal, interaction: Interaction = 'r'): Visibility {
  const seen = visibilityOf(principal, interaction);
  if (!principal.view?.partner) return seen;
  if (seen.kind !== 'limited') return { kind: 'limited', grants: [] };
  return { ...seen, grants: seen.grants.map((grant) => ({ ...grant, hides: everyCategory })) };
}
