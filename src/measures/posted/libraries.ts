import type { Issue, Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { r4 } from '../../fhir/types.ts';
import { fhirHelpersName } from '../fhir-helpers.ts';
import type { ModelTask, Translation, TranslationProblem } from '../translate.ts';
import type { TranslationTask } from '../translate-main.ts';
import type { MeasureLibrary } from '../types.ts';
import { type Included, type LibraryText, newestFirst, readLibrary } from './library-text.ts';
import type { ModelText } from './model-text.ts';
import { findModels, usesModels } from './models.ts';

/** Where Library resources and translations come from. */
export interface LibrarySource {
  byUrl(urls: readonly string[]): Promise<r4.Library[]>;
  named(name: string): Promise<r4.Library[]>;
  /** All model information that is here; of those that cannot be read too. */
  models(): Promise<readonly ModelText[]>;
  translate(task: TranslationTask): Promise<Result<Translation>>;
}

export interface FoundLibraries {
  /** The main one first. */
  libraries: MeasureLibrary[];
  /** Models that the CQL of the main one, and of what it includes, is written over: those that are here. */
  models: readonly ModelTask[];
  /** URLs (without version) and ids of all Library resources that were looked for or at, and keys of models. */
  lookedAt: Set<string>;
  /** Parts that are not here. */
  missing: Issue[];
  /** Parts that are here and cannot run. */
  broken: Issue[];
}

/** The libraries of a measure by the canonical URL of the main one: found, read, and translated where only CQL came. */
export async function findLibraries(canonical: string, place: string, source: LibrarySource): Promise<FoundLibraries> {
  const found: FoundLibraries = { libraries: [], models: [], lookedAt: new Set(), missing: [], broken: [] };
  const main = await byCanonical(canonical, place, source, found);
  if (!main) return found;
  const texts = await withIncludes(main, place, source, found);
  for (const text of texts) found.broken.push(...text.issues);
  const models = await modelsOf(texts, source, found);
  if (found.missing.length > 0 || found.broken.length > 0) return found;
  found.models = models(main);
  for (const text of texts) {
    const library = await toLibrary(text, texts, models(text), source);
    if ('issues' in library) found.broken.push(...library.issues);
    else found.libraries.push(library);
  }
  return found;
}

async function byCanonical(
  canonical: string,
  place: string,
  source: LibrarySource,
  found: FoundLibraries,
): Promise<LibraryText | undefined> {
  const [url = '', version] = canonical.split('|');
  found.lookedAt.add(url);
  const all = await source.byUrl([url]);
  const fitting = all.filter((library) => version === undefined || library.version === version);
  const [newest] = fitting.sort(newestFirst);
  if (!newest) {
    found.missing.push({ code: 'not-found', text: `Library ${canonical} is not here.`, expression: [place] });
    return undefined;
  }
  if (fitting.filter((library) => library.version === newest.version).length > 1) {
    const text = `Library ${canonical} is here more than once in the same version.`;
    found.broken.push({ code: 'multiple-matches', text, expression: [place] });
    return undefined;
  }
  const read = readLibrary(newest);
  if (read.cql === undefined && read.elm === undefined && read.issues.length === 0) {
    const text = `Library ${canonical} has neither CQL (text/cql) nor ELM (application/elm+json).`;
    found.missing.push({ code: 'required', text, expression: ['Library.content'] });
    return undefined;
  }
  return read;
}

/** The library and all that it includes, directly or not. FHIRHelpers is known to translator and engine: its text is not looked for. */
async function withIncludes(
  main: LibraryText,
  place: string,
  source: LibrarySource,
  found: FoundLibraries,
): Promise<LibraryText[]> {
  const texts = [main];
  note(main, found);
  for (let at = 0; at < texts.length; at += 1) {
    const text = texts[at];
    if (!text) continue;
    const beside = await dependencies(text, source, found);
    for (const wanted of text.includes) {
      if (wanted.name === fhirHelpersName || texts.some((each) => fits(each, wanted))) continue;
      const included = beside.find((each) => fits(each, wanted)) ?? (await byName(wanted, source, found));
      if (included && texts.length >= limits.measures.libraries) {
        const problem = `The measure needs more than ${limits.measures.libraries} libraries.`;
        found.broken.push({ code: 'too-costly', text: problem, expression: [place] });
        return texts;
      }
      if (included) texts.push(included);
      else {
        const asked = wanted.version === '' ? wanted.name : `${wanted.name} version ${wanted.version}`;
        const problem = `Library ${text.name} includes ${asked}, which is not here.`;
        found.missing.push({ code: 'not-found', text: problem, expression: [place] });
      }
    }
  }
  return texts;
}

function fits({ name, version }: LibraryText, wanted: Included): boolean {
  return name === wanted.name && (wanted.version === '' || version === wanted.version);
}

function note({ resource: { id, url } }: LibraryText, { lookedAt }: FoundLibraries): void {
  for (const name of [id, url]) if (name !== undefined) lookedAt.add(name);
}

/** What the Library says it depends on, where that is a Library. */
async function dependencies(
  { resource, includes }: LibraryText,
  source: LibrarySource,
  found: FoundLibraries,
): Promise<LibraryText[]> {
  if (includes.length === 0) return [];
  const urls = (resource.relatedArtifact ?? [])
    .filter(({ type, resource: url }) => type === 'depends-on' && /\/Library\//.test(url ?? ''))
    .map(({ resource: canonical = '' }) => canonical.split('|')[0] ?? '');
  if (urls.length === 0) return [];
  const texts = (await source.byUrl([...new Set(urls)])).sort(newestFirst).map(readLibrary);
  for (const text of texts) note(text, found);
  return texts;
}

async function byName(
  wanted: Included,
  source: LibrarySource,
  found: FoundLibraries,
): Promise<LibraryText | undefined> {
  const texts = (await source.named(wanted.name)).sort(newestFirst).map(readLibrary);
  const fitting = texts.find((text) => fits(text, wanted));
  if (fitting) note(fitting, found);
  return fitting;
}

/**
 * The models of each text: what it and what it includes are written over. One that is not here, or cannot be read, is told only where a text has to be
 * translated.
 */
async function modelsOf(
  texts: readonly LibraryText[],
  source: LibrarySource,
  found: FoundLibraries,
): Promise<(text: LibraryText) => readonly ModelTask[]> {
  // Most measures are over FHIR alone: then nothing is looked for.
  const here = texts.some(({ models }) => usesModels(models)) ? await source.models() : [];
  const models = new Map<LibraryText, readonly ModelTask[]>();
  const said = new Set<string>();
  for (const text of texts) {
    const uses = [text, ...closure(text, texts)].flatMap((each) => each.models);
    const place = `Library.where(name='${text.resource.name ?? text.name}').content`;
    const all = findModels(uses, here, place);
    models.set(text, all.models);
    if (text.elm !== undefined) continue;
    for (const name of all.lookedAt) found.lookedAt.add(name);
    const unsaid = ({ text: problem }: Issue) => !said.has(problem) && said.add(problem);
    found.missing.push(...all.missing.filter(unsaid));
    found.broken.push(...all.broken.filter(unsaid));
  }
  return (text) => models.get(text) ?? [];
}

/** As the engine wants it: its ELM, or its CQL translated together with that of what it includes. */
async function toLibrary(
  text: LibraryText,
  all: readonly LibraryText[],
  models: readonly ModelTask[],
  source: LibrarySource,
): Promise<MeasureLibrary | { issues: Issue[] }> {
  const { name, version, cql, elm } = text;
  const place = `Library.where(name='${text.resource.name ?? name}').content`;
  if (elm !== undefined) return { id: name, version, elm, ...(cql !== undefined && { cql }) };
  if (cql === undefined)
    return { issues: [{ code: 'required', text: `Library ${name} has neither CQL nor ELM.`, expression: [place] }] };
  const included = closure(text, all);
  const without = included.find((each) => each.cql === undefined);
  if (without) {
    const problem = `Library ${without.name} has no CQL, which the translation of ${name} needs: send the ELM of ${name} too.`;
    return { issues: [{ code: 'required', text: problem, expression: [place] }] };
  }
  const libraries = included.map((each) => ({ name: each.name, version: each.version, cql: each.cql ?? '' }));
  const translated = await source.translate({ cql, libraries, models });
  if (!translated.ok) return { issues: translated.error.issues.map((issue) => ({ ...issue, expression: [place] })) };
  const issues = issuesOf(name, translated.value.problems);
  if (issues.length > 0) return { issues };
  return { id: name, version, cql, elm: translated.value.elm };
}

function closure(text: LibraryText, all: readonly LibraryText[], found = new Set<LibraryText>()): LibraryText[] {
  for (const wanted of text.includes) {
    const included = all.find((each) => fits(each, wanted));
    if (!included || found.has(included)) continue;
    found.add(included);
    closure(included, all, found);
  }
  return [...found].sort((a, b) => (`${a.name}|${a.version}` < `${b.name}|${b.version}` ? -1 : 1));
}

/** The translator's errors with library, line and column. */
export function issuesOf(name: string, problems: readonly TranslationProblem[]): Issue[] {
  const all = problems.filter(({ severity }) => severity === 'error');
  // It says this of what it could not go on with after an error that it has told.
  const named = all.filter(({ text }) => text !== 'Internal translator error.');
  const errors = named.length > 0 ? named : all;
  return errors.slice(0, 50).map(({ library = name, line, column, text }) => ({
    code: 'invalid',
    text: `Library ${library}, line ${line}, column ${column}: ${clear(text)}`,
    expression: [`Library.where(name='${library}').content`],
  }));
}

function clear(text: string): string {
  const [, model, version] = /^Could not load model information for model (\w+), version ([\w.-]*\w)/.exec(text) ?? [];
  if (model === undefined) return text;
  if (model === 'FHIR')
    return `The model FHIR ${version} is not here for translation (FHIR 4.0.1 is): send the library as ELM (application/elm+json).`;
  return `The model ${model} ${version} cannot be used: its model info is not what the translator reads, or another version of it, or of a model that it requires, is used beside it.`;
}
