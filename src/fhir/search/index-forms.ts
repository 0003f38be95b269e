import { limits } from '../../base/limits.ts';
import { parseReference, splitCanonical } from '../references.ts';
import type { Resource } from '../types.ts';
import { beginnings } from './beginnings.ts';
import { isObject } from './walk-path.ts';

/**
 * Further forms in which modifiers ask for a value, each one number in the index like the value itself:
 * - `of-type`: system and code of an Identifier's type, and its value
 * - `identifier-code`, `identifier-pair`, `identifier-system`: of `Reference.identifier`
 * - `version`: type, id and version of a versioned reference
 * - `below`: what a URL, or the version of a canonical, begins with
 * - `mime`: a MIME type without its parameters
 *
 * `url` is no further form: the whole URL as it is indexed anyway.
 */
export type TokenForm =
  | 'of-type'
  | 'identifier-code'
  | 'identifier-pair'
  | 'identifier-system'
  | 'version'
  | 'below'
  | 'mime'
  | 'url';

export interface FormEntry {
  param: string;
  form: TokenForm;
  parts: readonly string[];
}

/** Further forms of one value of a token parameter. */
export function tokenForms(param: string, type: string, value: unknown): FormEntry[] {
  if (type === 'code' && typeof value === 'string') {
    const base = mimeBase(value);
    return base === undefined ? [] : [{ param, form: 'mime', parts: [base] }];
  }
  if (type !== 'Identifier' || !isObject(value) || typeof value.value !== 'string') return [];
  const { type: concept, value: text } = value;
  // A long one would be hashed once for each of its codings; such a one is not asked for either.
  if (text.length > limits.search.maxBoundedLength) return [];
  const codings: unknown[] = isObject(concept) && Array.isArray(concept.coding) ? concept.coding : [];
  return codings
    .filter(isObject)
    .flatMap(({ system, code }) =>
      typeof system === 'string' && typeof code === 'string'
        ? [{ param, form: 'of-type' as const, parts: [system, code, text] }]
        : [],
    );
}

/** `text/xml` of `text/xml; charset=UTF-8`; undefined for what is no MIME type. */
export function mimeBase(text: string): string | undefined {
  return /^\s*([\w.+-]+\/[\w.+-]+)\s*(;|$)/.exec(text)?.[1];
}

/** Further forms of one value of a reference parameter; `target` limits to one type as in `referenceOf`. */
export function referenceForms(
  param: string,
  value: unknown,
  { target, baseUrl }: { target?: string; baseUrl?: string },
): FormEntry[] {
  // A canonical: what its version begins with.
  if (typeof value === 'string') return canonicalForms(param, value);
  if (!isObject(value)) return [];
  const forms = identifierForms(param, value.identifier);
  if (typeof value.reference !== 'string') return forms;
  const parsed = parseReference(value.reference, baseUrl);
  if (parsed?.kind !== 'local' || parsed.version === undefined) return forms;
  if (target === undefined || parsed.type === target)
    forms.push({ param, form: 'version', parts: [parsed.type, parsed.id, parsed.version] });
  return forms;
}

function identifierForms(param: string, identifier: unknown): FormEntry[] {
  if (!isObject(identifier)) return [];
  const system = typeof identifier.system === 'string' ? identifier.system : '';
  const code = typeof identifier.value === 'string' ? identifier.value : '';
  const forms: FormEntry[] = [];
  if (code !== '') {
    forms.push({ param, form: 'identifier-code', parts: [code] });
    forms.push({ param, form: 'identifier-pair', parts: [system, code] });
  }
  if (system !== '') forms.push({ param, form: 'identifier-system', parts: [system] });
  return forms;
}

function canonicalForms(param: string, text: string): FormEntry[] {
  const { version } = splitCanonical(text);
  if (version === undefined) return [];
  return beginnings(text, 'version').map((part) => ({ param, form: 'below', parts: [part] }));
}

/** Further forms of one value of a uri parameter. */
export function uriForms(param: string, value: unknown): FormEntry[] {
  if (typeof value !== 'string') return [];
  return beginnings(value, 'url').map((part) => ({ param, form: 'below', parts: [part] }));
}

/** `url|version` of a resource with a canonical URL: what `url=…|…` asks for (FHIR R4, search.html#uri). */
export function canonicalForm({ url, version }: Resource): FormEntry[] {
  if (typeof url !== 'string' || typeof version !== 'string') return [];
  return [{ param: 'url', form: 'url', parts: [`${url}|${version}`] }];
}
