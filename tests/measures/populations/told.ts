import { fail, ok } from '../../../src/base/errors.ts';
import { readDefinition } from '../../../src/measures/definition/read-definition.ts';
import type { Evaluation, Logic } from '../../../src/measures/engine/logic.ts';
import { ModelNode } from '../../../src/measures/engine/values/model-node.ts';
import type { Value } from '../../../src/measures/engine/values/types.ts';
import type { GroupDefinition } from '../../../src/measures/types.ts';

/** A resource of a record, of which populations know no more than its type and its reference. */
export class Episode extends ModelNode {
  readonly typeName: string;
  readonly id: string;

  constructor(id: string, type = 'Encounter') {
    super();
    this.typeName = `{http://hl7.org/fhir}${type}`;
    this.id = id;
  }

  isOfType(typeName: string): boolean {
    return typeName === this.typeName;
  }
  equalTo(other: ModelNode): boolean {
    return this === other;
  }
  equivalentTo(other: ModelNode): boolean {
    return this === other;
  }
  children(): readonly Value[] {
    return [];
  }
}

/** What the logic says, by name: a value, a function of an episode, or a fault. `asked` holds the names in the order of the questions. */
export interface Told {
  evaluation: Evaluation;
  logic: Pick<Logic, 'functions' | 'definitions'>;
  asked: string[];
}

export function told(values: Record<string, Value>, functions: Record<string, (episode: Value) => Value> = {}): Told {
  const asked: string[] = [];
  const evaluation: Evaluation = {
    value(name) {
      asked.push(name);
      return Object.hasOwn(values, name)
        ? ok(values[name] ?? null)
        : fail('unprocessable', `Library L, expression "${name}" could not be evaluated.`);
    },
    apply: (name, [episode = null]) => ok(functions[name]?.(episode) ?? null),
    explain: () => ok([]),
    referenceOf: (value) => (value instanceof Episode ? `Encounter/${value.id}` : undefined),
  };
  const logic = {
    definitions: new Set(Object.keys(values)),
    functions: Object.keys(functions).map((name) => ({ name, operands: 1 })),
  };
  return { evaluation, logic, asked };
}

const scoringUnit = (code: string) => ({
  url: 'http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-scoringUnit',
  valueCodeableConcept: { coding: [{ system: 'http://unitsofmeasure.org', code }] },
});

const types = new Set(['Encounter', 'Observation']);

/** A group with these populations, each decided by the expression of its own name. */
export function group(
  scoring: string,
  codes: readonly string[],
  more: { basis?: string; stratifier?: object[]; populations?: Record<string, object>; scoringUnit?: string } = {},
): GroupDefinition {
  const guide = 'http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm';
  const { groups, issues } = readDefinition(
    {
      resourceType: 'Measure',
      status: 'active',
      library: ['http://example.org/Library/L'],
      scoring: { coding: [{ code: scoring }] },
      extension: [
        { url: `${guide}-populationBasis`, valueCode: more.basis ?? 'boolean' },
        ...(more.scoringUnit === undefined ? [] : [scoringUnit(more.scoringUnit)]),
      ],
      group: [
        {
          population: codes.map((name) => ({
            id: name,
            code: { coding: [{ code: name.replace(/-of-.*$/, '') }] },
            criteria: { language: 'text/cql-identifier', expression: name },
            ...more.populations?.[name],
          })),
          ...(more.stratifier && { stratifier: more.stratifier as never }),
        },
      ],
    },
    types,
  );
  if (issues.length > 0 || !groups[0]) throw new Error(JSON.stringify(issues));
  return groups[0];
}

export const extension = (name: string, valueString: string) => ({
  extension: [{ url: `http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-${name}`, valueString }],
});
