import { dateRange } from '../../../fhir/date-range.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { compareText } from '../../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { type Contact, contactOf, isContact, timeOf } from '../../contact/contact-of.ts';
import { withdrawnUrl } from '../../need/register.ts';
import { flagSystem } from '../vocabulary.ts';

/** What a digest is about: one enrollment and one month (YYYY-MM), in instants [start, end). */
export interface DigestOf {
  /** `EpisodeOfCare/…`. */
  enrollment: string;
  month: string;
  start: string;
  end: string;
  /** The people of the program, `Practitioner/…` and `PractitionerRole/…`: a contact that names no episode is the program's when one of them had it. */
  people: ReadonlySet<string>;
}

export const alertKinds = ['flag', 'task', 'emergency-visit', 'admission'] as const;

export interface Alert {
  kind: (typeof alertKinds)[number];
  reference: string;
  /** As it is written in the record, a day at least. */
  date?: string;
  text?: string;
}

export interface Concern {
  reference: string;
  since?: string;
  text?: string;
}

export interface Digest {
  contacts: Contact[];
  alerts: Alert[];
  /** Open at the end of the month. */
  concerns: Concern[];
}

/** The types that a digest is made of. */
export const digestTypes = ['Encounter', 'Communication', 'Task', 'Flag', 'Condition'];

const privacyFlags = `${canonicalBase}/CodeSystem/privacy-flag`;
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const visits: Readonly<Record<string, 'emergency-visit' | 'admission'>> = {
  EMER: 'emergency-visit',
  IMP: 'admission',
  ACUTE: 'admission',
  NONAC: 'admission',
};
const pressing: ReadonlySet<string | undefined> = new Set(['urgent', 'asap', 'stat']);
const socialKinds: ReadonlySet<string | undefined> = new Set(['sdoh', 'health-concern']);
const notBelieved: ReadonlySet<string | undefined> = new Set(['refuted', 'entered-in-error']);
const ended: ReadonlySet<string | undefined> = new Set(['inactive', 'remission', 'resolved']);

/** What a digest lists of these records, in the order of time. Pure. */
export function digestContent(records: readonly Resource[], of: DigestOf): Digest {
  const byTime = (a: { date?: string }, b: { date?: string }) => compareText(a.date ?? '', b.date ?? '');
  return {
    contacts: records.flatMap((one) => contactIn(one, of)).sort((a, b) => compareText(a.at, b.at)),
    alerts: records.flatMap((one) => alertIn(one, of)).sort(byTime),
    concerns: records
      .flatMap((one) => concernIn(one, of))
      .sort((a, b) => compareText(a.since ?? '', b.since ?? '') || compareText(a.reference, b.reference)),
  };
}

function contactIn(record: Resource, of: DigestOf): Contact[] {
  const contact = contactOf(record);
  if (contact === undefined || !isContact(record) || !isWithin(timeOf(record), of)) return [];
  // What was said in a visit is told with the visit.
  if (isOfType(record, 'Communication') && record.encounter !== undefined) return [];
  const isOurs =
    contact.episode === undefined
      ? contact.staff.some((one) => of.people.has(one))
      : contact.episode.split('/_history/')[0] === of.enrollment;
  return isOurs ? [contact] : [];
}

function alertIn(record: Resource, of: DigestOf): Alert[] {
  const reference = `${record.resourceType}/${record.id ?? ''}`;
  const alert = (kind: Alert['kind'], date: string | undefined, text: string | undefined): Alert[] => [
    { kind, reference, ...(date !== undefined && { date }), ...(text !== undefined && { text }) },
  ];
  if (isOfType(record, 'Flag')) {
    const isOther = ![flagSystem, privacyFlags].some((system) =>
      record.code.coding?.some((one) => one.system === system),
    );
    const { start, end } = record.period ?? {};
    const holds = overlaps(start, end, of) && (record.status === 'active' || end !== undefined);
    return isOther && record.status !== 'entered-in-error' && holds ? alert('flag', start, wordsOf(record.code)) : [];
  }
  if (isOfType(record, 'Task')) {
    const isPressing = pressing.has(record.priority) && record.status !== 'entered-in-error';
    return isPressing && isWithin(record.authoredOn, of) ? alert('task', record.authoredOn, wordsOf(record.code)) : [];
  }
  if (!isOfType(record, 'Encounter') || record.status === 'entered-in-error') return [];
  const kind = record.class?.system === actCode ? visits[record.class.code ?? ''] : undefined;
  const hasBegun = record.status !== 'planned' && record.status !== 'cancelled';
  return kind && hasBegun && isWithin(record.period?.start, of) ? alert(kind, record.period?.start, undefined) : [];
}

function concernIn(record: Resource, of: DigestOf): Concern[] {
  if (!isOfType(record, 'Condition')) return [];
  const { category = [], clinicalStatus, verificationStatus, extension = [], code } = record;
  const isConcern = category.some(({ coding }) => coding?.some((one) => socialKinds.has(one.code)));
  const isBelieved = !verificationStatus?.coding?.some((one) => notBelieved.has(one.code));
  const hasEnded =
    record.abatementDateTime === undefined
      ? clinicalStatus?.coding?.some((one) => ended.has(one.code)) === true
      : beginsBefore(record.abatementDateTime, of);
  const isWithdrawn = extension.some(({ url }) => url === withdrawnUrl);
  const since = record.onsetDateTime ?? record.recordedDate;
  const known = record.recordedDate ?? record.onsetDateTime;
  if (!isConcern || !isBelieved || hasEnded || isWithdrawn || !(known === undefined || beginsBefore(known, of)))
    return [];
  const text = wordsOf(code);
  const reference = `Condition/${record.id ?? ''}`;
  return [
    { reference, ...(since !== undefined && { since: since.slice(0, 10) }), ...(text !== undefined && { text }) },
  ];
}

/** A day belongs to the month that is written in it, whatever the zone. */
const hasTime = (text: string) => text.includes('T');

function isWithin(text: string | undefined, { month, start, end }: DigestOf): boolean {
  if (text === undefined) return false;
  if (!hasTime(text)) return text.startsWith(month);
  const at = dateRange(text)?.start;
  return at !== undefined && at >= start && at < end;
}

function beginsBefore(text: string, { month, end }: DigestOf): boolean {
  if (!hasTime(text)) return text.slice(0, 7) <= month;
  const at = dateRange(text)?.start;
  return at !== undefined && at < end;
}

function overlaps(from: string | undefined, until: string | undefined, of: DigestOf): boolean {
  if (from !== undefined && !beginsBefore(from, of)) return false;
  if (until === undefined) return true;
  return hasTime(until) ? (dateRange(until)?.end ?? '') > of.start : until.slice(0, 7) >= of.month;
}

function wordsOf(concept: r4.CodeableConcept | undefined): string | undefined {
  return concept?.text ?? concept?.coding?.find(({ display }) => display !== undefined)?.display;
}
