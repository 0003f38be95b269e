import type { r4 } from '../../../fhir/types.ts';
import type { CodeWatch } from '../model/code-watch.ts';
import { Code, CodeSystem, Concept, ValueSet } from '../values/code.ts';
import { nodeOf, nodesOf, textOf } from './elm.ts';
import type { Library } from './libraries.ts';
import { targetLibrary } from './references.ts';
import { Refusal } from './refusal.ts';
import type { SharedDefinitions } from './shared.ts';
import type { Site } from './site.ts';
import type { ElmNode } from './types.ts';

/** Value sets, code systems, codes and concepts that libraries declare; each is one object in all libraries that declare it. */
export interface Vocabulary {
  valueSet(ref: ElmNode, site: Site): ValueSet;
  codeSystem(ref: ElmNode, site: Site): CodeSystem;
  code(ref: ElmNode, site: Site): Code;
  concept(ref: ElmNode, site: Site): Concept;
  /** A code written out where it is used, in a code system that is declared. */
  writtenCode(node: ElmNode, site: Site): Code;
  /** What is looked for by code at an element of a resource type. */
  watch(type: string, path: string): CodeWatch;
}

/**
 * `valueSets` are those that came with the measure. A value set is found by URL, and by version where the library asks for
 * one and it is there in several; an unknown one is a Refusal, because "no code" and "not known" are not the same.
 */
export function createVocabulary(valueSets: readonly r4.ValueSet[], shared: SharedDefinitions): Vocabulary {
  const made = new Map<r4.ValueSet, ValueSet>();

  const declared = (kind: 'valueSets' | 'codeSystems' | 'codes' | 'concepts', ref: ElmNode, site: Site) => {
    const library = targetLibrary(ref, site);
    const name = textOf(ref, 'name') ?? '';
    const declaration = library[kind].get(name);
    if (!declaration)
      throw new Refusal(`${ref.type} "${name}" leads to nothing that ${library.id} declares.`, site.place, ref.locator);
    return { library, name, declaration };
  };

  const valueSet = (ref: ElmNode, site: Site): ValueSet => {
    const { name, declaration } = declared('valueSets', ref, site);
    const { url, version } = canonical(declaration);
    const candidates = candidatesFor(declaration, valueSets);
    const found = candidates.find((set) => set.version === version) ?? candidates[0];
    if (!found) throw new Refusal(`value set "${name}" (${url}) is not known.`, site.place, ref.locator);
    const known =
      made.get(found) ?? shared.valueSet(url, found, () => new ValueSet(url, found.version ?? null, codesOf(found)));
    made.set(found, known);
    site.reach.valueSets.add(known);
    return known;
  };

  const systemOf = (library: Library, node: ElmNode, property: 'codeSystem' | 'system') => {
    const system = nodeOf(node, property) ?? {};
    const alias = textOf(system, 'libraryName');
    const home = alias ? library.includes.get(alias) : library;
    const found = home?.codeSystems.get(textOf(system, 'name') ?? '');
    return {
      url: found ? (textOf(found, 'id') ?? '') : '',
      version: found ? (textOf(found, 'version') ?? null) : null,
    };
  };

  const codeFrom = (library: Library, declaration: ElmNode): Code => {
    const { url, version } = systemOf(library, declaration, 'codeSystem');
    return new Code(textOf(declaration, 'id') ?? null, url, version, textOf(declaration, 'display') ?? null);
  };

  return {
    valueSet,
    codeSystem(ref, site) {
      const { declaration } = declared('codeSystems', ref, site);
      return new CodeSystem(textOf(declaration, 'id') ?? '', textOf(declaration, 'version') ?? null);
    },
    code(ref, site) {
      const { library, declaration } = declared('codes', ref, site);
      return codeFrom(library, declaration);
    },
    writtenCode: (node, site) => {
      const { url, version } = systemOf(site.library, node, 'system');
      return new Code(textOf(node, 'code') ?? null, url, version, textOf(node, 'display') ?? null);
    },
    concept(ref, site) {
      const { library, declaration } = declared('concepts', ref, site);
      const codes = nodesOf(declaration, 'code').flatMap((entry) => {
        const alias = textOf(entry, 'libraryName');
        const home = alias ? library.includes.get(alias) : library;
        const found = home?.codes.get(textOf(entry, 'name') ?? '');
        return home && found ? [codeFrom(home, found)] : [];
      });
      return new Concept(codes, textOf(declaration, 'display') ?? null);
    },
    watch: (type, path) => shared.watches.at(type, path),
  };
}

/** The value sets that a declaration may mean. */
export function candidatesFor(declaration: ElmNode, valueSets: readonly r4.ValueSet[]): r4.ValueSet[] {
  const { url } = canonical(declaration);
  return valueSets.filter((set) => set.url === url || `urn:oid:${oidOf(set)}` === url);
}

/** The URL of a declaration and its version, which may hang on the URL (`…|20240101`). */
function canonical(declaration: ElmNode): { url: string; version: string | undefined } {
  const [url = '', version] = (textOf(declaration, 'id') ?? '').split('|');
  return { url, version: textOf(declaration, 'version') ?? version };
}

function oidOf(set: r4.ValueSet): string {
  return set.url?.replace(/^.*\//, '') ?? '';
}

/** The codes listed in `compose`, and those of an `expansion`, at any depth. Filters are not evaluated. */
function codesOf(set: r4.ValueSet): Code[] {
  const codes: Code[] = [];
  for (const { system, version, concept } of set.compose?.include ?? []) {
    for (const { code, display } of concept ?? []) codes.push(new Code(code, system ?? null, version ?? null, display));
  }
  const walk = (contains: readonly r4.ValueSetExpansionContains[]): void => {
    for (const { system, version, code, display, abstract, contains: inner } of contains) {
      if (code !== undefined && !abstract) codes.push(new Code(code, system ?? null, version ?? null, display ?? null));
      walk(inner ?? []);
    }
  };
  walk(set.expansion?.contains ?? []);
  return codes;
}
