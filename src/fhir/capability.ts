import { compartmentTypes } from './compartment-params.ts';
import type { Definitions } from './definitions.ts';
import type { ParamKind, SearchParam } from './search/query.ts';
import type { Resource } from './types.ts';
import { usCoreSearches } from './us-core-searches.ts';

type TypeInteraction =
  | 'read'
  | 'vread'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history-instance'
  | 'history-type'
  | 'create'
  | 'search-type';
type SystemInteraction = 'transaction' | 'batch' | 'search-system' | 'history-system';

export interface CapabilityOptions {
  definitions: Definitions;
  baseUrl: string;
  /** Of the software. */
  version: string;
  /** When what is declared here last changed: an instant or a date. */
  date: string;
  /** What each type answers to; the same for all types. */
  interactions: readonly TypeInteraction[];
  systemInteractions: readonly SystemInteraction[];
  operations: readonly {
    name: string;
    definition: string;
    level: 'system' | 'type' | 'instance';
    resourceType?: string;
  }[];
  flags: {
    conditionalCreate: boolean;
    conditionalRead?: 'modified-since' | 'not-match' | 'full-support';
    conditionalUpdate: boolean;
    conditionalDelete: 'not-supported' | 'single' | 'multiple';
    updateCreate: boolean;
  };
  /** Profiles of each type that are loaded beside the built-in ones. */
  loadedProfiles?: ReadonlyMap<string, readonly string[]>;
  /** Types that are not among the resources and answer by themselves, with what they answer to. */
  apart?: ReadonlyMap<
    string,
    { interactions: readonly TypeInteraction[]; searchParams: Readonly<Record<string, ParamKind>> }
  >;
  /** Absent: a server without authorization. */
  security?: { authorizeUrl: string; tokenUrl: string; introspectUrl?: string; revokeUrl?: string; manageUrl?: string };
}

/** The kinds that `parseSearch` and the index answer. */
const answeredKinds: ReadonlySet<ParamKind> = new Set([
  'token',
  'reference',
  'string',
  'date',
  'uri',
  'number',
  'quantity',
  'composite',
  'special',
]);

/**
 * The CapabilityStatement of this server (FHIR R4, capabilitystatement.html), generated from what is registered, so that it
 * cannot promise anything else. Costs some milliseconds: make it once, not for each request.
 */
export function capabilityStatement(options: CapabilityOptions): Resource {
  const { definitions, baseUrl, version, date, systemInteractions, operations } = options;
  const revIncludes = reverseIncludes(definitions, new Set(options.apart?.keys()));
  const systemOperations = operations.filter(({ level }) => level === 'system').map(operationEntry);
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date,
    publisher: 'Careweave',
    kind: 'instance',
    instantiates: ['http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server'],
    software: { name: 'Careweave', version },
    implementation: { description: 'Care coordination for children', url: baseUrl },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    rest: [
      {
        mode: 'server',
        ...(options.security ? { security: securityEntry(options.security) } : {}),
        resource: [...definitions.types]
          .sort()
          .map((type) => apartEntry(options, type) ?? resourceEntry(options, type, revIncludes.get(type) ?? [])),
        ...listOf(
          'interaction',
          systemInteractions.map((code) => ({ code })),
        ),
        searchParam: [...searchedByAll],
        ...listOf('operation', systemOperations),
        compartment: [...compartmentTypes].map((type) => `${compartmentUrl}${lowerFirst(type)}`),
      },
    ],
  };
}

/** What every search can be asked besides the parameters of its type; the last one where several types are searched. */
const searchedByAll = ['_has', '_list', '_filter', '_text', '_content', '_type'].map((name) => ({
  name,
  type: 'special' satisfies ParamKind,
}));

const compartmentUrl = 'http://hl7.org/fhir/CompartmentDefinition/';

/** As R4 names its definitions: `patient`, `relatedPerson`. */
function lowerFirst(type: string): string {
  return type.charAt(0).toLowerCase() + type.slice(1);
}

function apartEntry({ apart }: CapabilityOptions, type: string): object | undefined {
  const own = apart?.get(type);
  if (!own) return undefined;
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    interaction: own.interactions.map((code) => ({ code })),
    versioning: 'no-version',
    ...listOf(
      'searchParam',
      Object.entries(own.searchParams).map(([name, kind]) => ({ name, type: kind })),
    ),
  };
}

