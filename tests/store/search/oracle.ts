import type { IndexEntries } from '../../../src/fhir/search/extract.ts';
import type { Filter, SearchQuery, SearchValue, SortKey } from '../../../src/fhir/search/query.ts';

/** A slow, obvious reading of a search over what the extractor found: the independent answer to hold SQL against. */
export interface Record {
  type: string;
  id: string;
  lastUpdated: string;
  entries: IndexEntries;
}

type Ask = Extract<SearchValue, { kind: 'date' }>;

function compare(ask: Ask, from: string, to: string): boolean {
  const inside = ask.start <= from && to <= ask.end;
  const answers: { [prefix in Ask['prefix']]: boolean } = {
    eq: inside,
    ne: !inside,
    gt: to > ask.end,
    lt: from < ask.start,
    ge: to > ask.end || inside,
    le: from < ask.start || inside,
    sa: from >= ask.end,
    eb: to <= ask.start,
    ap: from < ask.end && to > ask.start,
  };
  return answers[ask.prefix];
}

function holds(
  { entries, id, lastUpdated }: Record,
  param: string,
  modifier: string | undefined,
  ask: SearchValue,
): boolean {
  const of = <T extends { param: string }>(list: T[]) => list.filter((entry) => entry.param === param);
  switch (ask.kind) {
    case 'missing':
      return (param.startsWith('_id') || param === '_lastUpdated' || entries.present.includes(param)) !== ask.missing;
    case 'token': {
      const tokens = param === '_id' ? [{ system: '', code: id }] : of(entries.tokens);
      return tokens.some(
        (token) =>
          (ask.system === undefined || ask.system === token.system) &&
          (ask.code === undefined || ask.code === token.code),
      );
    }
    case 'reference':
      if (ask.url !== undefined)
        return of(entries.urls).some(({ url }) => url === ask.url || url.split('|')[0] === ask.url);
      return of(entries.references).some(
        (reference) => reference.id === ask.id && (ask.type === undefined || ask.type === reference.type),
      );
    case 'uri':
      return of(entries.uris).some(({ uri }) => uri === ask.uri);
    case 'string':
      return of(entries.strings).some(({ text, exact, form }) => {
        if ((form === 'text') !== (modifier === 'text')) return false;
        if (modifier === 'exact') return exact === ask.text;
        return modifier === 'contains' ? text.includes(ask.text) : text.startsWith(ask.text);
      });
    case 'date': {
      const end = new Date(Date.parse(lastUpdated) + 1).toISOString();
      const dates = param === '_lastUpdated' ? [{ start: lastUpdated, end }] : of(entries.dates);
      return dates.some((date) => compare(ask, date.start, date.end));
    }
    default:
      throw new Error('not asked of this oracle');
  }
}

function meets(record: Record, { param, modifier, values }: Filter): boolean {
  const any = values.some((value) => holds(record, param.code, modifier, value));
  return modifier === 'not' ? !any : any;
}

const bytes = (text: string) => Buffer.from(text);

function sortValue({ entries, id, lastUpdated }: Record, { param, descending }: SortKey): string | undefined {
  if (param.code === '_id') return id;
  if (param.code === '_lastUpdated') return lastUpdated;
  const of = <T extends { param: string }>(list: T[]) => list.filter((entry) => entry.param === param.code);
  const values = [
    ...of(entries.tokens).map(({ code }) => code),
    ...of(entries.references).map(({ type, id }) => `${type}/${id}`),
    ...of(entries.urls).map(({ url }) => url),
    ...of(entries.uris).map(({ uri }) => uri),
    ...of(entries.strings).flatMap(({ text, form }) => (form === undefined ? [text] : [])),
    ...of(entries.dates).map(({ start }) => start),
  ].sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
  return descending ? values.at(-1) : values[0];
}

/** Ids in order; `records` come in order of creation. */
export function answer(records: readonly Record[], query: SearchQuery, patientId?: string): string[] {
  const found = records
    .filter(({ type }) => type === query.type)
    .filter(({ entries }) => patientId === undefined || entries.patients.slice(0, entries.subjects).includes(patientId))
    .filter((record) => query.filters.every((filter) => filter.kind === 'filter' && meets(record, filter)));
  // Array sort is stable, so going from the last key to the first leaves equals in order of creation.
  for (const key of [...query.sort].reverse()) {
    found.sort((left, right) => {
      const [a, b] = [sortValue(left, key), sortValue(right, key)];
      if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
      return Buffer.compare(bytes(a), bytes(b)) * (key.descending ? -1 : 1);
    });
  }
  return found.map(({ id }) => id);
}
