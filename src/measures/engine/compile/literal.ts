import { Concept } from '../values/code.ts';
import { Decimal } from '../values/decimal.ts';
import { parseDate, parseDateTime, parseTime } from '../values/parse-temporal.ts';
import { Quantity, Ratio } from '../values/quantity.ts';
import type { Value } from '../values/types.ts';
import { constantOf } from './constant.ts';
import { nodeOf, nodesOf, textOf } from './elm.ts';
import { Refusal } from './refusal.ts';
import type { NodeCompiler, Site } from './site.ts';
import type { ElmNode } from './types.ts';

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

/** A code written out: `Code '8302-2' from "LOINC"`. */
export const code: NodeCompiler = (node, site) => constantOf(site.program.vocabulary.writtenCode(node, site));

export const concept: NodeCompiler = (node, site) => {
  const codes = nodesOf(node, 'code').map((each) => site.program.vocabulary.writtenCode(each, site));
  return constantOf(new Concept(codes, textOf(node, 'display') ?? null));
};

export const quantity: NodeCompiler = (node, site) => constantOf(quantityIn(node, site));

export const ratio: NodeCompiler = (node, site) => {
  const [numerator, denominator] = [nodeOf(node, 'numerator'), nodeOf(node, 'denominator')];
  if (!numerator || !denominator) throw new Refusal('Ratio without both parts.', site.place, node.locator);
  return constantOf(new Ratio(quantityIn(numerator, site), quantityIn(denominator, site)));
};

function quantityIn(node: ElmNode, site: Site): Quantity {
  const value = Decimal.parse(String(node.value)) ?? Decimal.fromNumber(Number(node.value));
  if (value === null) throw new Refusal('Quantity without a value.', site.place, node.locator);
  return new Quantity(value, site.around.units.of(textOf(node, 'unit')));
}
