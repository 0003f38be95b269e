import { type Err, type Issue, ok, type Result } from '../../base/errors.ts';
import type { r4 } from '../../fhir/types.ts';
import { issuesOf, type LibrarySource } from './libraries.ts';
import { headOfCql, readLibrary } from './library-text.ts';
import { isModelDefinition, readModel } from './model-text.ts';
import { findModels, usesModels } from './models.ts';

/**
 * A Library on its own: its ELM has to be ELM, its CQL CQL, and its model info what the translator reads, as far as that can be told before all
 * that it names is here.
 */
export async function checkLibrary(library: r4.Library, source: LibrarySource): Promise<Result<void>> {
  if (isModelDefinition(library)) return checkModel(library, source);
  const { issues, cql, elm, name, models: uses } = readLibrary(library);
  if (issues.length > 0) return refuse(issues);
  // ELM is taken as it is: it is compiled with the measure that needs it.
  if (cql === undefined || elm !== undefined) return ok(undefined);
  const { models, missing } = findModels(uses, usesModels(uses) ? await source.models() : [], 'Library.content');
  const translated = await source.translate({ cql, libraries: [], models });
  if (!translated.ok) return translated;
  const { problems } = translated.value;
  const isWhole = missing.length === 0 && headOfCql(cql).includes.every((included) => included.name === 'FHIRHelpers');
  const told = isWhole ? problems : problems.filter(({ text }) => text.startsWith('Syntax error'));
  const found = issuesOf(name, told);
  return found.length === 0 ? ok(undefined) : refuse(found);
}

/** Model info that needs others may come before them. */
async function checkModel(library: r4.Library, source: LibrarySource): Promise<Result<void>> {
  const { issues, name, version } = readModel(library);
  if (issues.length > 0) return refuse(issues);
  const { models, missing, broken } = findModels([{ name, version }], await source.models(), 'Library.content');
  if (broken.length > 0) return refuse(broken);
  if (missing.length > 0) return ok(undefined);
  const translated = await source.translate({
    cql: `library Check\nusing ${name} version '${version}'\n`,
    libraries: [],
    models,
  });
  if (!translated.ok) return translated;
  const found = issuesOf(library.name ?? name, translated.value.problems);
  return found.length === 0
    ? ok(undefined)
    : refuse(found.map((issue) => ({ ...issue, expression: ['Library.content'] })));
}

export function refuse(issues: readonly Issue[]): Err {
  return { ok: false, error: { kind: 'unprocessable', issues: [...issues] } };
}
