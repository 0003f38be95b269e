import { ok, type Result } from '../../base/errors.ts';
import { isCoachingSession } from '../../fhir/coaching.ts';
import { scoreOf } from '../../fhir/goal-scale.ts';
import { isSame } from '../../fhir/merge/three-way.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { seesAll, type Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { concludeWritten } from '../written-here.ts';

const rule = 'coaching-progress';
const noProgressUrl = `${canonicalBase}/StructureDefinition/no-goal-progress-reason`;

type Session = Resource & (r4.Encounter | r4.Communication);

/**
 * A coaching session that is over has moved a goal, or says why not (row S4.2): a goal of the child was changed or scored together with it, a score
 * names the session as its encounter or is what the message is about, or the extension no-goal-progress-reason says what was in the way.
 */
export const concludeCoachingVisit = concludeWritten(rule, 'Encounter', (after, before, tx) => {
  const isOver = isOfType(after, 'Encounter') && after.status === 'finished';
  const was = isOfType(before, 'Encounter') && isCoachingSession(before) && before.status === 'finished';
  if (!isOver || was || !isCoachingSession(after)) return Promise.resolve(ok(undefined));
  return progressOf(after, tx);
});

/** The same of a session by telephone, message or video that is written down as Communication. */
export const concludeCoachingMessage = concludeWritten(rule, 'Communication', (after, before, tx) => {
  const isOver = isOfType(after, 'Communication') && after.status === 'completed';
  const was = isOfType(before, 'Communication') && isCoachingSession(before) && before.status === 'completed';
  if (!isOver || was || !isCoachingSession(after)) return Promise.resolve(ok(undefined));
  return progressOf(after, tx);
});

async function progressOf(session: Session, tx: Tx): Promise<Result<void>> {
  const why = session.extension?.find(({ url }) => url === noProgressUrl)?.valueString;
  if (why?.trim()) return ok(undefined);
  const child = localId(session.subject, 'Patient');
  if (child !== undefined && (movedNow(child, tx) || (await scoredIn(session, child, tx)))) return ok(undefined);
  const text =
    'A coaching session updates the progress of at least one goal of the child, or says in the extension no-goal-progress-reason why not.';
  return refuse(rule, text, `${session.resourceType}.extension`);
}

const progress = [
  'achievementStatus',
  'lifecycleStatus',
  'statusDate',
  'outcomeCode',
  'outcomeReference',
  'note',
] as const;

function movedNow(child: string, tx: Tx): boolean {
  return tx.changes.some(({ before, after }) => {
    if (isScoreOf(after, child)) return true;
    if (!isOfType(after, 'Goal') || !isOfType(before, 'Goal') || localId(after.subject, 'Patient') !== child)
      return false;
    return progress.some((element) => !isSame(before[element], after[element]));
  });
}

function isScoreOf(resource: Resource | undefined, child: string): boolean {
  const score = scoreOf(resource);
  if (!isOfType(resource, 'Observation') || score === undefined || resource.status === 'entered-in-error') return false;
  return score.voice !== 'baseline' && localId(resource.subject, 'Patient') === child;
}

const encounter = { code: 'encounter', kind: 'reference', expression: 'Observation.encounter' } as const;

async function scoredIn(session: Session, child: string, tx: Tx): Promise<boolean> {
  if (isOfType(session, 'Communication')) {
    const ids = (session.about ?? []).flatMap((one) => localId(one, 'Observation') ?? []);
    for (const id of ids) if (isScoreOf(currentOf(await tx.read('Observation', id)), child)) return true;
    return false;
  }
  const values = [{ kind: 'reference', type: 'Encounter', id: session.id ?? '' }] as const;
  const found = await tx.search(
    {
      type: 'Observation',
      filters: [{ kind: 'filter', param: encounter, values: [...values] }],
      includes: [],
      revincludes: [],
      sort: [],
      count: 100,
      total: 'none',
    },
    seesAll,
  );
  return found.ok && found.value.matches.some((one) => isScoreOf(resourceOf(one), child));
}
