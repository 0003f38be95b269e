import { definitions, idOf, type Persona, typeOf, typesOf } from './persona.ts';

/** One request of a path. What it finds for somebody who sees everything is asked, not written down here. */
export interface Ask {
  url: string;
  /** Records that lead there: where one of them is hidden, nothing is found. */
  through?: readonly string[];
}

/** A way to come to records. */
export interface Path {
  name: string;
  asks(persona: Persona): Ask[];
  /**
   * `whole`: whoever sees a record finds it. `at-most`: what leads there may have been taken out of what this viewer is told, so only
   * leaks count. `refusable`: families may not go this way at all, whatever they ask for.
   */
  kind: 'whole' | 'at-most' | 'refusable';
  /** What of the answer tells: the records in it (absent), its total besides, its total alone, or its status. */
  tells?: 'total' | 'total-alone' | 'status';
}

const perRecord = (url: (reference: string) => string) => (persona: Persona) =>
  [...persona.records.keys()].map((reference): Ask => ({ url: url(reference) }));

/** A type's records of one child of the persona. */
function ofPatients(persona: Persona, more = ''): Ask[] {
  return typesOf(persona).flatMap((type) => {
    const params = definitions.searchParams(type);
    const param = type === 'Patient' ? '_id' : ['patient', 'subject'].find((code) => params.has(code));
    if (!param) return [];
    return persona.patients.map((id): Ask => {
      const value = param === '_id' ? id : `Patient/${id}`;
      return { url: `${type}?${param}=${value}&_count=200${more}`, through: [`Patient/${id}`] };
    });
  });
}

function byCode(persona: Persona): Ask[] {
  const urls = new Set<string>();
  for (const [reference, record] of persona.records) {
    const type = typeOf(reference);
    for (const name of ['code', 'category', 'vaccine-code', 'status', 'class', 'type']) {
      if (!definitions.searchParams(type).has(name)) continue;
      for (const coding of codings((record as Record<string, unknown>)[elementOf[name] ?? name]))
        urls.add(`${type}?${name}=${encodeURIComponent(coding)}&_count=200`);
    }
  }
  return [...urls].map((url) => ({ url }));
}

const elementOf: Record<string, string> = { 'vaccine-code': 'vaccineCode' };

function codings(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(codings);
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  const { coding, system, code } = value as { coding?: unknown; system?: string; code?: unknown };
  if (coding !== undefined) return codings(coding);
  return typeof code === 'string' ? [system === undefined ? code : `${system}|${code}`] : [];
}

const byReference = ({ links }: Persona): Ask[] =>
  links.map(({ from, param, to }) => ({ url: `${typeOf(from)}?${param}=${to}&_count=200`, through: [to] }));

const chain = ({ links }: Persona): Ask[] =>
  links.map(({ from, param, to }) => ({
    url: `${typeOf(from)}?${param}:${typeOf(to)}._id=${idOf(to)}&_count=200`,
    through: [to],
  }));

const has = ({ links }: Persona): Ask[] =>
  links.map(({ from, param, to }) => ({
    url: `${typeOf(to)}?_has:${typeOf(from)}:${param}:_id=${idOf(from)}&_count=200`,
    through: [from],
  }));

const perPatient = (url: (id: string) => string) => (persona: Persona) =>
  persona.patients.map((id): Ask => ({ url: url(id), through: [`Patient/${id}`] }));

/** The list that the matrix itself makes for each persona: every record is on it. */
export const listOf = ({ name }: Persona) => `List/pv-${name}-matrix`;

export const paths: readonly Path[] = [
  { name: 'batch GET', kind: 'whole', asks: perRecord((reference) => reference) },
  { name: 'search by _id', kind: 'whole', asks: perRecord((one) => `${typeOf(one)}?_id=${idOf(one)}`) },
  { name: 'search by patient', kind: 'whole', asks: (persona) => ofPatients(persona) },
  { name: 'search by code, category or status', kind: 'at-most', asks: byCode },
  { name: 'search by what a record refers to', kind: 'at-most', asks: byReference },
  { name: 'reference, then what it leads to (chain)', kind: 'at-most', asks: chain },
  { name: '_has', kind: 'at-most', asks: has },
  {
    name: '_include',
    kind: 'at-most',
    asks: (persona) =>
      [...persona.records.keys()].map((one) => ({
        url: `${typeOf(one)}?_id=${idOf(one)}&_include=*`,
        through: [one],
      })),
  },
  { name: '_revinclude', kind: 'at-most', asks: perPatient((id) => `Patient?_id=${id}&_revinclude=*`) },
  {
    name: ':iterate',
    kind: 'at-most',
    asks: perPatient((id) => `Patient?_id=${id}&_revinclude=*&_include:iterate=*`),
  },
  { name: '_sort', kind: 'whole', asks: (persona) => ofPatients(persona, '&_sort=-_id') },
  {
    name: '_total=accurate',
    kind: 'whole',
    tells: 'total',
    asks: (persona) => ofPatients(persona, '&_total=accurate'),
  },
  {
    name: '_summary=count',
    kind: 'whole',
    tells: 'total-alone',
    asks: (persona) => ofPatients(persona, '&_summary=count'),
  },
  {
    name: 'compartment search of a type',
    kind: 'whole',
    asks: (persona) =>
      typesOf(persona)
        .filter((type) => type !== 'Patient' && definitions.compartmentParams(type).length > 0)
        .flatMap((type) => perPatient((id) => `Patient/${id}/${type}?_count=200`)(persona)),
  },
  { name: 'compartment search of all types', kind: 'whole', asks: perPatient((id) => `Patient/${id}/*?_count=500`) },
  { name: '$everything', kind: 'whole', asks: perPatient((id) => `Patient/${id}/$everything?_count=500`) },
  { name: '$docref', kind: 'whole', asks: perPatient((id) => `DocumentReference/$docref?patient=${id}`) },
  { name: '$meta', kind: 'whole', tells: 'status', asks: perRecord((one) => `${one}/$meta`) },
  { name: 'vread', kind: 'refusable', asks: perRecord((one) => `${one}/_history/1`) },
  { name: 'history of a record', kind: 'refusable', asks: perRecord((one) => `${one}/_history`) },
  {
    name: 'history of a type',
    kind: 'refusable',
    asks: (persona) => typesOf(persona).map((type) => ({ url: `${type}/_history?_count=1000` })),
  },
  { name: 'history of the system', kind: 'refusable', asks: () => [{ url: '_history?_count=1000' }] },
  {
    name: '_sort by time of change',
    kind: 'refusable',
    asks: (persona) => ofPatients(persona, '&_sort=-_lastUpdated'),
  },
  {
    name: '_filter',
    kind: 'refusable',
    asks: perRecord((one) => `${typeOf(one)}?_filter=${encodeURIComponent(`_id eq ${idOf(one)}`)}`),
  },
  {
    name: '_list',
    kind: 'refusable',
    asks: (persona) =>
      typesOf(persona).map((type) => ({
        url: `${type}?_list=${idOf(listOf(persona))}&_count=200`,
        through: [listOf(persona)],
      })),
  },
];
