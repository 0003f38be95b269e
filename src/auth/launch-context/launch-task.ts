import { fail, ok, type Result } from '../../base/errors.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { AuthRoom } from '../room.ts';
import type { Asker } from './asker.ts';
import type { AskedLaunch, TaskLaunch } from './read-context.ts';

/** Source: SMART App Launch 2.2, CodeSystem smart-codes. */
const smartCodes = 'http://hl7.org/fhir/smart-app-launch/CodeSystem/smart-codes';
const open: ReadonlySet<unknown> = new Set(['requested', 'received', 'accepted', 'ready', 'in-progress', 'on-hold']);

/**
 * SC-190: the launch that a Task asks for, read as the person who will use the app. A Task that is hidden is told as one that is not
 * there. A Task for a standalone launch has nothing to launch with: its address alone is answered.
 */
export async function launchFromTask(
  asked: TaskLaunch,
  asker: Asker,
  room: AuthRoom,
): Promise<Result<AskedLaunch | { standalone: string }>> {
  const named = asked.fhirUser === undefined ? [] : [asked.fhirUser];
  const own = 'forAnybody' in asker ? named : asker.fhirUsers;
  // Who names somebody else learns nothing of what that person may see.
  for (const fhirUser of own.filter((one) => named.length === 0 || named.includes(one))) {
    const task = await room.directory.task(fhirUser, asked.taskId);
    if (task && mayLearn(asker, task)) return readTask(task, { ...asked, fhirUser });
  }
  return fail('invalid', 'task is not one that the person may see.');
}

/** An app that was opened for one child learns nothing of the Tasks of another, whom the person may see. */
function mayLearn(asker: Asker, task: Record<string, unknown>): boolean {
  return !('onlyPatient' in asker) || idOf(task.for, 'Patient') === asker.onlyPatient;
}

function readTask(
  task: Record<string, unknown>,
  asked: TaskLaunch & { fhirUser: string },
): Result<AskedLaunch | { standalone: string }> {
  const codes = codesOf(task.code);
  const launchUrl = inputOf(task, 'smartonfhir-application', 'valueUrl');
  if (launchUrl === undefined || !codes.some((code) => code === 'launch-app-ehr' || code === 'launch-app-standalone'))
    return fail('invalid', 'task does not ask for the launch of an app.');
  if (!open.has(task.status)) return fail('invalid', 'task is over, or was not yet requested.');
  if (!codes.includes('launch-app-ehr')) return ok({ standalone: launchUrl });
  const patientId = idOf(task.for, 'Patient');
  if (patientId === undefined) return fail('invalid', 'task names no patient of this server.');
  const encounterId = idOf(task.encounter, 'Encounter');
  const appContext = inputOf(task, 'smartonfhir-appcontext', 'valueString');
  const { needPatientBanner, fhirUser } = asked;
  const context = {
    ...(encounterId !== undefined && { encounterId }),
    ...(appContext !== undefined && { appContext }),
  };
  return ok({ app: { launchUrl }, patientId, fhirUser, needPatientBanner, context });
}

function inputOf(task: Record<string, unknown>, code: string, value: string): string | undefined {
  const found = list(task.input).find(({ type }) => codesOf(type).includes(code))?.[value];
  return typeof found === 'string' ? found : undefined;
}

function codesOf(concept: unknown): unknown[] {
  return list(isObject(concept) ? concept.coding : undefined)
    .filter(({ system }) => system === smartCodes)
    .map(({ code }) => code);
}

function idOf(reference: unknown, type: string): string | undefined {
  const text = isObject(reference) ? reference.reference : undefined;
  const [, id] = typeof text === 'string' ? (/^[A-Z][A-Za-z]+\/([A-Za-z0-9.-]{1,64})$/.exec(text) ?? []) : [];
  return typeof text === 'string' && text.startsWith(`${type}/`) ? id : undefined;
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
