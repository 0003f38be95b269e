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
import type { Reader } from './types.ts';

/** Everything that reads, over a connection or the pool. */
export function createReader(query: Query, parts: StoreParts): Reader {
  return {
    query,
    read: (type, id) => read(query, type, id),
    readSeen: (type, id, visibility) => readSeen(query, parts, visibility, type, id),
    readMany: (references) => readMany(query, references),
    readVersion: (type, id, version) => readVersion(query, type, id, version),
    history: (type, id, page) => history(query, type, id, page),
    historyOf: (wanted, visibility) => historyOf(query, parts, wanted, visibility),
    compartment: (wanted, visibility) => compartment(query, parts, wanted, visibility),
    lastProvenanceOf: (patientId) => lastProvenanceOf(query, patientId),
    stillShows: (before, visibility) => stillShows(query, parts, before, visibility),
    recordsOf: (patientIds, types) => recordsOf(query, patientIds, types),
    search: (wanted, visibility) =>
      searchable({ query }, parts.catalog, wanted, () => search(query, parts, wanted, visibility)),
    sees: (visibility, stored) => sees(query, parts, visibility, stored),
  };
}
