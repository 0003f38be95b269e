import { fail, type Result } from '../../base/errors.ts';
import type { SearchQuery } from '../../fhir/search/query.ts';
import type { StoreParts } from '../parts.ts';
import type { Query } from '../rows.ts';
import type { SearchPage, Visibility } from '../types.ts';

export async function search(
  _query: Query,
  _parts: StoreParts,
  _wanted: SearchQuery,
  _visibility: Visibility,
): Promise<Result<SearchPage>> {
  return fail('internal', 'search is being built');
}
