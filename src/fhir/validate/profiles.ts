import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { r4 } from '../types.ts';
import { compileProfile } from './profile-compile.ts';
import type { ProfileRules } from './profile-rules.ts';
import type { Schema } from './schema.ts';

type FindProfile = (url: string) => r4.StructureDefinition | undefined;

/** Definitions beyond the built-in ones. */
export interface LoadedProfiles {
  /** By `url` (the newest) or `url|version`. */
  find(canonical: string): r4.StructureDefinition | undefined;
  /** The set of definitions that `find` answers from: another object as soon as one of them has changed. */
  scope(): object;
  /** How often `find` could not say. What was compiled meanwhile may be wrong, and is not kept. */
  open(): number;
}

/**
 * Profiles and extension definitions by canonical URL: first those that `loaded` knows, then those built into `dir`
 * (`build/fhir/profiles`), each read and compiled when it is first asked for. A version in the URL has to be the one there is.
 */
export function createProfiles(
  dir: string,
  schema: Schema,
  loaded: LoadedProfiles = nothingLoaded,
): (url: string) => ProfileRules | undefined {
  const files = readIndex(join(dir, 'index.json'));
  const builtIn = new Map<string, r4.StructureDefinition>();
  const scopes = new WeakMap<object, Map<r4.StructureDefinition, ProfileRules>>();
  const find: FindProfile = (canonical) => {
    const own = loaded.find(canonical);
    if (own) return own;
    const [url = ''] = canonical.split('|');
    const file = files.get(url);
    if (file === undefined) return undefined;
    const definition = builtIn.get(url) ?? readDefinition(join(dir, file));
    builtIn.set(url, definition);
    return definition;
  };
  return (canonical) => {
    const [, version] = canonical.split('|');
    const definition = find(canonical);
    if (!definition || (version !== undefined && version !== definition.version)) return undefined;
    const compiled = scopes.get(loaded.scope()) ?? new Map<r4.StructureDefinition, ProfileRules>();
    scopes.set(loaded.scope(), compiled);
    const known = compiled.get(definition);
    if (known) return known;
    const open = loaded.open();
    const rules = compileProfile(definition, schema, find);
    // What lacks a profile it derives from may be whole later.
    if (rules && loaded.open() === open) compiled.set(definition, rules);
    return rules;
  };
}

function readIndex(file: string): ReadonlyMap<string, string> {
  // Written by our own build, so the shape is taken on trust; without it there are no built-in profiles.
  return new Map(
    existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : [],
  );
}

function readDefinition(file: string): r4.StructureDefinition {
  return JSON.parse(readFileSync(file, 'utf8')) as r4.StructureDefinition;
}

const nothingLoaded: LoadedProfiles = { find: () => undefined, scope: () => nothingLoaded, open: () => 0 };
