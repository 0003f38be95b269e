import type { SearchQuery } from '../../fhir/search/query.ts';
import type { StoreParts } from '../parts.ts';
import type { Visibility } from '../types.ts';
import type { RowBranch } from './where.ts';

/** What is asked for by one page of a search. */
export interface PageAsked {
  parts: StoreParts;
  wanted: SearchQuery;
  /** One for each type that is searched. */
  branches: readonly RowBranch[];
  visibility: Visibility;
  /** Rows at most. */
  limit: number;
}
