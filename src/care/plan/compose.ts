import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { isOfType, type Typed } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { currentOf } from '../stored.ts';
import { activePlanOf, lockPlan } from './active-plan.ts';
import { keepActivities } from './keep-activities.ts';
import { keepTeam } from './keep-team.ts';
import { type Known, readKnown } from './known.ts';
import { planContent } from './plan-content.ts';
import { writeWithOrigin } from './provenance.ts';
import { referenceTo } from './references.ts';
import { readRemoved } from './removed.ts';
import { withoutDeleted } from './without-deleted.ts';

export interface ComposeOptions {
  clock: Clock;
  /**
   * A person asks: when the child's last shared plan was ended, a new one is begun. Otherwise an ended plan is left ended,
   * because a program must not undo what people decided.
   */
  begin?: boolean;
  /** Reference of the person who asked (`Practitioner/…`). */
  onBehalfOf?: string;
}

export interface Composed {
  planId: string;
  outcome: 'created' | 'updated' | 'unchanged' | 'left-alone';
}

type Plan = Resource & Typed<'CarePlan'>;

/**
 * Brings the child's one shared plan of care up to date with all that is known about the child (decisions D1, D2, D5), or makes
 * it. Composing twice writes nothing the second time; what people or EHRs put in stays in, what people took out stays out. Every version it writes has a
 * Provenance naming the sources. Errors: `not-found` without such a child; `unprocessable` when a plan waits as draft or on hold.
 */
export async function composePlan(tx: Tx, patientId: string, options: ComposeOptions): Promise<Result<Composed>> {
  await lockPlan(tx, patientId);
  const patient = currentOf(await tx.read('Patient', patientId));
  if (!isOfType(patient, 'Patient')) return fail('not-found', 'There is no such child here.');
  const known = await readKnown(tx, patient);
  if (!known.ok) return known;
  const start = await startingPoint(tx, known.value, options.begin === true);
  if (!start.ok) return start;
  const { id, existing, ended } = start.value;
  if (ended && options.begin !== true) return ok({ planId: ended.id ?? '', outcome: 'left-alone' });

  const withTeam = await keepTeam(tx, known.value, options.clock);
  if (!withTeam.ok) return withTeam;
  const tasks = await keepActivities(tx, withTeam.value, options.clock);
  if (!tasks.ok) return tasks;
  const everything: Known = { ...withTeam.value, tasks: tasks.value };
  const today = options.clock.now().toISOString().slice(0, 10);
  const kept = existing && (await withoutDeleted(tx, existing));
  const plan = planContent(id, everything, kept, today, await readRemoved(tx, id));
  if (ended && existing === undefined) plan.replaces = [referenceTo(ended)];
  const origin = { sources: sourcesFor(everything), onBehalfOf: options.onBehalfOf };
  const written = await writeWithOrigin(tx, { ...plan }, origin, options.clock);
  if (!written.ok) return written;
  const { outcome } = written.value;
  return ok({ planId: id, outcome: outcome === 'created' || outcome === 'unchanged' ? outcome : 'updated' });
}

interface StartingPoint {
  id: string;
  /** The active plan. */
  existing?: Plan;
  /** The last plan, when there is none active. */
  ended?: Plan;
}

async function startingPoint(tx: Tx, known: Known, begin: boolean): Promise<Result<StartingPoint>> {
  const active = await activePlanOf(tx, known.patientId);
  const existing = known.sharedPlans.find(({ id }) => id === active);
  if (active !== undefined && existing) return ok({ id: active, existing });
  const waiting = known.sharedPlans.find(({ status }) => status === 'draft' || status === 'on-hold');
  if (waiting && begin) {
    const text =
      'The shared plan of this child is a draft or on hold. Make it active instead of beginning a second one.';
    return refuse('one-active-shared-plan', text, 'CarePlan.status');
  }
  const ended = waiting ?? lastOf(known.sharedPlans);
  // Another plan than the ended one: that one stays as the record of its time.
  return ok({ id: stableId('spoc', known.patientId, ...(ended ? [ended.id ?? ''] : [])), ended });
}

function lastOf(plans: readonly Plan[]): Plan | undefined {
  const time = (plan: Plan) => plan.meta?.lastUpdated ?? '';
  return [...plans].sort((a, b) => (time(a) < time(b) ? -1 : 1)).at(-1);
}

/** What the plan was woven from: hospital plans and teams; for a child without any, the child's own record. */
function sourcesFor({ hospitalPlans, hospitalTeams, patient }: Known): r4.Reference[] {
  const sources = [...hospitalPlans, ...hospitalTeams].map(referenceTo);
  return sources.length > 0 ? sources : [referenceTo(patient)];
}
