import { ok, type Result } from '../../base/errors.ts';
import type { r4 } from '../../fhir/types.ts';

/** A code as a value set lists it. */
interface Listed {
  system: string;
  code: string;
}

/**
 * A value set with its codes as one flat expansion: what the engine reads. A plain list of codes is taken as it is; the rest is evaluated
 * by the terminology (`expand`), and where that cannot be done because a code system is not loaded, a whole expansion that came along is taken.
 */
export async function expanded(
  valueSet: r4.ValueSet,
  expand: (valueSet: r4.ValueSet) => Promise<Result<readonly Listed[]>>,
): Promise<Result<r4.ValueSet>> {
  const listed = listedCodes(valueSet);
  if (listed) return ok(withCodes(valueSet, listed));
  const found = await expand(valueSet);
  if (found.ok) return ok(withCodes(valueSet, found.value));
  const whole = wholeExpansion(valueSet);
  return whole ? ok(withCodes(valueSet, whole)) : found;
}

function withCodes(
  { compose: _, expansion: __, text: ___, ...about }: r4.ValueSet,
  codes: readonly Listed[],
): r4.ValueSet {
  const contains = codes
    .map(({ system, code }) => ({ system, code }))
    .sort((a, b) => (`${a.system}|${a.code}` < `${b.system}|${b.code}` ? -1 : 1));
  return { ...about, expansion: { timestamp: about.date ?? '1970-01-01', contains } };
}

/** The codes of a `compose` that lists them and does nothing else. */
function listedCodes({ compose }: r4.ValueSet): Listed[] | undefined {
  if (!compose || compose.exclude?.length || compose.inactive === false) return undefined;
  const includes = compose.include ?? [];
  const isList = ({ system, concept, filter, valueSet }: r4.ValueSetComposeInclude) =>
    system !== undefined && concept !== undefined && !filter?.length && !valueSet?.length;
  if (includes.length === 0 || !includes.every(isList)) return undefined;
  return includes.flatMap(({ system = '', concept = [] }) => concept.map(({ code }) => ({ system, code })));
}

/** The codes of an expansion that is not a part of one. */
function wholeExpansion({ expansion }: r4.ValueSet): Listed[] | undefined {
  if (!expansion) return undefined;
  const codes: Listed[] = [];
  let count = 0;
  const open = [...(expansion.contains ?? [])];
  for (let next = open.pop(); next; next = open.pop()) {
    count += 1;
    open.push(...(next.contains ?? []));
    if (next.code !== undefined && next.system !== undefined && next.abstract !== true)
      codes.push({ system: next.system, code: next.code });
  }
  const isPart = (expansion.total ?? 0) > count || (expansion.offset ?? 0) > 0;
  return isPart ? undefined : codes;
}
