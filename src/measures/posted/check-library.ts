import { type Err, type Issue, ok, type Result } from '../../base/errors.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { issuesOf } from './libraries.ts';
import { headOfCql, readLibrary } from './library-text.ts';
import type { Translations } from './translations.ts';

/** A Library on its own: its ELM has to be ELM, and its CQL CQL, as far as that can be told before all that it includes is here. */
export async function checkLibrary(library: r4.Library, translations: Translations, tx: Tx): Promise<Result<void>> {
  const { issues, cql, elm, name } = readLibrary(library);
  if (issues.length > 0) return refuse(issues);
  // ELM is taken as it is: it is compiled with the measure that needs it.
  if (cql === undefined || elm !== undefined) return ok(undefined);
  const translated = await translations.translate({ cql, libraries: [] }, tx);
  if (!translated.ok) return translated;
  const { problems } = translated.value;
  const isWhole = headOfCql(cql).includes.every((included) => included.name === 'FHIRHelpers');
  const told = isWhole ? problems : problems.filter(({ text }) => text.startsWith('Syntax error'));
  const found = issuesOf(name, told);
  return found.length === 0 ? ok(undefined) : refuse(found);
}

export function refuse(issues: readonly Issue[]): Err {
  return { ok: false, error: { kind: 'unprocessable', issues: [...issues] } };
}