function resourceEntry(options: CapabilityOptions, type: string, revIncludes: readonly string[]): object {
  const { definitions, flags, interactions, operations, loadedProfiles } = options;
  const params = [...definitions.searchParams(type).values()].filter(({ kind }) => answeredKinds.has(kind));
  const profiles = new Set([...definitions.profiles(type), ...(loadedProfiles?.get(type) ?? [])]);
  // One on the type and on an instance is one operation: its definition says where it may be asked.
  const own = new Map(
    operations
      .filter(({ level, resourceType }) => level !== 'system' && (resourceType ?? type) === type)
      .map((operation) => [`${operation.name} ${operation.definition}`, operationEntry(operation)]),
  );
  return {
    ...listOf('extension', combinationsOf(type, params)),
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    ...listOf('supportedProfile', [...profiles].sort()),
    ...listOf(
      'interaction',
      interactions.map((code) => ({ code })),
    ),
    versioning: 'versioned-update',
    readHistory: interactions.includes('vread'),
    updateCreate: flags.updateCreate,
    conditionalCreate: flags.conditionalCreate,
    ...(flags.conditionalRead && { conditionalRead: flags.conditionalRead }),
    conditionalUpdate: flags.conditionalUpdate,
    conditionalDelete: flags.conditionalDelete,
    referencePolicy: ['literal', 'logical', 'local'],
    ...listOf('searchInclude', [
      '*',
      ...params.filter(({ kind }) => kind === 'reference').map(({ code }) => `${type}:${code}`),
    ]),
    searchRevInclude: ['*', ...revIncludes],
    ...listOf(
      'searchParam',
      params.map(({ code, kind }) => ({ name: code, type: kind })),
    ),
    ...listOf('operation', [...own.values()]),
  };
}

/** Parameters that US Core uses together: any can be, and these are what clients look for. */
function combinationsOf(type: string, params: readonly SearchParam[]): object[] {
  const { shall = [], should = [] } = usCoreSearches[type] ?? {};
  const answered = new Set(params.map(({ code }) => code));
  return [...shall, ...should]
    .filter((set) => set.length > 1 && set.every((code) => answered.has(code)))
    .map((set) => ({
      url: 'http://hl7.org/fhir/StructureDefinition/capabilitystatement-search-parameter-combination',
      extension: set.map((code) => ({ url: 'required', valueString: code })),
    }));
}

/** An empty list is no FHIR: the element is left out. */
function listOf(element: string, items: readonly unknown[]): Record<string, readonly unknown[]> {
  return items.length > 0 ? { [element]: items } : {};
}

function operationEntry({ name, definition }: { name: string; definition: string }): object {
  return { name, definition };
}

/** By target type: `Source:param` of every parameter that names it as a target. */
function reverseIncludes(definitions: Definitions, apart: ReadonlySet<string>): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const source of [...definitions.types].filter((type) => !apart.has(type)).sort()) {
    for (const param of definitions.searchParams(source).values()) {
      for (const target of namedTargets(source, param)) {
        const list = found.get(target) ?? [];
        list.push(`${source}:${param.code}`);
        found.set(target, list);
      }
    }
  }
  return found;
}

/** A parameter that may lead to anything is no news for any one type; but Provenance there is of every one (US Core asks for it by name). */
function namedTargets(source: string, { code, kind, targets = [] }: SearchParam): readonly string[] {
  const isTold = source === 'Provenance' && code === 'target';
  return kind === 'reference' && (isTold || targets.length < 100) ? targets : [];
}

/** SMART App Launch 2.2, conformance: the service code, and the URLs as the extension older clients still read. */
function securityEntry(security: NonNullable<CapabilityOptions['security']>): object {
  const urls: [string, string | undefined][] = [
    ['authorize', security.authorizeUrl],
    ['token', security.tokenUrl],
    ['introspect', security.introspectUrl],
    ['revoke', security.revokeUrl],
    ['manage', security.manageUrl],
  ];
  return {
    extension: [
      {
        url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
        extension: urls.flatMap(([url, valueUri]) => (valueUri === undefined ? [] : [{ url, valueUri }])),
      },
    ],
    cors: true,
    service: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
            code: 'SMART-on-FHIR',
            display: 'SMART-on-FHIR',
          },
        ],
        text: 'OAuth 2 with SMART App Launch and SMART Backend Services',
      },
    ],
  };
}
