import { ok, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx, WriteConclusion } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { currentOf } from '../stored.ts';
import type { Changed } from './changed.ts';
import { codeIn, isRunning } from './enrollment.ts';
import * as words from './vocabulary.ts';

const detailUrl = 'http://hl7.org/fhir/StructureDefinition/flag-detail';

/** The Flag “in care management” of an enrollment, made and ended with it: derived, never the source (D11). */
export async function keepFlag({ id, is }: Changed, tx: Tx): Promise<Result<void>> {
  const flagId = careManagementFlagId(id);
  const before = currentOf(await tx.read('Flag', flagId));
  if (is === undefined || is.enrolledFrom === undefined || is.status === 'entered-in-error') {
    if (!isOfType(before, 'Flag')) return ok(undefined);
    const written = await tx.update({ ...before, status: 'entered-in-error' });
    return written.ok ? ok(undefined) : written;
  }
  const program = currentOf(await tx.read('HealthcareService', is.programId ?? ''));
  const name = isOfType(program, 'HealthcareService') && program.name ? `: ${program.name}` : '';
  const flag: r4.Flag = {
    resourceType: 'Flag',
    id: flagId,
    extension: [{ url: detailUrl, valueReference: { reference: `EpisodeOfCare/${id}` } }],
    status: isRunning(is) ? 'active' : 'inactive',
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/flag-category', code: 'admin', display: 'Administrative' },
        ],
      },
    ],
    code: {
      coding: [{ system: words.flagSystem, code: words.inCareManagement, display: 'In care management' }],
      text: `In care management${name}`,
    },
    subject: { reference: `Patient/${is.patientId}` },
    period: { start: is.enrolledFrom, ...(is.endedOn !== undefined && { end: is.endedOn }) },
    ...(is.episode.managingOrganization?.reference !== undefined && {
      author: { reference: is.episode.managingOrganization.reference },
    }),
  };
  // What belongs together is seen together: the same labels as on the enrollment.
  const security = is.episode.meta?.security;
  const written = await tx.update({ ...flag, ...(security && { meta: { security } }) });
  return written.ok ? ok(undefined) : written;
}

export function careManagementFlagId(episodeId: string): string {
  return stableId('care-management-flag', episodeId);
}

/**
 * Nobody writes that Flag by hand: it would say that a child is in care management whom nobody manages, or hide one. Conclusions are not asked
 * about what they write themselves.
 */
export const checkFlagWritten: WriteConclusion = {
  name: 'care-management-flag',
  async conclude(changes, tx) {
    if (tx.actor.kind === 'system' && tx.actor.id === 'ehr') return ok(undefined);
    const isOurs = (flag: Resource | undefined) =>
      isOfType(flag, 'Flag') && codeIn([flag.code], words.flagSystem) === words.inCareManagement;
    const written = changes.some(({ type, before, after }) => type === 'Flag' && (isOurs(after) || isOurs(before)));
    if (!written) return ok(undefined);
    const text = 'The Flag “in care management” follows the enrollment by itself. Change the EpisodeOfCare instead.';
    return refuse('care-management-flag', text, 'Flag.code');
  },
};
