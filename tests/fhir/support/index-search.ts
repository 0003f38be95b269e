import type { IndexEntries } from '../../../src/fhir/search/extract.ts';
import type { Filter, SearchQuery, SearchValue } from '../../../src/fhir/search/query.ts';

/** Answers a query from index entries alone: what the store does in SQL, in memory. */
export function matchesEntries(entries: IndexEntries, query: SearchQuery): boolean {
  return query.filters.every((filter) => {
    if (filter.kind !== 'filter') throw new Error('filters only');
    const any = filter.values.some((value) => hasEntry(entries, filter, value));
    return filter.modifier === 'not' ? !any : any;
  });
}

function hasEntry(entries: IndexEntries, { param, modifier }: Filter, asked: SearchValue): boolean {
  const own = <T extends { param: string }>(list: T[]) => list.filter((entry) => entry.param === param.code);
  switch (asked.kind) {
    case 'missing':
      return entries.present.includes(param.code) !== asked.missing;
    case 'token':
      return own(entries.tokens).some(
        ({ system, code }) =>
          (asked.system === undefined || system === asked.system) &&
          (asked.code === undefined ? system !== '' : code === asked.code),
      );
    case 'reference':
      if (asked.url !== undefined) return own(entries.urls).some(({ url }) => url === asked.url);
      return own(entries.references).some(
        ({ type, id }) => id === asked.id && (asked.type === undefined || type === asked.type),
      );
    case 'string':
      return own(entries.strings).some(({ text, exact }) => {
        if (modifier === 'exact') return exact === asked.text;
        return modifier === 'contains' ? text.includes(asked.text) : text.startsWith(asked.text);
      });
    case 'uri':
      return own(entries.uris).some(({ uri }) => uri === asked.uri);
    case 'date':
      return own(entries.dates).some(({ start, end }) => {
        const inside = start >= asked.start && end <= asked.end;
        const above = end > asked.end;
        const below = start < asked.start;
        if (asked.prefix === 'eq') return inside;
        if (asked.prefix === 'ne') return !inside;
        if (asked.prefix === 'gt') return above;
        if (asked.prefix === 'lt') return below;
        if (asked.prefix === 'ge') return above || inside;
        if (asked.prefix === 'le') return below || inside;
        if (asked.prefix === 'sa') return start >= asked.end;
        return asked.prefix === 'eb' ? end <= asked.start : start < asked.end && end > asked.start;
      });
    default:
      throw new Error('not asked of this oracle');
  }
}
