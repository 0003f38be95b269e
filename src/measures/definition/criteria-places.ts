import type { r4 } from '../../fhir/types.ts';

/** Criteria of a Measure, with the FHIRPath of the element that has them. */
export interface PlacedCriteria {
  criteria: r4.Expression;
  place: string;
}

/** Every criteria of populations, stratifiers and supplemental data. */
export function criteriaOfMeasure({ group = [], supplementalData = [] }: r4.Measure): PlacedCriteria[] {
  const found: PlacedCriteria[] = [];
  const take = (element: { criteria?: r4.Expression }, place: string) => {
    if (element.criteria) found.push({ criteria: element.criteria, place });
  };
  group.forEach(({ population = [], stratifier = [] }, g) => {
    population.forEach((one, p) => {
      take(one, `Measure.group[${g}].population[${p}]`);
    });
    stratifier.forEach((one, s) => {
      const place = `Measure.group[${g}].stratifier[${s}]`;
      take(one, place);
      one.component?.forEach((part, c) => {
        take(part, `${place}.component[${c}]`);
      });
    });
  });
  supplementalData.forEach((one, s) => {
    take(one, `Measure.supplementalData[${s}]`);
  });
  return found;
}
