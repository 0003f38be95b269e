import { authorize } from '../access/decide.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { parseReference } from '../fhir/references.ts';
import { partOf } from '../fhir/search/parse-modified.ts';
import type { Filter, SearchValue } from '../fhir/search/query.ts';
import { isObject } from '../fhir/search/walk-path.ts';
import type { Reader, Stored, Visibility } from '../store/types.ts';
import type { FhirContext } from './fhir-request.ts';

/** Ids asked for at a time. */
const batch = 200;

/**
 * The resource, and all that are part of it (`below`) or that it is part of (`above`), as the caller may see them (FHIR R4,
 * search.html#recursive). Ends in a circle too. Errors: `forbidden`; `invalid` (too-costly) above the bounds.
 */
export async function resolveHierarchy(
  from: { type: string; id: string },
  direction: 'above' | 'below',
  code: string,
  reader: Reader,
  context: FhirContext,
): Promise<Result<SearchValue[]>> {
  const { type } = from;
  const visible = authorize(context.principal, type, 's');
  if (!visible.ok) return visible;
  const step = direction === 'below' ? partsOf : wholesOf;
  const found = new Set([from.id]);
  let frontier = [from.id];
  for (let depth = 0; frontier.length > 0; depth += 1) {
    const next = await step(type, frontier, reader, visible.value, context);
    if (!next.ok) return next;
    frontier = [...new Set(next.value)].filter((id) => !found.has(id));
    for (const id of frontier) found.add(id);
    if (depth >= limits.search.maxHierarchyDepth || found.size > limits.search.maxResolved) {
      const text = `'${code}:${direction}' would follow more resources that are part of each other than a search may.`;
      return fail('invalid', text, { code: 'too-costly' });
    }
  }
  return ok([...found].map((id) => ({ kind: 'reference', type, id })));
}

type Step = (
  type: string,
  ids: readonly string[],
  reader: Reader,
  visible: Visibility,
  context: FhirContext,
) => Promise<Result<string[]>>;

/** Resources that are part of one of these. */
const partsOf: Step = async (type, ids, reader, visible, { definitions }) => {
  const param = definitions.searchParams(type).get(partOf[type] ?? '');
  const found: string[] = [];
  if (!param) return ok(found);
  for (let at = 0; at < ids.length; at += batch) {
    const values = ids.slice(at, at + batch).map((id): SearchValue => ({ kind: 'reference', type, id }));
    const matches = await all(type, { kind: 'filter', param, values }, reader, visible);
    if (!matches.ok) return matches;
    found.push(...matches.value.map(({ id }) => id));
  }
  return ok(found);
};

/** What these are part of. */
const wholesOf: Step = async (type, ids, reader, visible, { definitions, baseUrl }) => {
  const param = definitions.searchParams(type).get('_id');
  if (!param) return ok([]);
  const values = ids.map((code): SearchValue => ({ kind: 'token', code }));
  const matches = await all(type, { kind: 'filter', param, values }, reader, visible);
  if (!matches.ok) return matches;
  return ok(matches.value.flatMap(({ json }) => wholeOf(JSON.parse(json), type, baseUrl) ?? []));
};

/** All types of `partOf` say it in an element of this name. */
function wholeOf(resource: unknown, type: string, baseUrl: string): string | undefined {
  const element = isObject(resource) ? resource.partOf : undefined;
  const text = isObject(element) ? element.reference : undefined;
  const parsed = typeof text === 'string' ? parseReference(text, baseUrl) : undefined;
  return parsed?.kind === 'local' && parsed.type === type ? parsed.id : undefined;
}

async function all(type: string, filter: Filter, reader: Reader, visible: Visibility): Promise<Result<Stored[]>> {
  const found: Stored[] = [];
  const count = limits.search.maxCount;
  let cursor: string | undefined;
  do {
    const query = { type, filters: [filter], includes: [], revincludes: [], sort: [], count, total: 'none' as const };
    const page = await reader.search(cursor === undefined ? query : { ...query, cursor }, visible);
    if (!page.ok) return page;
    found.push(...page.value.matches);
    cursor = page.value.next;
  } while (cursor !== undefined && found.length <= limits.search.maxResolved);
  return ok(found);
}
