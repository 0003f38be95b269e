import { ok, type Result } from '../../base/errors.ts';
import type { Filter, SearchValue } from '../../fhir/search/query.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Reader, Visibility } from '../../store/types.ts';
import { allOf } from './query.ts';
import type { RosterRow } from './read-roster.ts';

/** Who a roster means: the rows that can be placed, and the numbers of those that cannot. */
export interface Resolved {
  roster: Map<string, string | undefined>;
  unknown: number[];
  /** The same child twice, or several children by one identifier. */
  ambiguous: number[];
  /** Children of whom it is not certain whether a row means them: nothing changes for them. */
  uncertain: Set<string>;
  unknownPractice: number[];
}

const atOnce = 500;
const npiSystem = 'http://hl7.org/fhir/sid/us-npi';

interface Named {
  system: string;
  value: string;
}

/** Finds the children and practices that rows name, among those that the visibility shows: a hidden child is an unknown one. */
export async function resolveRoster(
  reader: Reader,
  rows: readonly RosterRow[],
  visibility: Visibility,
): Promise<Result<Resolved>> {
  const named = rows.flatMap(({ identifier }) => (identifier ? [identifier] : []));
  const byIdentifier = await idsOf(reader, 'Patient', named, visibility);
  if (!byIdentifier.ok) return byIdentifier;
  const npis = rows.flatMap(({ practice }) =>
    practice && 'npi' in practice ? [{ system: npiSystem, value: practice.npi }] : [],
  );
  const practices = await idsOf(reader, 'Organization', npis, visibility);
  if (!practices.ok) return practices;
  const here = await referencesHere(reader, rows, visibility);
  if (!here.ok) return here;
  const known = { children: byIdentifier.value, practices: practices.value, here: here.value };
  const found: Resolved = { roster: new Map(), unknown: [], ambiguous: [], uncertain: new Set(), unknownPractice: [] };
  for (const row of rows) {
    const ids = childrenOf(row, known);
    const [child] = ids;
    if (child === undefined) found.unknown.push(row.row);
    else if (ids.length > 1 || found.roster.has(child)) {
      found.ambiguous.push(row.row);
      if (ids.length > 1) for (const id of ids) found.uncertain.add(id);
    } else {
      const practice = practiceOf(row, known);
      if (row.practice && practice === undefined) found.unknownPractice.push(row.row);
      found.roster.set(child, practice);
    }
  }
  return ok(found);
}

/** What is here of what the rows name. */
interface Known {
  children: ReadonlyMap<string, string[]>;
  practices: ReadonlyMap<string, string[]>;
  /** References, `Type/id`. */
  here: ReadonlySet<string>;
}

function childrenOf({ patientId, identifier }: RosterRow, { children, here }: Known): string[] {
  if (patientId !== undefined) return here.has(`Patient/${patientId}`) ? [patientId] : [];
  return identifier ? (children.get(keyOf(identifier)) ?? []) : [];
}

function practiceOf({ practice }: RosterRow, { practices, here }: Known): string | undefined {
  if (practice === undefined) return undefined;
  if ('npi' in practice) {
    const ids = practices.get(keyOf({ system: npiSystem, value: practice.npi })) ?? [];
    return ids.length === 1 ? `Organization/${ids[0]}` : undefined;
  }
  return here.has(practice.reference) ? practice.reference : undefined;
}

const providers = ['Organization', 'Practitioner', 'PractitionerRole'];

/** Of the records that rows name by reference those that the visibility shows, asked for in lots: a roster has tens of thousands of rows. */
async function referencesHere(
  reader: Reader,
  rows: readonly RosterRow[],
  visibility: Visibility,
): Promise<Result<ReadonlySet<string>>> {
  const wanted = new Map<string, Set<string>>();
  const add = (type: string, id: string) => wanted.set(type, (wanted.get(type) ?? new Set()).add(id));
  for (const { patientId, practice } of rows) {
    if (patientId !== undefined) add('Patient', patientId);
    const [type = '', id = ''] = practice && 'reference' in practice ? practice.reference.split('/') : [];
    if (providers.includes(type) && /^[A-Za-z0-9.-]{1,64}$/.test(id)) add(type, id);
  }
  const here = new Set<string>();
  for (const [type, ids] of wanted) {
    const values = [...ids].map((code): SearchValue => ({ kind: 'token', code }));
    const answer = await inLots(reader, type, '_id', values, visibility);
    if (!answer.ok) return answer;
    for (const { id } of answer.value) here.add(`${type}/${id}`);
  }
  return ok(here);
}

/** Ids by identifier, asked for in lots. */
async function idsOf(
  reader: Reader,
  type: string,
  named: readonly Named[],
  visibility: Visibility,
): Promise<Result<Map<string, string[]>>> {
  const found = new Map<string, string[]>();
  const wanted = [...new Map(named.filter(({ value }) => value !== '').map((one) => [keyOf(one), one])).values()];
  const values = wanted.map(({ system, value }): SearchValue => ({ kind: 'token', system, code: value }));
  const answer = await inLots(reader, type, 'identifier', values, visibility);
  if (!answer.ok) return answer;
  for (const resource of answer.value) {
    for (const key of identifiersOf(resource)) found.set(key, [...(found.get(key) ?? []), resource.id ?? '']);
  }
  return ok(found);
}

/** What has one of the values; a record that has several of them is there once. */
async function inLots(
  reader: Reader,
  type: string,
  code: string,
  values: readonly SearchValue[],
  visibility: Visibility,
): Promise<Result<Resource[]>> {
  const found = new Map<string, Resource>();
  for (let at = 0; at < values.length; at += atOnce) {
    const param = { code, kind: 'token', expression: '' } as const;
    const filter: Filter = { kind: 'filter', param, values: values.slice(at, at + atOnce) };
    const answer = await allOf(reader, type, [filter], visibility);
    if (!answer.ok) return answer;
    for (const resource of answer.value) found.set(resource.id ?? '', resource);
  }
  return ok([...found.values()]);
}

function keyOf({ system, value }: Named): string {
  return `${system}|${value}`;
}

function identifiersOf({ identifier }: Resource): Set<string> {
  const list: unknown[] = Array.isArray(identifier) ? identifier : [];
  return new Set(
    list.flatMap((one) =>
      isObject(one) ? [keyOf({ system: String(one.system ?? ''), value: String(one.value ?? '') })] : [],
    ),
  );
}
