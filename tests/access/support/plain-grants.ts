import type { Resource } from '../../../src/fhir/types.ts';
import type { Grant } from '../../../src/store/types.ts';

/**
 * What a grant shows, from the words of its documentation and of FHIR's compartments alone: plain objects, no index, nothing of the store.
 * Slow, and that is all it has to be.
 */

/** All versions of one record, oldest first; undefined for one that a delete made. */
export interface PlainRecord {
  type: string;
  id: string;
  versions: (Resource | undefined)[];
}

export const inheriting: { [type: string]: string[] } = {
  Observation: ['encounter', 'derived-from'],
  Encounter: ['part-of'],
};
const elementOf: { [param: string]: string } = {
  encounter: 'encounter',
  'derived-from': 'derivedFrom',
  'part-of': 'partOf',
};
const bits: { [code: string]: bigint } = { one: 1n, two: 2n, four: 4n };

/** The categories that a record's own labels say. */
export function ownCategories({ meta }: Resource): bigint {
  return (meta?.security ?? []).reduce((all, { code = '' }) => all | (bits[code] ?? 0n), 0n);
}

const list = (value: unknown): any[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const patientIds = (references: any[]): string[] =>
  references.flatMap(({ reference = '' }) => (/^Patient\/(.+)$/.exec(reference)?.[1] ? [reference.slice(8)] : []));

export function referencesIn(resource: Resource, element: string): string[] {
  return list((resource as any)[element]).map(({ reference }) => reference);
}

/** Whom the record is about, and who else is in it in a way that puts it into their compartment. */
function people(resource: Resource): { about: string[]; others: string[] } {
  const { subject, performer, participant, member, link } = resource as any;
  switch (resource.resourceType) {
    case 'Patient':
      return { about: [resource.id ?? ''], others: patientIds(list(link).map(({ other }) => other)) };
    case 'Observation':
      return { about: patientIds(list(subject)), others: patientIds(list(performer)) };
    case 'CareTeam':
      return { about: patientIds(list(subject)), others: patientIds(list(participant).map((one) => one.member)) };
    case 'Encounter':
    case 'Goal':
      return { about: patientIds(list(subject)), others: [] };
    case 'Appointment':
      return { about: patientIds(list(participant).map(({ actor }) => actor)), others: [] };
    case 'Group':
      return { about: patientIds(list(member).map(({ entity }) => entity)), others: [] };
    default:
      return { about: [], others: [] };
  }
}

export function compartmentsOf(resource: Resource): string[] {
  const { about, others } = people(resource);
  return [...about, ...others];
}

type Facts = { type: string; content: Resource; isDeleted: boolean; categories: bigint };

function meetsPatients({ type, content }: Facts, patients: readonly string[]): boolean {
  if (type === 'Organization' || type === 'Practitioner') return true;
  if (type === 'Binary') return false;
  const { about, others } = people(content);
  const named = about.length > 0 ? about : others;
  // A list of patients is for who may see each of them.
  if (type === 'Group') return named.length > 0 && named.every((id) => patients.includes(id));
  return named.some((id) => patients.includes(id));
}

function codings(resource: Resource, param: string): { system?: string; code?: string }[] {
  const { category, status, meta } = resource as any;
  if (param === '_tag') return list(meta?.tag);
  if (resource.resourceType !== 'Observation') return [];
  if (param === 'category') return list(category).flatMap(({ coding }) => list(coding));
  return param === 'status' ? [{ code: status }] : [];
}

/** Whom a record names by a reference parameter. */
function namedBy(resource: Resource, param: string): string[] {
  const { performer, participant } = resource as any;
  if (resource.resourceType === 'Observation' && param === 'performer') return referencesOf(list(performer));
  if (resource.resourceType === 'CareTeam' && param === 'participant')
    return referencesOf(list(participant).map(({ member }) => member));
  return [];
}

const referencesOf = (references: any[]): string[] => references.map(({ reference }) => reference);

/** What one grant says of a record with these facts. */
function shownBy(grant: Grant, facts: Facts): boolean {
  if (grant.types !== 'any' && !grant.types.has(facts.type)) return false;
  if (grant.patients && !meetsPatients(facts, grant.patients)) return false;
  if (compartmentsOf(facts.content).some((id) => grant.except?.includes(id))) return false;
  if (((grant.hides ?? 0n) & facts.categories) !== 0n) return false;
  return (grant.having ?? []).every(({ param, anyOf, refersTo = [] }) => {
    if (facts.isDeleted) return false;
    if (refersTo.some((name) => namedBy(facts.content, param).includes(name))) return true;
    return anyOf.some((asked) =>
      codings(facts.content, param).some(
        ({ system = '', code }) => code === asked.code && (asked.system === undefined || asked.system === system),
      ),
    );
  });
}

/** The world as it is now, asked in plain words. */
export function plainWorld(records: readonly PlainRecord[]) {
  const find = (name: string) => records.find(({ type, id }) => `${type}/${id}` === name);
  const lastContent = ({ versions }: PlainRecord) => versions.findLast((version) => version !== undefined);
  const isDeleted = ({ versions }: PlainRecord) => versions.at(-1) === undefined;
  const reached = (record: PlainRecord, seen: Set<PlainRecord>): Set<PlainRecord> => {
    if (seen.has(record)) return seen;
    seen.add(record);
    const content = lastContent(record);
    for (const param of inheriting[record.type] ?? []) {
      for (const name of content ? referencesIn(content, elementOf[param] ?? '') : []) {
        const source = find(name);
        if (source) reached(source, seen);
      }
    }
    return seen;
  };
  const categoriesOf = (record: PlainRecord) =>
    [...reached(record, new Set())].reduce((all, one) => {
      const content = lastContent(one);
      return content ? all | ownCategories(content) : all;
    }, 0n);
  const showsRecord = (grants: readonly Grant[], record: PlainRecord) => {
    const content = lastContent(record);
    if (!content) return false;
    const facts = { type: record.type, content, isDeleted: isDeleted(record), categories: categoriesOf(record) };
    return grants.some((grant) => shownBy(grant, facts));
  };
  return {
    records,
    isDeleted,
    current: lastContent,
    showsRecord,
    /** A version, counted from 1: as it was, and as its record is now. */
    showsVersion: (grants: readonly Grant[], record: PlainRecord, version: number) => {
      const content = record.versions[version - 1];
      if (!showsRecord(grants, record)) return false;
      if (!content) return true;
      const facts = { type: record.type, content, isDeleted: false, categories: ownCategories(content) };
      return grants.some((grant) => shownBy(grant, facts));
    },
    /** The living records of a type that are shown. */
    shown: (grants: readonly Grant[], type: string) =>
      records.filter((record) => record.type === type && !isDeleted(record) && showsRecord(grants, record)),
  };
}
