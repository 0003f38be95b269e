import type { Clock } from '../../../base/clock.ts';
import { ok, type Result } from '../../../base/errors.ts';
import { isOfType, ofType } from '../../../fhir/of-type.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { type Reader, seesAll, type Tx, type WriteConclusion } from '../../../store/types.ts';
import { refuse } from '../../business-rule.ts';
import { foundBy, where } from '../../found.ts';
import { localId } from '../../local-id.ts';
import { currentOf } from '../../stored.ts';
import { concludeWritten } from '../../written-here.ts';
import { stateOf } from '../canonical-state.ts';
import { fulfillsReferral } from '../states.ts';
import { capacityOf } from './capacity.ts';
import { capacityAtSendingUrl, type Remark, remarkExtension, remarkOn } from './remark.ts';

const rule = 'referral-capacity';
type Service = Resource & r4.HealthcareService;

/** Services that a refusal names, and those that are looked through for them. */
const alternativesMax = 5;
const servicesMax = 200;

/**
 * Nothing is sent to a service that says it has no place and no waiting list. One that has a waiting list, or has to look at the child first, answers
 * for itself; the Task then shows what whoever sent it has to know. The refusal names other services of the same category that have a place;
 * services are no secret.
 */
export function concludeCapacity(clock: Clock): WriteConclusion {
  return concludeWritten(rule, 'Task', async (after, before, tx) => {
    if (!isOfType(after, 'Task') || !fulfillsReferral(after) || stateOf(after) !== 'sent') return ok(undefined);
    // A referral that comes back with an answer is where it was.
    if (isOfType(before, 'Task') && stateOf(before) !== 'draft') return ok(undefined);
    const service = await serviceOf(after, tx);
    if (!service) return ok(undefined);
    if (capacityOf(service) === 'none') return refuseFull(service, tx);
    const remark = remarkOn(service, clock.now());
    return remark === undefined ? ok(undefined) : show(after, remark, tx);
  });
}

/** Read again: what else was concluded may have changed it. */
async function show({ id = '' }: Resource, remark: Remark, tx: Tx): Promise<Result<void>> {
  const task = currentOf(await tx.read('Task', id));
  if (!isOfType(task, 'Task')) return ok(undefined);
  const others = (task.extension ?? []).filter(({ url }) => url !== capacityAtSendingUrl);
  const written = await tx.update({ ...task, extension: [...others, remarkExtension(remark)] });
  return written.ok ? ok(undefined) : written;
}

async function refuseFull(service: Service, tx: Tx): Promise<Result<void>> {
  const others = await alternatives(service, tx);
  if (!others.ok) return others;
  const names = others.value.map(({ id }) => `HealthcareService/${id}`);
  const instead =
    names.length === 0
      ? 'No other service of its category says that it has a place.'
      : `These have a place: ${names.join(', ')}.`;
  return refuse(rule, `The service has no place and no waiting list. ${instead}`, 'Task.owner');
}

/** The service that is asked: the owner, or what the request names as performer where the Task's owner is the organization behind it. */
async function serviceOf(task: r4.Task, reader: Reader): Promise<Service | undefined> {
  const owned = localId(task.owner, 'HealthcareService');
  if (owned !== undefined) return service(owned, reader);
  const requestId = localId(task.focus, 'ServiceRequest');
  const request = requestId === undefined ? undefined : currentOf(await reader.read('ServiceRequest', requestId));
  if (!isOfType(request, 'ServiceRequest')) return undefined;
  for (const performer of request.performer ?? []) {
    const id = localId(performer, 'HealthcareService');
    const found = id === undefined ? undefined : await service(id, reader);
    const isBehind = task.owner === undefined || found?.providedBy?.reference === task.owner.reference;
    if (found && isBehind) return found;
  }
  return undefined;
}

async function service(id: string, reader: Reader): Promise<Service | undefined> {
  const found = currentOf(await reader.read('HealthcareService', id));
  return isOfType(found, 'HealthcareService') ? found : undefined;
}

async function alternatives({ id: full, category = [] }: Service, reader: Reader) {
  const codes = category.flatMap(({ coding = [] }) => coding);
  if (codes.length === 0) return ok<Service[]>([]);
  const values = codes.flatMap(({ system, code }) =>
    code === undefined ? [] : [{ kind: 'token' as const, code, ...(system !== undefined && { system }) }],
  );
  const filters = [where('HealthcareService', 'service-category', 'token', ...values)];
  const found = await foundBy(reader, { type: 'HealthcareService', filters, count: servicesMax }, seesAll);
  if (!found.ok) return found;
  const open = ofType(found.value.resources, 'HealthcareService').filter(
    (one) => one.id !== full && one.active !== false && capacityOf(one) === 'has-capacity',
  );
  return ok(open.slice(0, alternativesMax));
}
