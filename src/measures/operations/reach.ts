import { visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { OperationRequest } from '../../module.ts';
import type { Grant, Visibility } from '../../store/types.ts';

/**
 * Whom a measure may be told of. Decided by what was granted alone, so that a refusal says nothing about records. A report says by what it
 * counts that something is there, also when the records are kept back; so who sees only some of the types that a measure reads gets none.
 */

/** What of one child's record counts for the asker. */
export interface ChildReach {
  visibility: Visibility;
  /** Every record of the types is seen. Otherwise only what is seen counts, and the report says so, whether anything is kept back or not. */
  isWhole: boolean;
  /** Where the child lives, learns and is cared for is not told to the asker, so nothing may be counted by it. */
  hidesPlaces?: boolean;
}

export function reachChild(
  { principal }: OperationRequest,
  types: readonly string[],
  patientId: string,
): Result<ChildReach> {
  const told = mayBeTold(principal);
  if (!told.ok) return told;
  const visibility = visibilityOf(principal, 'r');
  if (visibility.kind === 'all') return ok({ visibility, isWhole: true });
  const isOther = principal.patientId !== undefined && principal.patientId !== patientId;
  const reaching = visibility.grants.filter(
    ({ patients, having }) => having === undefined && (patients === undefined || patients.includes(patientId)),
  );
  const asked = [...new Set(['Patient', ...types])];
  const covers = (type: string, grants: readonly Grant[]) =>
    grants.some((grant) => grant.types === 'any' || grant.types.has(type));
  if (isOther || !asked.every((type) => covers(type, reaching))) {
    return fail('forbidden', 'This access token does not reach this subject.');
  }
  const unlimited = reaching.filter(({ hides = 0n, except = [] }) => hides === 0n && !except.includes(patientId));
  const hidesPlaces = withoutPlaces(principal).includes(patientId);
  return ok({ visibility, isWhole: !hidesPlaces && asked.every((type) => covers(type, unlimited)), hidesPlaces });
}

function withoutPlaces({ view }: OperationRequest['principal']): readonly string[] {
  return view?.redaction?.withoutWhereabouts ?? [];
}

/** What of a population counts for the asker. */
export interface PopulationReach {
  visibility: Visibility;
  /** Patients who are not there for the asker. */
  except: readonly string[];
  /** Bits of the privacy categories whose records do not count. */
  hides: bigint;
  /** Patients of whom it is not told where they are: a stratum by address would tell it. */
  withoutPlaces: readonly string[];
}

export function reachPopulation({ principal }: OperationRequest, types: readonly string[]): Result<PopulationReach> {
  const told = mayBeTold(principal);
  if (!told.ok) return told;
  const visibility = visibilityOf(principal, 'r');
  if (visibility.kind === 'all') return ok({ visibility, except: [], hides: 0n, withoutPlaces: [] });
  const refused = fail('forbidden', 'This access token reaches one patient, not a population.');
  if (principal.patientId !== undefined) return refused;
  const general = visibility.grants.filter(({ patients, having }) => patients === undefined && having === undefined);
  let hides = 0n;
  const except = new Set<string>();
  for (const type of new Set(['Patient', ...types])) {
    const covering = general.filter((grant) => grant.types === 'any' || grant.types.has(type));
    const [first, ...others] = covering;
    if (!first) return refused;
    // What one grant keeps back another may show: kept back is what all of them do.
    hides |= others.reduce((bits, grant) => bits & (grant.hides ?? 0n), first.hides ?? 0n);
    for (const id of first.except ?? []) {
      if (others.every((grant) => grant.except?.includes(id))) except.add(id);
    }
  }
  return ok({ visibility, except: [...except], hides, withoutPlaces: withoutPlaces(principal) });
}

function mayBeTold({ view }: OperationRequest['principal']): Result<void> {
  // Where versions are hidden, changes of hidden things must not show: a report would show them.
  if (view?.redaction?.rules.some(({ rule }) => rule.hidesVersions)) {
    return fail('forbidden', 'Reports on measures are not told to families.');
  }
  return ok(undefined);
}
