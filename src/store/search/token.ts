import type { IndexEntries } from '../../fhir/search/extract.ts';
import type { NumberForm } from '../../fhir/search/number-entry.ts';
import type { SearchValue } from '../../fhir/search/query.ts';
import { hash64 } from '../hash.ts';
import { type Numbers, workedOut } from '../numbers.ts';
import type { TokenTest } from '../types.ts';
import { isOwnColumn } from './columns.ts';

export { xor } from '../numbers.ts';

/**
 * The one place that knows how a searchable value becomes a number in `resource.tokens`, for writing and for searching alike.
 * Every form in which a search may ask for a value is stored, so that each question is one number.
 */
const forms = {
  code: 'c', // code, any system
  systemCode: 's', // system|code; the empty system is "|code"
  system: 'n', // system|
  reference: 'r', // Type/id
  id: 'i', // id, any type
  url: 'u', // canonical, foreign reference, uri
  present: 'p', // has any value, for :missing
  'of-type': 't', // the further forms of fhir/search/index-forms.ts
  'identifier-code': 'ic',
  'identifier-pair': 'is',
  'identifier-system': 'in',
  version: 'v',
  below: 'b',
  mime: 'm',
} as const;

function token(type: string, param: string, form: keyof typeof forms, ...parts: string[]): string {
  return hash64(type, param, forms[form], ...parts);
}

/** The number of a resource: `resource.self`. */
export function selfToken(type: string, id: string, { hash } = workedOut): string {
  return hash('self', type, id);
}

/** What `resource.self` of a target is XORed with to give the token of a reference to it by this parameter. */
export function referenceMask(type: string, param: string): string {
  return hash64(type, param, forms.reference);
}

/** The name of a parameter in the side tables; `form` tells apart what one parameter keeps there in several ways (a unit). */
export function sideParam(type: string, param: string, ...form: string[]): string {
  return sideName(workedOut, type, param, ...form);
}

export function sideName({ hash }: Numbers, type: string, param: string, ...form: string[]): string {
  return hash('side', type, param, ...form);
}

/**
 * The name of a number's rows in resource_number. Ranges have names of their own, because of single points an index knows more: what is
 * above a value is all on one side of it.
 */
export function numberSide(
  type: string,
  place: string,
  form: NumberForm,
  extent: 'point' | 'range',
  numbers = workedOut,
): string {
  return extent === 'point' ? sideName(numbers, type, place, ...form) : sideName(numbers, type, place, ...form, extent);
}

/** Every form in which the tokens, references, URLs and uris among some entries may be asked for. */
export function eachForm(
  entries: IndexEntries,
  visit: (param: string, form: keyof typeof forms, ...parts: string[]) => void,
): void {
  for (const { param, system, code } of entries.tokens) {
    if (code !== '') {
      visit(param, 'code', code);
      visit(param, 'systemCode', system, code);
    }
    if (system !== '') visit(param, 'system', system);
  }
  for (const { param, type, id } of entries.references) {
    visit(param, 'reference', type, id);
    visit(param, 'id', id);
  }
  for (const { param, url } of entries.urls) {
    visit(param, 'url', url);
    // A canonical asked for without a version matches every version of it.
    const bar = url.indexOf('|');
    if (bar > 0) visit(param, 'url', url.slice(0, bar));
  }
  for (const { param, uri } of entries.uris) visit(param, 'url', uri);
  for (const { param, form, parts } of entries.forms) visit(param, form, ...parts);
}

/** All tokens of a resource but those of its pairs (`pair.ts`). */
export function tokensOf(type: string, entries: IndexEntries, numbers = workedOut): string[] {
  const { hash } = numbers;
  const found = new Set<string>();
  eachForm(entries, (param, form, ...parts) => {
    if (isOwnColumn(param)) return;
    const [targetType = '', id = ''] = parts;
    if (form === 'reference') found.add(referenceToken(type, param, targetType, id, numbers));
    else found.add(hash(type, param, forms[form], ...parts));
  });
  for (const param of entries.present) if (!isOwnColumn(param)) found.add(hash(type, param, forms.present));
  return [...found];
}

export function presentToken(type: string, param: string): string {
  return token(type, param, 'present');
}

/** The token of a reference to `targetType/id`. */
export function referenceToken(
  type: string,
  param: string,
  targetType: string,
  id: string,
  numbers = workedOut,
): string {
  return numbers.xor(selfToken(targetType, id, numbers), numbers.hash(type, param, forms.reference));
}

/** The form a search value asks for; undefined for kinds that tokens do not serve. */
export function formAsked(value: SearchValue): [form: keyof typeof forms, ...parts: string[]] | undefined {
  if (value.kind === 'token') {
    if (value.code === undefined) return ['system', value.system ?? ''];
    return value.system === undefined ? ['code', value.code] : ['systemCode', value.system, value.code];
  }
  if (value.kind === 'uri') return ['url', value.uri];
  if (value.kind !== 'reference') return undefined;
  if (value.url !== undefined) return ['url', value.url];
  if (value.version !== undefined) return ['version', value.type ?? '', value.id ?? '', value.version];
  if (value.type === undefined) return ['id', value.id ?? ''];
  return ['reference', value.type, value.id ?? ''];
}

/** The token a search value asks for; undefined for kinds that tokens do not serve. */
export function tokenOf(type: string, param: string, value: SearchValue): string | undefined {
  const asked = formAsked(value);
  if (!asked) return undefined;
  const [form, first = '', second = ''] = asked;
  return form === 'reference' ? referenceToken(type, param, first, second) : token(type, param, ...asked);
}

/** The tokens of which a search value asks for any; none for kinds that tokens do not serve. */
export function anyTokensOf(type: string, param: string, value: SearchValue): string[] {
  if (value.kind === 'forms') return value.any.map(({ form, parts }) => token(type, param, form, ...parts));
  return [tokenOf(type, param, value) ?? []].flat();
}

/** The tokens of which a record has one when it meets the test. None that is stored, where the test's parameter has no tokens. */
export function testTokens(type: string, { param, anyOf, refersTo = [] }: TokenTest): string[] {
  const references = refersTo.map((name) => {
    const [targetType = '', id = ''] = name.split('/');
    return referenceToken(type, param, targetType, id);
  });
  return [
    ...anyOf.flatMap(({ system, code }) => tokenOf(type, param, { kind: 'token', system, code }) ?? []),
    ...references,
  ];
}

/** The numbers (`resource.self`) of the records that a test by `_id` names. */
export function selvesOf(type: string, { anyOf }: TokenTest): string[] {
  return anyOf.map(({ code }) => selfToken(type, code));
}
