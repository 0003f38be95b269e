import type { r4 } from '../../fhir/types.ts';
import { dayOf, isRunning, readEnrollment } from './enrollment.ts';
import type { Status } from './moves.ts';
import * as words from './vocabulary.ts';

/** What somebody wants of an enrollment. */
export interface Wanted {
  status?: Status;
  reason?: string;
  reasonText?: string;
  /** `Practitioner/…` or `PractitionerRole/…`. */
  manager?: string;
  /** `Consent/…`. */
  consent?: string;
  /** Who leads across programs. */
  lead?: string;
  tier?: string;
  /** The day from which it holds, YYYY-MM-DD. */
  on: string;
}

/** The enrollment after a move, with the history that the rules ask for. Pure; whether the move is legal the rules say when it is written. */
export function moved(before: r4.EpisodeOfCare, wanted: Wanted): r4.EpisodeOfCare {
  const { status = before.status, on } = wanted;
  const isNew = status !== before.status;
  let extension = (before.extension ?? []).filter(({ url }) => !isNew || url !== words.reasonUrl);
  const put = (url: string, value: Omit<r4.Extension, 'url'>) => {
    extension = [...extension.filter((one) => one.url !== url), { url, ...value }];
  };
  if (wanted.reason !== undefined) {
    const coding = [{ system: words.reasonSystem, code: wanted.reason }];
    put(words.reasonUrl, {
      valueCodeableConcept: { coding, ...(wanted.reasonText !== undefined && { text: wanted.reasonText }) },
    });
  }
  if (wanted.consent !== undefined) put(words.consentUrl, { valueReference: { reference: wanted.consent } });
  if (wanted.lead !== undefined) put(words.leadUrl, { valueReference: { reference: wanted.lead } });
  const was = readEnrollment(before);
  const changesManager = wanted.manager !== undefined && wanted.manager !== was.manager;
  if (changesManager && isRunning(was) && was.manager !== undefined)
    extension = [...extension, former(before, was.manager, on)];
  const after: r4.EpisodeOfCare = { ...before, status, extension };
  if (changesManager) after.careManager = { reference: wanted.manager };
  if (wanted.tier !== undefined) after.type = withTier(before.type, wanted.tier);
  if (isNew) after.statusHistory = [...(before.statusHistory ?? []), past(before, on)];
  if (isNew && status === 'active' && before.period?.start === undefined) after.period = { start: on };
  if (isNew && status === 'finished') after.period = { ...before.period, end: on };
  return after;
}

function past(before: r4.EpisodeOfCare, on: string): r4.EpisodeOfCareStatusHistory {
  const { eligibleFrom, enrolledFrom } = readEnrollment(before);
  const start = dayOf(before.statusHistory?.at(-1)?.period.end) ?? enrolledFrom ?? eligibleFrom ?? on;
  const reason = before.extension?.find(({ url }) => url === words.reasonUrl);
  return { status: before.status, period: { start, end: on }, ...(reason && { extension: [reason] }) };
}

function former(before: r4.EpisodeOfCare, manager: string, on: string): r4.Extension {
  const last = (before.extension ?? []).findLast(({ url }) => url === words.formerManagerUrl);
  const since = last?.extension?.find(({ url }) => url === 'period')?.valuePeriod?.end ?? before.period?.start ?? on;
  return {
    url: words.formerManagerUrl,
    extension: [
      { url: 'manager', valueReference: { reference: manager } },
      { url: 'period', valuePeriod: { start: since, end: on } },
    ],
  };
}

function withTier(type: readonly r4.CodeableConcept[] = [], tier: string): r4.CodeableConcept[] {
  const others = type.filter(({ coding }) => !coding?.some(({ system }) => system === words.tierSystem));
  return [...others, { coding: [{ system: words.tierSystem, code: tier }] }];
}

/** A new enrollment that is planned: the child is eligible, and nobody has been enrolled. */
export function plannedEnrollment(of: {
  patientId: string;
  programId: string;
  organization: string;
  eligibleFrom: string;
  tier?: string;
}): r4.EpisodeOfCare {
  const type: r4.CodeableConcept[] = [
    { coding: [{ system: words.episodeTypeSystem, code: words.careManagementCode }] },
  ];
  return {
    resourceType: 'EpisodeOfCare',
    extension: [
      { url: words.programUrl, valueReference: { reference: `HealthcareService/${of.programId}` } },
      { url: words.eligibleFromUrl, valueDate: of.eligibleFrom },
    ],
    status: 'planned',
    type: of.tier === undefined ? type : withTier(type, of.tier),
    patient: { reference: `Patient/${of.patientId}` },
    managingOrganization: { reference: of.organization },
  };
}
