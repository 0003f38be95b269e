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

const atOnce = 100;
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
  const found: Resolved = { roster: new Map(), unknown: [], ambiguous: [], uncertain: new Set(), unknownPractice: [] };
  for (const row of rows) {
    const ids = await childrenOf(row, byIdentifier.value, reader, visibility);
    const [child] = ids;
    if (child === undefined) found.unknown.push(row.row);
    else if (ids.length > 1 || found.roster.has(child)) {
      found.ambiguous.push(row.row);
      if (ids.length > 1) for (const id of ids) found.uncertain.add(id);
    } else {
      const practice = await practiceOf(row, practices.value, reader, visibility);
      if (row.practice && practice === undefined) found.unknownPractice.push(row.row);
      found.roster.set(child, practice);
    }
  }
  return ok(found);
}

async function childrenOf(
  { patientId, identifier }: RosterRow,
  byIdentifier: ReadonlyMap<string, string[]>,
  reader: Reader,
  visibility: Visibility,
): Promise<string[]> {
  if (patientId !== undefined) {
    const stored = await reader.readSeen('Patient', patientId, visibility);
    return stored && !stored.deleted ? [patientId] : [];
  }
  return identifier ? (byIdentifier.get(keyOf(identifier)) ?? []) : [];
}

async function practiceOf(
  { practice }: RosterRow,
  byNpi: ReadonlyMap<string, string[]>,
  reader: Reader,
  visibility: Visibility,
): Promise<string | undefined> {
  if (practice === undefined) return undefined;
  if ('npi' in practice) {
    const ids = byNpi.get(keyOf({ system: npiSystem, value: practice.npi })) ?? [];
    return ids.length === 1 ? `Organization/${ids[0]}` : undefined;
  }
  const [type = '', id = ''] = practice.reference.split('/');
  if (!/^(Organization|Practitioner|PractitionerRole)$/.test(type)) return undefined;
  const stored = await reader.readSeen(type, id, visibility);
  return stored && !stored.deleted ? practice.reference : undefined;
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
  for (let at = 0; at < wanted.length; at += atOnce) {
    const values = wanted
      .slice(at, at + atOnce)
      .map(({ system, value }): SearchValue => ({ kind: 'token', system, code: value }));
    const filter: Filter = { kind: 'filter', param: { code: 'identifier', kind: 'token', expression: '' }, values };
    const answer = await allOf(reader, type, [filter], visibility);
    if (!answer.ok) return answer;
    for (const resource of answer.value) {
      for (const key of identifiersOf(resource)) found.set(key, [...(found.get(key) ?? []), resource.id ?? '']);
    }
  }
  return ok(found);
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
