import { isMirror } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { localId } from '../local-id.ts';
import * as words from './vocabulary.ts';

/** An EpisodeOfCare as an enrollment in care management (decision D11). Days are text, YYYY-MM-DD. */
export interface Enrollment {
  episode: r4.EpisodeOfCare;
  status: r4.EpisodeOfCare['status'];
  /** The id of the HealthcareService that is the program; undefined when none of ours is named. */
  programId?: string;
  patientId?: string;
  /** From when the child was eligible; kept apart from when it was enrolled, and neither ever changes. */
  eligibleFrom?: string;
  enrolledFrom?: string;
  endedOn?: string;
  /** The one code of the code system enrollment-reason. */
  reason?: string;
  reasonText?: string;
  consentId?: string;
  /** Who leads across programs, as the enrollment names it. */
  lead?: string;
  manager?: string;
  tier?: string;
}

/** An enrollment made here: what an EHR says of its own episodes is no enrollment of ours. */
export function enrollmentOf(resource: Resource | undefined): Enrollment | undefined {
  return isOfType(resource, 'EpisodeOfCare') && !isMirror(resource) && isEnrollment(resource)
    ? readEnrollment(resource)
    : undefined;
}

function isEnrollment({ type = [], extension = [] }: r4.EpisodeOfCare): boolean {
  return (
    codeIn(type, words.episodeTypeSystem) === words.careManagementCode ||
    extension.some(({ url }) => url === words.programUrl)
  );
}

export function readEnrollment(episode: r4.EpisodeOfCare): Enrollment {
  const { extension = [], status, period, type = [], careManager } = episode;
  const found = (url: string) => extension.find((one) => one.url === url);
  const reason = found(words.reasonUrl)?.valueCodeableConcept;
  const facts = {
    programId: localId(found(words.programUrl)?.valueReference, 'HealthcareService'),
    patientId: localId(episode.patient, 'Patient'),
    eligibleFrom: found(words.eligibleFromUrl)?.valueDate,
    enrolledFrom: dayOf(period?.start),
    endedOn: dayOf(period?.end),
    reason: reason && codeIn([reason], words.reasonSystem),
    reasonText: reason?.text,
    consentId: localId(found(words.consentUrl)?.valueReference, 'Consent'),
    lead: localReference(found(words.leadUrl)?.valueReference),
    manager: localReference(careManager),
    tier: codeIn(type, words.tierSystem),
  };
  const known = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  return { episode, status, ...known };
}

/** The day of a date or dateTime, as it is written. */
export function dayOf(text: string | undefined): string | undefined {
  return text?.slice(0, 10);
}

export function codeIn(concepts: readonly r4.CodeableConcept[], system: string): string | undefined {
  return concepts.flatMap(({ coding = [] }) => coding).find((one) => one.system === system)?.code;
}

/** Somebody works with the child now. */
export function isRunning({ status }: Pick<Enrollment, 'status'>): boolean {
  return status === 'active' || status === 'onhold';
}

/** The status of an enrollment on a day; undefined when it was not begun, or had ended before. The day of a change belongs to what came then. */
export function statusOn(
  { episode, endedOn, eligibleFrom, enrolledFrom }: Enrollment,
  day: string,
): r4.EpisodeOfCare['status'] | undefined {
  const history = episode.statusHistory ?? [];
  const begun = dayOf(history[0]?.period.start) ?? eligibleFrom ?? enrolledFrom;
  if (begun === undefined || day < begun) return undefined;
  const past = history.find(({ period }) => day < (dayOf(period.end) ?? ''));
  if (past) return past.status;
  return episode.status === 'finished' && endedOn !== undefined && day > endedOn ? undefined : episode.status;
}

/** Who was care manager on a day, by the enrollment's own account; undefined when nobody was. */
export function managerOn(enrollment: Enrollment, day: string): string | undefined {
  const status = statusOn(enrollment, day);
  const past = formerManagers(enrollment.episode).find(({ end }) => day < end);
  if (past) return day >= past.start ? past.manager : undefined;
  return status === 'active' || status === 'onhold' || status === 'finished' ? enrollment.manager : undefined;
}

interface FormerManager {
  manager: string;
  start: string;
  end: string;
}

/** Care managers before the present one, oldest first. */
export function formerManagers({ extension = [] }: r4.EpisodeOfCare): FormerManager[] {
  return extension.flatMap(({ url, extension: parts = [] }) => {
    if (url !== words.formerManagerUrl) return [];
    const manager = localReference(parts.find((part) => part.url === 'manager')?.valueReference);
    const period = parts.find((part) => part.url === 'period')?.valuePeriod;
    const [start, end] = [dayOf(period?.start), dayOf(period?.end)];
    return manager !== undefined && start !== undefined && end !== undefined ? [{ manager, start, end }] : [];
  });
}
