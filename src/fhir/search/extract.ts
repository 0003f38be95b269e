import type { Definitions } from '../definitions.ts';
import { withoutParts } from '../labelled-parts.ts';
import { subjectParams } from '../patient-reach.ts';
import { parseReference } from '../references.ts';
import type { Resource } from '../types.ts';
import type { Ucum } from '../ucum.ts';
import { dateOf } from './index-dates.ts';
import type { IndexEntries } from './index-entries.ts';
import { canonicalForm, referenceForms, tokenForms, uriForms } from './index-forms.ts';
import { numbersOf } from './index-numbers.ts';
import { placesOf, readPlace } from './index-pairs.ts';
import { referenceOf } from './index-references.ts';
import { stringsOf } from './index-strings.ts';
import { textsOf, tokensOf } from './index-tokens.ts';
import { type Leaf, leafReader } from './leaves.ts';
import { numberPlaces } from './number-places.ts';
import type { SearchParam } from './query.ts';
import { isObject } from './walk-path.ts';

export type { IndexEntries } from './index-entries.ts';

interface Compiled {
  /** What it was compiled from: another map says that the parameters of the type have changed. */
  from: ReadonlyMap<string, SearchParam>;
  params: { param: SearchParam; read: (resource: Resource, visit: (leaf: Leaf) => void) => void }[];
  numbers: ReturnType<typeof numberPlaces>;
  places: ReturnType<typeof placesOf>;
  compartment: ReadonlySet<string>;
}

/**
 * Makes the function that says what a resource is found by. Every parameter is compiled once, when its type is first seen.
 * `baseUrl` (ours) makes absolute references under it local ones. Values that make no sense are left out, never thrown on:
 * whether a resource is well formed is the validator's question. By its labelled parts a resource is found by nobody: what a search finds is
 * the same for whoever is told of them and whoever is not.
 */
export function createExtractor(
  definitions: Definitions,
  options: { baseUrl?: string } = {},
): (resource: Resource) => IndexEntries {
  const byType = new Map<string, Compiled>();
  const compiledFor = (type: string): Compiled => {
    const from = definitions.searchParams(type);
    let compiled = byType.get(type);
    if (compiled?.from !== from) {
      const params = [...from.values()].filter(({ kind }) => leafKinds.has(kind));
      compiled = {
        from,
        params: params.map((param) => ({ param, read: leafReader(param) })),
        numbers: numberPlaces(from.values()),
        places: placesOf(from.values()),
        compartment: new Set(definitions.compartmentParams(type)),
      };
      byType.set(type, compiled);
    }
    return compiled;
  };
  const { baseUrl } = options;
  const collect = (param: SearchParam, leaves: readonly Leaf[]): IndexEntries => {
    const entries = noEntries();
    for (const leaf of leaves) {
      // A part of a composite has no modifiers, so of a token none of the further forms.
      if (param.kind === 'token') entries.tokens.push(...tokensOf(param.code, leaf.type, leaf.value));
      else addEntries(entries, param, leaf, baseUrl, definitions.ucum);
    }
    return entries;
  };
  const entriesOf = (resource: Resource): IndexEntries => {
    const { params, numbers, places, compartment } = compiledFor(resource.resourceType);
    const entries = noEntries();
    for (const { param, read } of params) {
      let isPresent = false;
      read(resource, (leaf) => {
        isPresent = true;
        addEntries(entries, param, leaf, baseUrl, definitions.ucum);
      });
      if (isPresent) entries.present.push(param.code);
    }
    for (const { path, codes, read } of numbers) {
      read(resource, ({ type, value }) => {
        entries.present.push(...codes);
        for (const range of numbersOf(type, value, definitions.ucum)) {
          entries.numbers.push({ ...range, path, params: codes });
        }
      });
    }
    for (const reader of places) {
      const { isPresent, pairs } = readPlace(reader, resource, collect);
      if (isPresent) entries.present.push(...reader.codes);
      entries.pairs.push(...pairs);
    }
    if (entries.uris.some(({ param }) => param === 'url')) entries.forms.push(...canonicalForm(resource));
    return finish(entries, resource, compartment);
  };
  return (resource) => {
    const rest = withoutParts(resource, () => true);
    if (rest === resource) return entriesOf(resource);
    const [whole, bare] = [entriesOf(resource), entriesOf(rest)];
    // Whose a record is, everybody must know of it: a part that makes it somebody's is not told apart from it.
    const isSame = whole.subjects === bare.subjects && whole.patients.join() === bare.patients.join();
    return isSame ? { ...bare, isWithoutParts: true } : whole;
  };
}

/** Kinds that are read parameter by parameter. */
const leafKinds: ReadonlySet<string> = new Set(['token', 'reference', 'string', 'date', 'uri']);

function noEntries(): IndexEntries {
  return {
    tokens: [],
    references: [],
    urls: [],
    strings: [],
    dates: [],
    uris: [],
    forms: [],
    numbers: [],
    pairs: [],
    present: [],
    patients: [],
    subjects: 0,
  };
}

