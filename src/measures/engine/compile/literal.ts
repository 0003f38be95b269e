import { Decimal } from '../values/decimal.ts';
import { parseDate, parseDateTime, parseTime } from '../values/parse-temporal.ts';
import type { Value } from '../values/types.ts';
import { constantOf } from './constant.ts';
import { textOf } from './elm.ts';
import { Refusal } from './refusal.ts';
import type { NodeCompiler } from './site.ts';

/** How the text of a literal is read, by type; null where it is no value of the type. */
const readers: Readonly<Record<string, (text: string) => Value>> = {
  Boolean: (text) => (text === 'true' ? true : text === 'false' ? false : null),
  Integer: (text) => (/^[+-]?\d{1,10}$/.test(text) ? Number(text) : null),
  Long: (text) => (/^[+-]?\d{1,19}L?$/.test(text) ? BigInt(text.replace('L', '')) : null),
  Decimal: (text) => Decimal.parse(text) ?? Decimal.fromNumber(Number(text)),
  String: (text) => text,
  Date: (text) => parseDate(text),
  DateTime: (text) => parseDateTime(text, () => 0),
  Time: (text) => parseTime(text),
};

export const literal: NodeCompiler = (node, site) => {
  const type = (textOf(node, 'valueType') ?? '').replace('{urn:hl7-org:elm-types:r1}', '');
  const reader = Object.hasOwn(readers, type) ? readers[type] : undefined;
  const text = node.value;
  const value = reader && text !== undefined && text !== null ? reader(String(text)) : null;
  if (value === null) throw new Refusal(`Literal of type ${type} cannot be read.`, site.place, node.locator);
  return constantOf(value);
};
