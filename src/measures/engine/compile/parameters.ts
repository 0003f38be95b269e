import type { Period } from '../../types.ts';
import type { Zone } from '../model/zone.ts';
import { CqlDateTime } from '../values/date-time.ts';
import { Interval } from '../values/interval.ts';
import { parseDate } from '../values/parse-temporal.ts';
import type { Value } from '../values/types.ts';
import { nodeOf } from './elm.ts';
import type { Linked } from './libraries.ts';
import { specifierText } from './specifier.ts';

/** The name that every published measure gives to its period. Source: QI-Core authoring patterns, eCQM standards. */
const periodName = 'Measurement Period';
const dayMs = 86_400_000;

/** The values of parameters by slot: those given, and the measurement period in days or instants as the library declares it. */
export function parametersFor(
  linked: Linked,
  given: Readonly<Record<string, Value>>,
  period: Period,
  zone: Zone,
): (Value | undefined)[] {
  const values = new Array<Value | undefined>(linked.parameterSlots).fill(undefined);
  for (const { parameters } of linked.libraries) {
    for (const { name, slot, node } of parameters.values()) {
      const type = nodeOf(node, 'parameterTypeSpecifier');
      if (name === periodName)
        values[slot] = periodValue(period, zone, type !== undefined && specifierText(type).endsWith('Date>'));
      else if (Object.hasOwn(given, name)) values[slot] = given[name];
    }
  }
  return values;
}

/** From the first instant of the first day to the last millisecond of the last, on the clocks of the zone. Throws when a day is none. */
function periodValue(period: Period, zone: Zone, isInDays: boolean): Interval {
  const [start, end] = [parseDate(period.start), parseDate(period.end)];
  if (start?.precision !== 3 || end?.precision !== 3) throw new Error('the period is not between two days');
  if (isInDays) return new Interval(start, end);
  const at = (localMs: number) => CqlDateTime.ofLocal(localMs, 7, zone.offsetAtLocal(localMs));
  return new Interval(at(start.low * dayMs), at((end.low + 1) * dayMs - 1));
}
