import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { r4 } from '../types.ts';
import { compileProfile } from './profile-compile.ts';
import type { ProfileRules } from './profile-rules.ts';
import type { Schema } from './schema.ts';

export type FindProfile = (url: string) => r4.StructureDefinition | undefined;

/**
 * Profiles and extension definitions by canonical URL: first those that `loaded` knows, then those built into `dir`
 * (`build/fhir/profiles`), each read and compiled when it is first asked for. A loaded definition is compiled once for each
 * object, so `loaded` answers with the same object until the definition changes. A version in the URL has to be the one there is.
 */
export function createProfiles(
  dir: string,
  schema: Schema,
  loaded?: FindProfile,
): (url: string) => ProfileRules | undefined {
  const files = readIndex(join(dir, 'index.json'));
  const builtIn = new Map<string, r4.StructureDefinition>();
  const compiled = new WeakMap<r4.StructureDefinition, ProfileRules>();
  const find: FindProfile = (url) => {
    const own = loaded?.(url);
    if (own) return own;
    const file = files.get(url);
    if (file === undefined) return undefined;
    const definition = builtIn.get(url) ?? readDefinition(join(dir, file));
    builtIn.set(url, definition);
    return definition;
  };
  return (canonical) => {
    const [url = '', version] = canonical.split('|');
    const definition = find(url);
    if (!definition || (version !== undefined && version !== definition.version)) return undefined;
    const rules = compiled.get(definition) ?? compileProfile(definition, schema, find);
    // What lacks a profile it derives from may be whole later.
    if (rules) compiled.set(definition, rules);
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
