import type { Result } from '../../base/errors.ts';
import { parseChain } from './parse-chain.ts';
import type { CriterionContext } from './parse-context.ts';
import { notSupported, parseFilter, splitName } from './parse-filter.ts';
import { parseFilterExpression } from './parse-filter-expression.ts';
import { parseHas } from './parse-has.ts';
import { parseList } from './parse-list.ts';
import { parseWords } from './parse-words.ts';
import type { Criterion } from './query.ts';

type CriterionParser = (context: CriterionContext, type: string, name: string, value: string) => Result<Criterion>;

/** Criteria that are no parameter of a type. */
const special: Readonly<Record<string, CriterionParser>> = {
  _has: parseHas,
  _list: parseList,
  _filter: parseFilterExpression,
  _text: parseWords,
  _content: parseWords,
};

/** FHIR R4 defines these too; they are refused by name until they are answered. */
const unsupported: ReadonlySet<string> = new Set(['_query', '_type', '_contained', '_containedType', '_score']);

/**
 * One criterion of a search on `type`: `name` with all its modifiers and chains, as it stands in the URL (decoded). Errors are
 * `invalid`; the issue code `not-found` means that the type does not know the parameter.
 */
export function parseCriterion(
  context: CriterionContext,
  type: string,
  name: string,
  value: string,
): Result<Criterion> {
  const [code] = splitName(name);
  if (unsupported.has(code)) return notSupported(`Search parameter '${code}' is not supported.`);
  const parser = Object.hasOwn(special, code) ? special[code] : undefined;
  if (parser) return parser(context, type, name, value);
  return name.includes('.') ? parseChain(context, type, name, value) : parseFilter(context, type, name, value);
}
