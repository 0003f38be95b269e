import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx, WriteConclusion } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { stateOf } from '../referral/canonical-state.ts';
import { fulfillsReferral } from '../referral/states.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { followWritten } from '../written-here.ts';
import { codeIn, dayOf, enrollmentOf } from './enrollment.ts';
import { moved, plannedEnrollment } from './moved.ts';
import * as words from './vocabulary.ts';

const rule = 'enrollment-by-referral';

/**
 * A referral into care management enrolls the child when it is accepted, in the Task's transaction (D11): the enrollment that waits for this request
 * becomes active, or one is made, eligible since the request was written. Where something is missing (consent, a manager), the acceptance is refused
 * with it: an accepted child whom nobody enrolled would be lost.
 */
export function followCareReferral(clock: Clock): WriteConclusion {
  return followWritten(rule, 'Task', async (after, before, tx) => {
    if (!isOfType(after, 'Task') || !fulfillsReferral(after) || stateOf(after) !== 'accepted') return ok(undefined);
    if (isOfType(before, 'Task') && stateOf(before) === 'accepted') return ok(undefined);
    const requestId = localId(after.focus, 'ServiceRequest');
    const request = requestId === undefined ? undefined : currentOf(await tx.read('ServiceRequest', requestId));
    if (!isOfType(request, 'ServiceRequest') || !asksForCareManagement(request)) return ok(undefined);
    return enroll(after, request, tx, clock);
  });
}

function asksForCareManagement({ code }: r4.ServiceRequest): boolean {
  return code !== undefined && codeIn([code], words.serviceSystem) === words.careManagementCode;
}

async function enroll(
  task: r4.Task,
  request: r4.ServiceRequest & Resource,
  tx: Tx,
  clock: Clock,
): Promise<Result<void>> {
  const today = clock.now().toISOString().slice(0, 10);
  const patientId = childOf(request) ?? '';
  const records = await recordsNow(tx, patientId);
  const reference = `ServiceRequest/${request.id}`;
  const episodes = records.filter((one) => isOfType(one, 'EpisodeOfCare'));
  const waiting = episodes.find(
    (one) =>
      (one.referralRequest ?? []).some((each) => each.reference === reference) &&
      (enrollmentOf(one)?.status === 'planned' || enrollmentOf(one)?.status === 'waitlist'),
  );
  const planned = waiting ? ok(waiting) : await planFor(request, reference, patientId, today, tx);
  if (!planned.ok) return planned;
  const consent = consentAmong(records);
  const owner = task.owner?.reference;
  const manager = /^Practitioner(Role)?\//.test(owner ?? '') ? owner : undefined;
  const active = moved(planned.value, {
    status: 'active',
    on: today,
    ...(manager !== undefined && planned.value.careManager === undefined && { manager }),
    ...(consent !== undefined && { consent }),
  });
  const written = waiting ? await tx.update({ ...active }) : await tx.create({ ...active });
  return written.ok ? ok(undefined) : written;
}

async function planFor(
  request: r4.ServiceRequest,
  reference: string,
  patientId: string,
  today: string,
  tx: Tx,
): Promise<Result<r4.EpisodeOfCare>> {
  const programId = request.performer?.map((one) => localId(one, 'HealthcareService')).find((id) => id !== undefined);
  const program = programId === undefined ? undefined : currentOf(await tx.read('HealthcareService', programId));
  const organization = isOfType(program, 'HealthcareService') ? program.providedBy?.reference : undefined;
  if (programId === undefined || organization === undefined) {
    const text =
      'A referral into care management names the program (a HealthcareService) as performer before it is accepted.';
    return refuse(rule, text, 'ServiceRequest.performer');
  }
  const eligibleFrom = dayOf(request.authoredOn) ?? today;
  const planned = plannedEnrollment({ patientId, programId, organization, eligibleFrom });
  return ok({ ...planned, referralRequest: [{ reference }] });
}

/** The child's enrollments and consents, those included that this transaction has written. */
async function recordsNow(tx: Tx, patientId: string): Promise<Resource[]> {
  const found = await tx.recordsOf([patientId], ['EpisodeOfCare', 'Consent']);
  return found.map(({ stored }) => resourceOf(stored));
}

/** The newest consent to care management that holds. */
function consentAmong(records: readonly Resource[]): string | undefined {
  const given = records.filter(
    (one) =>
      isOfType(one, 'Consent') &&
      one.status === 'active' &&
      codeIn(one.category, words.consentSystem) === words.careManagementConsent,
  );
  const last = given.sort((a, b) => (String(a.dateTime ?? '') < String(b.dateTime ?? '') ? -1 : 1)).at(-1);
  return last === undefined ? undefined : `Consent/${last.id}`;
}
