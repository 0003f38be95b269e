import fhirModel from 'cql-exec-fhir';
import cql from 'cql-execution';
import { fail, ok, type Result } from '../../../src/base/errors.ts';
import { plain } from '../../../src/fhir/json.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import type {
  GroupDefinition,
  GroupResult,
  MeasureDefinition,
  Period,
  SubjectResult,
} from '../../../src/measures/types.ts';
import { createCodeService } from './code-service.ts';
import { createSubjectSlice, type SubjectSlice } from './subject-slice.ts';

export type Evaluate = (resources: readonly Resource[], period: Period) => Promise<Result<SubjectResult>>;

/** Evaluates one definition of the library for the subject at hand. Throws what cql-execution throws. */
type Evaluation = (definition: string) => Promise<unknown>;

/** Which population must hold, and which must not, before another is asked. Source: CQF measures, proportion scoring. */
const within: Record<string, { needs?: string; without?: string }> = {
  denominator: { needs: 'initial-population' },
  'denominator-exclusion': { needs: 'denominator' },
  numerator: { needs: 'denominator', without: 'denominator-exclusion' },
};

/**
 * Makes the adapter over cql-execution: `engine(measure)` compiles a measure once and answers with its evaluation.
 * The FHIR model (about a third of a second to read) is read on first use. A fault of the engine, whatever odd record caused
 * it, becomes an `unprocessable` error that names measure, library and expression and nothing of the record.
 */
export function createEngine(): (measure: MeasureDefinition) => Evaluate {
  let wrapper: InstanceType<typeof fhirModel.FHIRWrapper> | undefined;
  return (measure) => {
    const codes = createCodeService(measure.valueSets);
    let library: InstanceType<typeof cql.Library> | undefined;
    return async (resources, period) => {
      const patients = resources.filter(({ resourceType }) => resourceType === 'Patient');
      if (patients.length !== 1) return fail('invalid', 'A measure is evaluated for exactly one Patient.');
      let current = 'Patient';
      try {
        wrapper ??= fhirModel.FHIRWrapper.FHIRv401();
        library ??= new cql.Library(measure.elm, new cql.Repository(measure.libraries.map(({ elm }) => elm)));
        const slice = createSubjectSlice(wrapper, plain(resources));
        const end = lastInstant(period);
        const context = new cql.PatientContext(library, slice.patient, codes, parameters(period), end);
        const evaluate: Evaluation = async (definition) => {
          current = definition;
          // A definition evaluated before answers from the context; otherwise the context knows how to evaluate it.
          const known = context.get(definition);
          return typeof known?.execute === 'function' ? known.execute(context) : known;
        };
        const groups: GroupResult[] = [];
        for (const group of measure.groups) groups.push(await evaluateGroup(group, evaluate, slice));
        return ok({ groups, supplemental: {} });
      } catch (fault) {
        const place = fault instanceof cql.AnnotatedError && fault.locator ? ` (CQL ${fault.locator})` : '';
        return fail(
          'unprocessable',
          `Measure ${measure.name}, library ${measure.library.id}, expression "${current}"${place} could not be evaluated.`,
        );
      }
    };
  };
}

async function evaluateGroup(group: GroupDefinition, evaluate: Evaluation, slice: SubjectSlice): Promise<GroupResult> {
  const populations: Record<string, boolean> = {};
  const evidence = new Set<string>();
  for (const population of group.populations) {
    const { needs, without } = within[population.code] ?? {};
    const asked = (!needs || populations[needs] === true) && !(without && populations[without]);
    // CQL is three-valued: what is not known to be true does not count.
    populations[population.code] = asked && (await evaluate(population.expression)) === true;
    if (!asked) continue;
    for (const name of population.evidence) {
      const records = await evaluate(name);
      for (const record of Array.isArray(records) ? records : [records]) {
        const reference = slice.referenceOf(record);
        if (reference) evidence.add(reference);
      }
    }
  }
  const member = group.populations.filter(({ code }) => populations[code]).map(({ id }) => id);
  const units = member.length === 0 ? [] : [{ populations: member, strata: {}, observations: {} }];
  return { group: group.id, units, evidence: [...evidence].sort() };
}

/** The period in UTC, from the first instant of its first day to the last of its last. Logic that counts days asks for dates. */
function parameters(period: Period): Record<string, unknown> {
  const start = cql.DateTime.parse(`${period.start}T00:00:00.000+00:00`);
  return { 'Measurement Period': new cql.Interval(start, lastInstant(period), true, true) };
}

function lastInstant(period: Period) {
  const instant = cql.DateTime.parse(`${period.end}T23:59:59.999+00:00`);
  if (!instant) throw new Error('period end is not a date');
  return instant;
}
