import { conceptText } from '../index-of.ts';
import type { PlanSection } from '../section-types.ts';
import { all, byWords, type Chart, day, lineFor, section } from './chart.ts';

const inForce: ReadonlySet<string> = new Set(['active', 'on-hold']);

/** Services, equipment, supplies and who pays, with the day on which each ends (decision D4). */
export function services(chart: Chart): PlanSection | undefined {
  const coverages = all(chart, 'Coverage')
    .filter(({ status }) => status === 'active')
    .flatMap((one) => {
      const payor = (one.payor ?? []).map((each) => chart.index.nameOf(each)).filter(Boolean);
      const words = conceptText(one.type) ?? payor.join(', ');
      return lineFor(chart, one, {
        words,
        facts: ['coverage', ...payor.filter((name) => name !== words), ...ends(one.period?.end, chart)],
      });
    });
  const equipment = all(chart, 'DeviceRequest')
    .filter(({ status }) => inForce.has(status ?? ''))
    .flatMap((one) => {
      const supplier = chart.index.nameOf(one.performer);
      const facts = ['equipment', supplier && `from ${supplier}`, ...ends(one.occurrencePeriod?.end, chart)];
      return lineFor(chart, one, {
        words: conceptText(one.codeCodeableConcept) ?? chart.index.nameOf(one.codeReference),
        facts,
      });
    });
  // A service that goes on until a day was authorized until then.
  const ongoing = all(chart, 'ServiceRequest')
    .filter(
      ({ status, occurrencePeriod, doNotPerform }) => inForce.has(status) && occurrencePeriod?.end && !doNotPerform,
    )
    .flatMap((one) => {
      const who = chart.index.nameOf(one.performer?.[0]);
      const facts = ['service', who && `by ${who}`, ...ends(one.occurrencePeriod?.end, chart)];
      return lineFor(chart, one, { words: conceptText(one.code), facts });
    });
  const lines = [...coverages.sort(byWords), ...equipment.sort(byWords), ...ongoing.sort(byWords)];
  return section('services', 'Services, equipment and authorizations', lines);
}

function ends(end: string | undefined, chart: Chart): string[] {
  const last = day(end);
  if (last === undefined) return [];
  return [chart.day !== undefined && last < chart.day.slice(0, 10) ? `EXPIRED ${last}` : `until ${last}`];
}
