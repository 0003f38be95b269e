import { type Err, fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { withoutParts } from '../../fhir/labelled-parts.ts';
import type { Criterion, SearchQuery, SearchValue } from '../../fhir/search/query.ts';
import { hasWords } from '../../fhir/search/words.ts';
import type { Resource } from '../../fhir/types.ts';
import { parseContent } from '../content.ts';
import type { StoreParts } from '../parts.ts';
import type { Query } from '../rows.ts';
import type { Visibility } from '../types.ts';
import { statement } from './statement.ts';
import { branchWhere, type RowBranch } from './where.ts';

/** Rows read at a time: other requests are served between. */
const batch = 200;

type Words = Extract<SearchValue, { kind: 'words' }>;
const isWords = (value: SearchValue): value is Words => value.kind === 'words';

/** The alternatives of a criterion that asks for words; undefined for any other one. */
function wordsAsked(criterion: Criterion): Words[] | undefined {
  if (criterion.kind !== 'filter') return undefined;
  const words = criterion.values.filter(isWords);
  return words.length > 0 ? words : undefined;
}

/**
 * The branches of a search, those that ask for words (`_text`, `_content`) narrowed to the rows that have them. The words are looked
 * for in the records themselves, so what was written a moment ago is found, and a write costs nothing for it; in return the other
 * criteria must leave few enough candidates. Error `invalid` (too-costly): they leave more.
 */
export async function byWords(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  branches: readonly RowBranch[],
  visibility: Visibility,
): Promise<Result<RowBranch[]>> {
  const narrowed: RowBranch[] = [];
  let room: number = limits.search.textCandidates;
  for (const branch of branches) {
    const asked = branch.filters.flatMap((criterion) => wordsAsked(criterion)?.slice(0, 1) ?? []);
    if (asked.length === 0) {
      narrowed.push(branch);
      continue;
    }
    const rest = { ...branch, filters: branch.filters.filter((criterion) => !wordsAsked(criterion)) };
    const keys = await candidates(query, parts, wanted, rest, visibility, room + 1);
    if (!keys.ok) return keys;
    room -= keys.value.length;
    if (room < 0) return tooMany();
    const all = branch.filters.flatMap((criterion) => [wordsAsked(criterion) ?? []]).filter((one) => one.length > 0);
    narrowed.push({ ...rest, rows: await having(query, keys.value, all) });
  }
  return ok(narrowed);
}

function tooMany(): Err {
  const { textCandidates } = limits.search;
  const text = `'_text' and '_content' look through ${textCandidates} records at most; the other criteria leave more. Add one, such as a patient.`;
  return fail('invalid', text, { code: 'too-costly' });
}

async function candidates(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  branch: RowBranch,
  visibility: Visibility,
  limit: number,
): Promise<Result<string[]>> {
  const into = statement();
  const where = branchWhere(parts, wanted, { ...branch, whole: true }, visibility, into);
  if (!where.ok) return where;
  if (where.value === undefined) return ok([]);
  const rows = await query<{ key: string }>(
    `SELECT r.key FROM resource r WHERE ${where.value} LIMIT ${limit}`,
    into.values,
  );
  return ok(rows.map(({ key }) => key));
}

/** The rows among the candidates that have the words, each with the version that was read. */
async function having(
  query: Query,
  keys: readonly string[],
  asked: readonly (readonly Words[])[],
): Promise<NonNullable<RowBranch['rows']>> {
  const rows: NonNullable<RowBranch['rows']> = { keys: [], versions: [] };
  const meets = (resource: Resource) =>
    asked.every((any) => any.some(({ over, expression }) => hasWords(resource, over, expression)));
  for (let from = 0; from < keys.length; from += batch) {
    const read = await query<{ key: string; version: number; content: string }>(
      'SELECT r.key, r.version, r.content FROM resource r WHERE r.key = ANY ($1::bigint[]) AND NOT r.deleted',
      [keys.slice(from, from + batch)],
      'text-candidates',
    );
    for (const { key, version, content } of read) {
      // By its labelled parts a record is found by nobody: as in the index.
      if (!meets(withoutParts(parseContent(content), () => true))) continue;
      rows.keys.push(key);
      rows.versions.push(version);
    }
  }
  return rows;
}
