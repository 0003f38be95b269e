import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { implicitCodes } from './search/implicit-codes.ts';
import type { SearchParam } from './search/query.ts';
import { readSummaryPaths } from './summary-paths.ts';
import { createUcum, type Ucum } from './ucum.ts';
import { createSchema, type Schema } from './validate/schema.ts';
import { type ListedValueSets, readListed } from './validate/value-sets.ts';

/** What the server knows of FHIR R4: resource types, their search parameters, the patient compartment. */
export interface Definitions {
  types: ReadonlySet<string>;
  /** By code, the common ones (`_id`, `_lastUpdated`, `_tag` …) included; empty for an unknown type. */
  searchParams(type: string): ReadonlyMap<string, SearchParam>;
  /** Search parameters whose references put a resource into a patient's compartment, our additions included; [] for types outside of it. */
  compartmentParams(type: string): readonly string[];
  /** The elements of resources and datatypes; read from the disk when it is first asked for. */
  schema(): Schema;
  /**
   * For a parameter that looks at elements of type `code`: the codes they may have, by system. Undefined when it looks at none, or they are
   * not listed. A resource does not say the system of such a code (FHIR R4, search.html#token: it is implicit).
   */
  codesOf(param: SearchParam): ReadonlyMap<string, ReadonlySet<string>> | undefined;
  /** Units of measure; their table is loaded when the first unit is asked for. */
  ucum: Ucum;
  /** Paths of a type that are part of its summary; see `readSummaryPaths`. */
  summaryPaths(type: string): ReadonlyMap<string, boolean>;
  /** Canonical URLs of the built-in profiles of a resource type, sorted. */
  profiles(type: string): readonly string[];
}

interface DefinitionsFile {
  types: string[];
  params: Record<string, SearchParam[]>;
  compartment: Record<string, string[]>;
  profiles: Record<string, string[]>;
}

/** Types that R4's Patient compartment leaves out though they name their patient, and the search parameter that does so. */
const furtherCompartment: Readonly<Record<string, readonly string[]>> = {
  Contract: ['patient'],
  Device: ['patient'],
  GuidanceResponse: ['patient'],
};

const none: ReadonlyMap<string, SearchParam> = new Map();

/**
 * Reads the artifacts that `scripts/build-definitions.ts` wrote to `dir` (`build/fhir`).
 * Throws when they are missing: without them nothing can start.
 */
export function loadDefinitions(dir: string): Definitions {
  // The file is ours, written by the build: the one place where its shape is taken on trust.
  const file = JSON.parse(readFileSync(join(dir, 'definitions.json'), 'utf8')) as DefinitionsFile;
  const types = new Set(file.types);
  const byType = new Map<string, ReadonlyMap<string, SearchParam>>();
  const summaries = new Map<string, ReadonlyMap<string, boolean>>();
  let schema: Schema | undefined;
  let lists: ListedValueSets | undefined;
  const readSchema = () => {
    schema ??= createSchema(join(dir, 'structures'));
    return schema;
  };
  return {
    types,
    ucum: createUcum(),
    searchParams(type) {
      if (!types.has(type)) return none;
      let params = byType.get(type);
      if (!params) {
        params = new Map((file.params[type] ?? []).map((param) => [param.code, param]));
        byType.set(type, params);
      }
      return params;
    },
    compartmentParams: (type) => (types.has(type) ? (file.compartment[type] ?? furtherCompartment[type] ?? []) : []),
    schema: readSchema,
    codesOf(param) {
      lists ??= readListed(join(dir, 'profiles', 'value-sets.json'));
      return implicitCodes(param, readSchema(), lists);
    },
    profiles: (type) => (types.has(type) ? (file.profiles[type] ?? []) : []),
    summaryPaths(type) {
      let paths = summaries.get(type);
      if (!paths) {
        paths = types.has(type) ? readSummaryPaths(join(dir, 'structures'), type) : new Map();
        summaries.set(type, paths);
      }
      return paths;
    },
  };
}
