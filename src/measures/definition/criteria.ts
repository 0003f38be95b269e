import type { r4 } from '../../fhir/types.ts';
import type { Problems } from './problems.ts';

/** Languages in which `criteria.expression` is the name of a CQL definition. */
const namesADefinition = ['text/cql-identifier', 'text/cql.identifier', 'text/cql', 'text/cql.name', 'text/cql-name'];

/** The name of the definition that decides; '' and a problem when there is none. `what` is told to the author. */
export function definitionNamed(
  criteria: r4.Expression | undefined,
  place: string,
  what: string,
  problems: Problems,
): string {
  const { language, expression } = criteria ?? {};
  if (language !== undefined && !namesADefinition.includes(language)) {
    problems.add(
      'not-supported',
      `${place}.criteria.language`,
      `${what} has to name a CQL definition (text/cql-identifier).`,
    );
    return '';
  }
  if (expression === undefined || expression.trim() === '') {
    problems.add('required', `${place}.criteria.expression`, `${what} names no expression.`);
    return '';
  }
  // Authors who write `text/cql` may quote the name as CQL does.
  const name = /^"([^"]*)"$/s.exec(expression.trim())?.[1] ?? expression.trim();
  if (name.includes('"')) {
    const text = `${what} holds CQL of its own: define it in the library, and name the definition here.`;
    problems.add('not-supported', `${place}.criteria.expression`, text);
    return '';
  }
  return name;
}
