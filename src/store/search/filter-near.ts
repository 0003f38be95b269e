import { placeNames } from '../../fhir/search/number-places.ts';
import type { Filter } from '../../fhir/search/query.ts';
import { sideTable } from './filter-side.ts';
import type { Selection } from './selection.ts';
import { sideParam } from './token.ts';

/** The mean radius of the Earth (IUGG): a great-circle distance is right to half a percent. */
const earthKm = 6371.0088;
const kmPerDegree = (Math.PI * earthKm) / 180;

/** Positions within a distance: those between two latitudes by the index, of them those on the spherical cap (haversine formula). */
export function nearCondition(selection: Selection, { param, values }: Filter): string {
  const { type, into } = selection;
  const names = placeNames(param).map((place) => sideParam(type, place, 'place'));
  const any = values.flatMap((value) => {
    if (value.kind !== 'near') return [];
    const degrees = value.km / kmPerDegree;
    const add = (number: number) => into.add(number, 'float8');
    const [latitude, longitude] = [add(value.latitude), add(value.longitude)];
    // A hair more than the cap, so that rounding cuts nothing off.
    const south = into.add(Math.max(-91, value.latitude - degrees - 1e-6), 'numeric');
    const north = into.add(Math.min(91, value.latitude + degrees + 1e-6), 'numeric');
    const half = (from: string, to: string) => `power(sind((${from}::float8 - ${to}) / 2), 2)`;
    const haversine = `${half('s.low', latitude)} + cosd(${latitude}) * cosd(s.low::float8) * ${half('s.high', longitude)}`;
    const km = `${2 * earthKm} * asin(sqrt(least(1, ${haversine})))`;
    return [`(s.low BETWEEN ${south} AND ${north} AND ${km} <= ${add(value.km)})`];
  });
  const name = `s.param = ANY (${into.add(names, 'bigint[]')})`;
  return sideTable(selection, 'resource_number', `${name} AND (${any.join(' OR ') || 'false'})`);
}
