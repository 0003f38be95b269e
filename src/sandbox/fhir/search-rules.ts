import type { Personality } from '../personality.ts';
import type { Offered } from './offered.ts';

/** A search after the vendor's rules: what is really applied, and what was left out. */
export interface AppliedSearch {
  /** Search parameters for the implementation, without paging. */
  query: URLSearchParams;
  /** Names of parameters the vendor ignores. */
  ignored: string[];
  /** `_include` and `_revinclude` as asked. */
  includes: URLSearchParams;
  count: number;
  countOnly: boolean;
}

const silent = new Set(['_format', '_pretty', '_total', '_summary']);

/** Names with the FHIR type rule taken off: `subject:Patient` and `code:not` count as `subject` and `code`. */
function codeOf(name: string): string {
  return name.split(/[:.]/, 1)[0] ?? name;
}

function countFrom(text: string | null, personality: Personality): number | undefined {
  if (text === null) return personality.defaultCount;
  if (!/^\d{1,9}$/.test(text)) return undefined;
  return Math.min(Number(text), personality.maxCount);
}

/** Own absolute references become relative, `subject:Patient=1` becomes `subject=Patient/1`: the implementation knows only these. */
function normalized(name: string, value: string, base: string): [string, string] {
  const relative = value.startsWith(`${base}/`) ? value.slice(base.length + 1) : value;
  const typed = /^([a-z-]+):([A-Z][A-Za-z]+)$/.exec(name);
  if (typed?.[1] && typed[2]) return [typed[1], relative.includes('/') ? relative : `${typed[2]}/${relative}`];
  return [name, relative];
}

/**
 * Applies a personality to a search. Refusal texts name parameters only.
 * @returns the search to run, or an issue code with a text: `required` (a parameter is missing), `value`.
 */
export function applySearchRules(
  type: string,
  asked: URLSearchParams,
  rules: { personality: Personality; offered: Offered; base: string },
): AppliedSearch | { code: string; text: string } {
  const { personality, offered, base } = rules;
  const parameters = offered.searchParameters(type);
  const result: AppliedSearch = {
    query: new URLSearchParams(),
    ignored: [],
    includes: new URLSearchParams(),
    count: 0,
    countOnly: false,
  };
  for (const [name, value] of asked) {
    const code = codeOf(name);
    if (silent.has(name) || name === '_count') continue;
    if (/^_(rev)?include$/.test(code) && personality.resultParameters.includes(code))
      result.includes.append(name, value);
    else if (code === '_sort' && personality.resultParameters.includes(code)) result.query.append(name, value);
    else if (parameters.has(code) && value !== '') result.query.append(...normalized(name, value, base));
    else result.ignored.push(name);
  }
  const count = countFrom(asked.get('_count'), personality);
  if (count === undefined) return { code: 'value', text: '_count must be a whole number.' };
  result.countOnly = asked.get('_summary') === 'count' || count === 0;
  result.count = Math.max(count, 1);
  const choices = personality.requiredParameters[type];
  const present = new Set([...result.query.keys()].map(codeOf));
  if (choices && !choices.some((choice) => choice.every((name) => present.has(name)))) {
    const listed = choices.map((choice) => choice.join(' and ')).join(', or ');
    return { code: 'required', text: `A search of ${type} must have ${listed}.` };
  }
  return result;
}
