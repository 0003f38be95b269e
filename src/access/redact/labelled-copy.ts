import { isObject } from '../../fhir/search/walk-path.ts';
import type { Sql } from '../../store/types.ts';
import { expand, type Policy } from '../policy/compile.ts';

type Json = Record<string, unknown>;
type Label = { system: string; code: string };

/** Of each record that a copy is made of, as `Type/id`, the categories it has now: by its labels, its codes and what it inherits. */
export type CategoriesOf = ReadonlyMap<string, bigint>;

const act = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const part2: Label = { system: act, code: '42CFRPart2' };
/** Not to be told on without a consent: what goes out of Part 2 records says so to whatever handles them. */
const noRedisclosure: Label = { system: act, code: 'NORDSCLCD' };
/** The statement that 42 CFR 2.32(a)(2) asks for, to the letter. */
const notice = '42 CFR part 2 prohibits unauthorized use or disclosure of these records.';

/** The categories of the records that an answer holds, in one statement; those without any are not in it. */
export async function categoriesIn(body: unknown, sql: Sql): Promise<CategoriesOf> {
  const named = recordsIn(body);
  if (named.length === 0) return new Map();
  const rows = await sql.query<{ type: string; id: string; categories: string }>(
    `SELECT r.type, r.id, r.categories::text AS categories FROM unnest($1::text[], $2::text[]) AS told (type, id)
       JOIN resource r ON r.type = told.type AND r.id = told.id WHERE r.categories <> 0`,
    [named.map(({ type }) => type), named.map(({ id }) => id)],
  );
  return new Map(rows.map(({ type, id, categories }) => [`${type}/${id}`, BigInt(categories)]));
}

function recordsIn(value: unknown): { type: string; id: string }[] {
  if (Array.isArray(value)) return value.flatMap(recordsIn);
  if (!isObject(value) || JSON.isRawJSON(value)) return [];
  const { resourceType, id } = value;
  const own = typeof resourceType === 'string' && typeof id === 'string' ? [{ type: resourceType, id }] : [];
  return [...own, ...Object.values(value).flatMap(recordsIn)];
}

/**
 * What a consent opens to a partner goes with its labels (PP-52): those that are written on the record, one for each category that it has otherwise, and
 * a confidentiality. Part 2 records go with the order not to tell them on, and with the notice of 42 CFR 2.32 as the text for people.
 * `told`: what of `record` is told, without labels.
 */
export function labelled(told: Json, record: Json, categories: bigint, policy: Policy): Json {
  if (categories === 0n) return told;
  const written = securityOf(record).filter(({ system, code }) => policy.labels.has(`${system}|${code}`));
  const has = written.reduce((sum, { system, code }) => sum | (policy.labels.get(`${system}|${code}`) ?? 0n), 0n);
  const missing = policy.document.categories.flatMap(({ name, labels: [first] }) => {
    const bit = policy.bits.get(name) ?? 0n;
    if (first === undefined || (categories & bit) === 0n || (has & bit) !== 0n) return [];
    const { system = '', code } = expand(policy.document, first);
    return [{ system, code }];
  });
  const own = [...written, ...missing];
  const isPart2 = [part2, noRedisclosure].some((one) => own.some((label) => isSame(label, one)));
  const all = [...own, ...(isPart2 ? [part2, noRedisclosure] : [])];
  const plain = securityOf(told);
  const hasLevel = [...plain, ...all].some(({ system }) => system === confidentiality);
  const security = unique([...plain, ...(hasLevel ? [] : [{ system: confidentiality, code: 'R' }]), ...all]);
  const { resourceType, id, text: _text, ...rest } = told;
  const meta = { ...(isObject(told.meta) && told.meta), security };
  const text = isPart2 && {
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${notice}</div>` },
  };
  return {
    resourceType,
    ...(id !== undefined && { id }),
    ...rest,
    meta,
    ...(text || (_text !== undefined && { text: _text })),
  };
}

function securityOf({ meta }: Json): Label[] {
  const security = isObject(meta) && Array.isArray(meta.security) ? meta.security : [];
  return security.flatMap((label) =>
    isObject(label) && typeof label.system === 'string' && typeof label.code === 'string'
      ? [{ system: label.system, code: label.code }]
      : [],
  );
}

const isSame = (one: Label, other: Label) => one.system === other.system && one.code === other.code;

function unique(labels: readonly Label[]): Label[] {
  return labels.filter((label, at) => labels.findIndex((one) => isSame(one, label)) === at);
}
