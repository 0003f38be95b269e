import cql from 'cql-execution';
import type { r4 } from '../../../src/fhir/types.ts';

type CodeService = InstanceType<typeof cql.CodeService>;

/** The codes of a value set: those listed in `compose`, and those of a stored `expansion`. Filters are not evaluated. */
function codesOf(valueSet: r4.ValueSet): { system: string; code: string }[] {
  const listed = (valueSet.compose?.include ?? []).flatMap(({ system, concept }) =>
    (concept ?? []).map(({ code }) => ({ system: system ?? '', code })),
  );
  const expanded = (valueSet.expansion?.contains ?? []).map(({ system, code }) => ({
    system: system ?? '',
    code: code ?? '',
  }));
  return [...listed, ...expanded];
}

/** What cql-execution asks for the codes of a value set: the lists that came with the measure, and nothing else. */
export function createCodeService(valueSets: readonly r4.ValueSet[]): CodeService {
  return new cql.CodeService(
    Object.fromEntries(valueSets.map((set) => [set.url ?? '', { [set.version ?? '']: codesOf(set) }])),
  );
}
