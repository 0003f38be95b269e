import { ok, type Result } from '../base/errors.ts';
import type { SearchQuery } from '../fhir/search/query.ts';
import { compartment } from './compartment.ts';
import { history } from './history.ts';
import { historyOf } from './history-of.ts';
import type { StoreParts } from './parts.ts';
import { read, readMany, readSeen, readVersion } from './read.ts';
import { recordsOf } from './records-of.ts';
import type { Query } from './rows.ts';
import { search } from './search/search.ts';
import { searchable } from './search-parameters/searchable.ts';
import { sees } from './sees.ts';
import { lastProvenanceOf, stillShows } from './still-shows.ts';
import { toldInPart } from './told-in-part.ts';
import type { Reader, SearchPage, Stored, Visibility } from './types.ts';
import { wholly } from './visibility.ts';

/** Everything that reads, over a connection or the pool. */
export function createReader(query: Query, parts: StoreParts): Reader {
  const told = (visibility: Visibility, stored: Stored) => toldInPart(query, parts, visibility, stored);
  const all = async (visibility: Visibility, some: Stored[]): Promise<Stored[]> => {
    if (visibility.kind === 'all' || !visibility.partly) return some;
    const these: Stored[] = [];
    // One after the other: nearly always nothing is asked.
    for (const stored of some) these.push(await told(visibility, stored));
    return these;
  };
  const find = async (wanted: SearchQuery, visibility: Visibility): Promise<Result<SearchPage>> => {
    const found = await search(query, parts, wanted, visibility);
    if (!found.ok) return found;
    const { matches, included, ...page } = found.value;
    return ok({ ...page, matches: await all(visibility, matches), included: await all(visibility, included) });
  };
  return {
    query,
    read: (type, id) => read(query, type, id),
    readSeen: async (type, id, visibility) => {
      const seen = await readSeen(query, parts, visibility, type, id);
      return seen && told(visibility, seen);
    },
    readMany: (references) => readMany(query, references),
    readVersion: (type, id, version) => readVersion(query, type, id, version),
    history: (type, id, page) => history(query, type, id, page),
    historyOf: (wanted, visibility) => historyOf(query, parts, wanted, visibility),
    compartment: async (wanted, visibility) => {
      const found = await compartment(query, parts, wanted, visibility);
      return found.ok ? ok({ ...found.value, matches: await all(visibility, found.value.matches) }) : found;
    },
    lastProvenanceOf: (patientId) => lastProvenanceOf(query, patientId),
    stillShows: (before, visibility) => stillShows(query, parts, before, wholly(visibility)),
    recordsOf: (patientIds, types) => recordsOf(query, patientIds, types),
    search: (wanted, visibility) => searchable({ query }, parts.catalog, wanted, () => find(wanted, visibility)),
    sees: (visibility, stored) => sees(query, parts, wholly(visibility), stored),
  };
}
