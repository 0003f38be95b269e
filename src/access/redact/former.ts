import { parseJson } from '../../fhir/json.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { Sql } from '../../store/types.ts';
import type { Redaction } from '../types.ts';

const doNotDisclose = 'http://careweave.org/fhir/StructureDefinition/do-not-disclose';

/** Elements of which there are former ones. */
export const formerElements: readonly string[] = ['name', 'address', 'telecom', 'identifier'];

/** A name, address, telecom or identifier of before, or what the young person does not want told. `today`: `YYYY-MM-DD`. */
export function isFormerDetail({ use, period, extension }: Record<string, unknown>, today: string): boolean {
  if (use === 'old') return true;
  if (isObject(period) && typeof period.end === 'string' && period.end.slice(0, 10) < today) return true;
  return (
    Array.isArray(extension) &&
    extension.some((one) => isObject(one) && one.url === doNotDisclose && one.valueBoolean !== false)
  );
}

/** Search parameters that find a person by such a detail. */
const formerParameters: ReadonlySet<string> = new Set([
  ...['identifier', 'name', 'family', 'given', 'phonetic', 'phone', 'email', 'telecom'],
  ...['address', 'address-city', 'address-country', 'address-postalcode', 'address-state', 'address-use'],
]);

/**
 * PP-21: the parameter of a search that would find a child by what this viewer is not told of it: what the child was called before, where it
 * lived, under what number it was known. Undefined where no child of the viewer has anything of the kind.
 */
export async function formerAsked(
  names: readonly string[],
  { rules }: Redaction,
  sql: Sql,
  today: string,
): Promise<string | undefined> {
  const asked = names.find((name) => formerParameters.has(name));
  if (asked === undefined) return undefined;
  const ids = rules.flatMap(({ patients, rule }) =>
    rule.dropsFormerDetails && patients !== 'any' ? [...patients] : [],
  );
  if (ids.length === 0) return undefined;
  const rows = await sql.query<{ content: string }>(
    `SELECT content FROM resource WHERE type = 'Patient' AND id = ANY ($1::text[]) AND NOT deleted
        AND content ~ '"(old|end)"|do-not-disclose'`,
    [[...new Set(ids)]],
    'former-details',
  );
  return rows.some(({ content }) => hasFormer(parseJson(content), today)) ? asked : undefined;
}

function hasFormer(patient: unknown, today: string): boolean {
  if (!isObject(patient)) return false;
  const details = formerElements.flatMap((name) => {
    const all = patient[name];
    return Array.isArray(all) ? all : [];
  });
  return details.some((one) => isObject(one) && isFormerDetail(one, today));
}