function addEntries(
  entries: IndexEntries,
  param: SearchParam,
  leaf: Leaf,
  baseUrl: string | undefined,
  ucum: Ucum,
): void {
  const { code } = param;
  switch (param.kind) {
    case 'token':
      entries.tokens.push(...tokensOf(code, leaf.type, leaf.value));
      entries.forms.push(...tokenForms(code, leaf.type, leaf.value));
      entries.strings.push(...textsOf(code, leaf.type, leaf.value));
      return;
    case 'reference': {
      const plain = plainReference(leaf.value, baseUrl);
      if (plain) {
        if (leaf.target === undefined || plain.type === leaf.target) entries.references.push({ param: code, ...plain });
        return;
      }
      entries.forms.push(...referenceForms(code, leaf.value, { target: leaf.target, baseUrl }));
      const found = referenceOf(code, leaf.value, { target: leaf.target, baseUrl });
      if (!found) return;
      if ('reference' in found) entries.references.push(found.reference);
      else entries.urls.push(...found.urls);
      return;
    }
    case 'string':
      entries.strings.push(...stringsOf(code, leaf.type, leaf.value));
      return;
    case 'date': {
      const range = dateOf(leaf.type, leaf.value);
      if (range) entries.dates.push({ param: code, start: range.start, end: range.end });
      return;
    }
    case 'uri':
      if (typeof leaf.value === 'string' && leaf.value !== '') entries.uris.push({ param: code, uri: leaf.value });
      entries.forms.push(...uriForms(code, leaf.value));
      return;
    case 'number':
    case 'quantity':
      // As part of a composite; elsewhere numbers are read place by place.
      for (const range of numbersOf(leaf.type, leaf.value, ucum)) {
        entries.numbers.push({ ...range, path: '', params: [code] });
      }
      return;
    default:
      return;
  }
}

/** Nearly every reference: to a resource of ours, of no version, without an identifier. It has no further forms. */
function plainReference(value: unknown, baseUrl: string | undefined): { type: string; id: string } | undefined {
  if (!isObject(value) || typeof value.reference !== 'string' || value.identifier !== undefined) return undefined;
  const parsed = parseReference(value.reference, baseUrl);
  return parsed?.kind === 'local' && parsed.version === undefined ? { type: parsed.type, id: parsed.id } : undefined;
}

function finish(entries: IndexEntries, resource: Resource, compartment: ReadonlySet<string>): IndexEntries {
  const { resourceType: type, id: own } = resource;
  const named = entries.references.filter((to) => to.type === 'Patient' && compartment.has(to.param));
  const params = subjectParams(type, compartment);
  const about = named.filter(({ param }) => params === undefined || params.includes(param)).map(({ id }) => id);
  if (type === 'Patient' && own !== undefined) about.unshift(own);
  const patients = new Set([...about, ...named.map(({ id }) => id)]);
  return {
    tokens: unique(entries.tokens, sameToken, ({ param, system, code }) => `${param}\n${system}\n${code}`),
    references: unique(entries.references, sameReference, ({ param, type, id }) => `${param}\n${type}/${id}`),
    urls: unique(entries.urls, sameUrl, ({ param, url }) => `${param}\n${url}`),
    strings: unique(entries.strings, sameString, ({ param, exact, form = '' }) => `${param}\n${form}\n${exact}`),
    dates: unique(entries.dates, sameDate, ({ param, start, end }) => `${param}\n${start}\n${end}`),
    uris: unique(entries.uris, sameUri, ({ param, uri }) => `${param}\n${uri}`),
    forms: unique(entries.forms, undefined, ({ param, form, parts }) => [param, form, ...parts].join('\n')),
    numbers: unique(entries.numbers, undefined, ({ path, form, low, high }) => [path, low, high, ...form].join('\n')),
    pairs: entries.pairs,
    present: [...new Set(entries.present)],
    patients: [...patients],
    subjects: about.length > 0 ? new Set(about).size : patients.size,
  };
}

type One<List extends 'tokens' | 'references' | 'urls' | 'strings' | 'dates' | 'uris'> = IndexEntries[List][number];
const sameToken = (a: One<'tokens'>, b: One<'tokens'>) =>
  a.param === b.param && a.code === b.code && a.system === b.system;
const sameReference = (a: One<'references'>, b: One<'references'>) =>
  a.param === b.param && a.id === b.id && a.type === b.type;
const sameUrl = (a: One<'urls'>, b: One<'urls'>) => a.param === b.param && a.url === b.url;
const sameString = (a: One<'strings'>, b: One<'strings'>) =>
  a.param === b.param && a.form === b.form && a.exact === b.exact;
const sameDate = (a: One<'dates'>, b: One<'dates'>) => a.param === b.param && a.start === b.start && a.end === b.end;
const sameUri = (a: One<'uris'>, b: One<'uris'>) => a.param === b.param && a.uri === b.uri;

/** So few are compared with each other faster than by keys put together. */
const fewItems = 16;

function unique<T>(items: T[], isSame: ((a: T, b: T) => boolean) | undefined, keyOf: (item: T) => string): T[] {
  if (items.length < 2) return items;
  if (isSame && items.length <= fewItems) return uniqueOfFew(items, isSame);
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function uniqueOfFew<T>(items: T[], isSame: (a: T, b: T) => boolean): T[] {
  const kept: T[] = [];
  for (const item of items) {
    let isNew = true;
    for (let at = 0; isNew && at < kept.length; at += 1) isNew = !isSame(item, kept[at] ?? item);
    if (isNew) kept.push(item);
  }
  return kept;
}
