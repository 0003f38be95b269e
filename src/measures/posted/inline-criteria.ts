import type { Issue, Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { r4 } from '../../fhir/types.ts';
import { criteriaOfMeasure } from '../definition/criteria-places.ts';
import type { Translation } from '../translate.ts';
import type { TranslationTask } from '../translate-main.ts';
import type { MeasureLibrary } from '../types.ts';

/** A Measure whose criteria all name definitions, and the libraries that hold them. */
export interface Named {
  measure: r4.Measure;
  libraries: readonly MeasureLibrary[];
  issues: Issue[];
}

/** Criteria that hold CQL of their own, each as a definition that the main library gets besides. */
interface Inline {
  criteria: r4.Expression;
  /** FHIRPath of the expression; also the name of the definition. */
  place: string;
  cql: string;
}

/**
 * The Measure as if every text that may be CQL of its own named a definition: what else is wrong with it can be told before its library is
 * known.
 */
export function withoutInline(measure: r4.Measure): r4.Measure {
  return renamed(measure, () => true);
}

/**
 * Criteria in `text/cql` may be CQL instead of the name of a definition. Each becomes a definition of the main library, which is translated once more
 * with them: they see what it defines. Needs its CQL. A text that the library defines is a name. Source: FHIR R4, Expression; CQF measures.
 */
export async function nameInline(
  measure: r4.Measure,
  libraries: readonly MeasureLibrary[],
  translate: (task: TranslationTask) => Promise<Result<Translation>>,
): Promise<Named> {
  const [main, ...included] = libraries;
  const unchanged = { measure, libraries, issues: [] };
  if (!main) return unchanged;
  const defined = definitionsOf(main.elm);
  const isInline = ({ cql }: Inline) => !defined.has(cql);
  const inline = inlineOf(measure).filter(isInline);
  const [first] = inline;
  if (!first) return unchanged;
  const refuse = (text: string, place = first.place): Named => ({
    ...unchanged,
    issues: [{ code: 'not-supported', text, expression: [place] }],
  });
  const without = libraries.find(({ cql }) => cql === undefined);
  if (main.cql === undefined || without) {
    const which = `the CQL of library ${(without ?? main).id}`;
    return refuse(
      `The criteria hold CQL of their own, which needs ${which}: send it too, or define it in the library.`,
    );
  }
  const { text, lines } = together(main.cql, inline);
  if (text.length > limits.measures.cqlLength) return refuse('The CQL of the library and of the criteria is too long.');
  const sources = included.map(({ id, version, cql = '' }) => ({ name: id, version, cql }));
  const translated = await translate({ cql: text, libraries: sources });
  if (!translated.ok) return { ...unchanged, issues: translated.error.issues };
  const issues = issuesOf(translated.value, main.id, inline, lines);
  if (issues.length > 0) return { ...unchanged, issues };
  const added = [...definitionsOf(translated.value.elm)].filter((name) => !defined.has(name));
  const foreign = added.length > inline.length || inline.some(({ place }) => !added.includes(place));
  if (foreign) return refuse('The criteria have to hold one expression, and no definition.');
  return {
    measure: renamed(measure, isInline),
    libraries: [{ ...main, elm: translated.value.elm }, ...included],
    issues: [],
  };
}

/** Texts in `text/cql` that are no quoted name and more than one word, and all in `text/cql-expression`. */
function inlineOf(measure: r4.Measure): Inline[] {
  return criteriaOfMeasure(measure).flatMap(({ criteria, place }) => {
    const { language, expression = '' } = criteria;
    const cql = expression.trim();
    const isName = language === 'text/cql' && /^(?:\w*|"[^"]*")$/.test(cql);
    if ((language !== 'text/cql' && language !== 'text/cql-expression') || isName || cql === '') return [];
    return [{ criteria, place: `${place}.criteria.expression`, cql }];
  });
}

/** The same Measure with the names of definitions in the place of such texts. */
function renamed(measure: r4.Measure, which: (inline: Inline) => boolean): r4.Measure {
  const copy = structuredClone(measure);
  for (const inline of inlineOf(copy).filter(which)) {
    Object.assign(inline.criteria, { language: 'text/cql-identifier', expression: inline.place });
  }
  return copy;
}

/** `lines`: the line of the text before which each expression begins. */
function together(cql: string, inline: readonly Inline[]): { text: string; lines: number[] } {
  let text = `${cql}\n\ncontext Patient\n`;
  const lines: number[] = [];
  for (const { place, cql: own } of inline) {
    text += `define "${place}": (\n`;
    lines.push(text.split('\n').length - 1);
    text += `${own}\n)\n`;
  }
  return { text, lines };
}

/** The translator's errors by the criteria that they are in, with line and column within. */
function issuesOf(
  { problems }: Translation,
  main: string,
  inline: readonly Inline[],
  lines: readonly number[],
): Issue[] {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const named = errors.filter(({ text }) => text !== 'Internal translator error.');
  return (named.length > 0 ? named : errors).slice(0, 50).map(({ line, column, text }) => {
    const at = lines.findLastIndex((before) => line > before);
    const place = inline[Math.max(at, 0)]?.place ?? '';
    const where = at < 0 ? '' : `line ${line - (lines[at] ?? 0)}, column ${column}: `;
    return {
      code: 'invalid',
      text: `Library ${main} does not define this, and as CQL: ${where}${text}`,
      expression: [place],
    };
  });
}

/** Names of the definitions and functions of a library. */
function definitionsOf(elm: unknown): Set<string> {
  const { library } = Object(elm) as { library?: { statements?: { def?: { name?: string }[] } } };
  return new Set((library?.statements?.def ?? []).flatMap(({ name }) => name ?? []));
}
