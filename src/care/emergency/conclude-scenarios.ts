import { ok, type Result } from '../../base/errors.ts';
import { isOfType, ofType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { isSync } from '../../store/sync-actor.ts';
import type { Change, Tx, WriteConclusion } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { activePlans, isActivePlan, type Plan } from './check-plan.ts';
import { devicesInUse } from './devices.ts';
import { type MissingScenario, missingScenarios, missingText } from './missing-scenarios.ts';
import { isInForce, type Scenario, scenarioOf } from './scenario.ts';
import { isEmergencyPlan } from './terms.ts';

const rule = 'emergency-plan-scenarios';

/**
 * An emergency plan that becomes active has a scenario for each device of the child (S1.29); an active one loses none that it needs, neither by
 * its own list nor by a scenario that ends. A device that comes later makes the plan due for a check and refuses nothing (keep-state.ts).
 * Asked at the end, so that plan, scenarios and devices may come together.
 */
export const concludeScenarios: WriteConclusion = {
  name: rule,
  async conclude(changes, tx) {
    if (isSync(tx.actor)) return ok(undefined);
    const first = new Map<string, Change>();
    for (const change of changes) {
      const key = `${change.type}/${change.id}`;
      if (!first.has(key)) first.set(key, change);
    }
    const plans = [...first.values()].filter(({ type }) => type === 'CarePlan');
    const groups = [...first.values()].filter(({ type }) => type === 'RequestGroup');
    const touched = await plansOfScenarios(groups, tx);
    const ids = new Set([...plans.map(({ id }) => id), ...touched]);
    for (const id of ids) {
      const checked = await check(id, first, tx);
      if (!checked.ok) return checked;
    }
    return ok(undefined);
  },
};

/** The emergency plans of the children whose scenarios were changed. */
async function plansOfScenarios(groups: readonly Change[], tx: Tx): Promise<string[]> {
  const children = groups.flatMap(({ before }) =>
    isOfType(before, 'RequestGroup') && isInForce(before) ? (localId(before.subject, 'Patient') ?? []) : [],
  );
  const found: string[] = [];
  for (const child of new Set(children)) for (const { id } of await activePlans(tx, child)) found.push(id ?? '');
  return found;
}

async function check(id: string, first: ReadonlyMap<string, Change>, tx: Tx): Promise<Result<void>> {
  const after = currentOf(await tx.read('CarePlan', id));
  if (!isOfType(after, 'CarePlan') || !isActivePlan(after) || !isEmergencyPlan(after)) return ok(undefined);
  const lacks = await lacksOf(after, tx);
  if (lacks.length === 0) return ok(undefined);
  const change = first.get(`CarePlan/${id}`);
  const before = change ? change.before : after;
  const wasLacking =
    isOfType(before, 'CarePlan') && isActivePlan(before) ? await lackedBefore(before, first, tx) : undefined;
  // An active plan may be changed while a device that came later still waits for its scenario.
  const fresh = wasLacking ? lacks.filter((one) => !wasLacking.some((other) => isSame(one, other))) : lacks;
  return fresh.length === 0 ? ok(undefined) : refuse(rule, missingText(fresh), 'CarePlan.activity');
}

const isSame = (a: MissingScenario, b: MissingScenario) => a.kind === b.kind && a.device === b.device;

/** What an emergency plan lacks now. */
export async function lacksOf(plan: Plan, tx: Pick<Tx, 'recordsOf' | 'readMany'>): Promise<MissingScenario[]> {
  const child = childOf(plan) ?? '';
  const devices = devicesInUse(
    (await tx.recordsOf([child], ['Device', 'DeviceUseStatement'])).map(({ stored }) => resourceOf(stored)),
  );
  if (devices.length === 0) return [];
  const listed = await tx.readMany(scenarioIds(plan).map((id) => ({ type: 'RequestGroup', id })));
  return missingScenarios(devices, inForce(ofType(listed.map(resourceOf), 'RequestGroup'), child));
}

/** What it lacked before this transaction, for the devices of now: those that go with it are nobody's loss. */
async function lackedBefore(plan: Plan, first: ReadonlyMap<string, Change>, tx: Tx): Promise<MissingScenario[]> {
  const child = childOf(plan) ?? '';
  const records = (await tx.recordsOf([child], ['Device', 'DeviceUseStatement'])).map(({ stored }) =>
    resourceOf(stored),
  );
  const groups: Resource[] = [];
  for (const id of scenarioIds(plan)) {
    const change = first.get(`RequestGroup/${id}`);
    const group = change ? change.before : currentOf(await tx.read('RequestGroup', id));
    if (group) groups.push(group);
  }
  return missingScenarios(devicesInUse(records), inForce(ofType(groups, 'RequestGroup'), child));
}

function scenarioIds({ activity = [] }: r4.CarePlan): string[] {
  return [...new Set(activity.flatMap(({ reference }) => localId(reference, 'RequestGroup') ?? []))];
}

function inForce(groups: readonly r4.RequestGroup[], child: string): Scenario[] {
  return groups.filter((group) => isInForce(group) && localId(group.subject, 'Patient') === child).map(scenarioOf);
}
