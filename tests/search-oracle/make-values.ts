import { stretchOf } from './match-date.ts';
import type { Random } from './random.ts';
import { ucum, unitCodes } from './units.ts';

/** Values of every datatype that a search can look at: few and colliding, with the edges among them. Decimals are `raw(…)`: their digits count. */
export interface Making {
  random: Random;
  /** Ids that resources of the world have. */
  ids: readonly string[];
  types: readonly string[];
  baseUrl: string;
  /** Codes of a required value set, where it is known. */
  codesOf(valueSet: string): readonly string[];
}

export const raw = (digits: string) => JSON.rawJSON(digits);

const systems = ['http://a.example', 'http://b.example/x|y', 'urn:oid:1.2.3', 'HTTP://A.example'];
const codes = ['red', 'Red', 'green', 'blue,dark', 'a|b', 'x\\y', 'one$two', 'é', ' red', "it's"];
const texts = [
  'Åström',
  'astrom',
  'Ast',
  'O’Neil',
  "O'Neil-Smith",
  'von  der\tHeide',
  '%_x',
  'ANNA',
  'anna-lena',
  'Zoë',
  'a\\b',
  'a,b',
  'Straße',
  'ﬁsh',
  'İzmir',
  '日本',
  '😀 smile',
  `${'long '.repeat(30)}end`,
];
const dates = ['2019', '2020', '2020-02', '2020-02-29', '2020-03-01', '2021-12-31', '1999-12', '0001-01-01'];
const instants = [
  '2020-02-29T23:59:59Z',
  '2020-03-01T00:00:00+01:00',
  '2020-02-29T12:00:00.125Z',
  '2020-02-29T12:00:00-05:00',
  '2020-02-29T12:00:00.1Z',
  '2021-12-31T23:59:59.999+14:00',
];
const uris = [
  'http://plan.example/a',
  'http://plan.example/a/b',
  'http://plan.example/a/b/c',
  'http://plan.example/ab',
  'http://Plan.example/a',
  'https://plan.example/a?x=1,2',
  'urn:oid:1.2.3',
  'urn:oid:1.2.3.4',
  'urn:uuid:7f7d7e50-0000-4000-8000-000000000001',
];
const decimals = [
  '0',
  '1',
  '1.0',
  '1.10',
  '5.4',
  '5.40',
  '-3',
  '0.001',
  '100',
  '1000',
  '99.5',
  '100.5',
  '1e2',
  '0.0054',
  '123456789.123456789',
];
const integers = ['0', '1', '2', '3', '10', '100'];

export type Maker = (making: Making, context: { targets: readonly string[]; valueSet?: string }) => unknown;

const one =
  (items: readonly unknown[]): Maker =>
  ({ random }) =>
    random.pick(items);
/** Leaves out what came out as undefined. */
const without = (value: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined));
const maybe = <T>({ random }: Making, value: T, probability = 0.7): T | undefined =>
  random.chance(probability) ? value : undefined;

const coding: Maker = (making) => {
  const { random } = making;
  return without({
    system: maybe(making, random.pick(systems)),
    code: maybe(making, random.pick(codes), 0.9),
    display: maybe(making, random.pick(texts), 0.3),
  });
};
const concept: Maker = (making, context) => {
  const { random } = making;
  const count = random.below(3);
  const codings = Array.from({ length: count }, () => coding(making, context));
  return without({
    coding: count === 0 ? undefined : codings,
    text: count === 0 || random.chance(0.3) ? random.pick(texts) : undefined,
  });
};
const identifier: Maker = (making, context) => {
  const { random } = making;
  return without({
    system: maybe(making, random.pick(systems)),
    value: maybe(making, random.pick(['1', '2', '1|2', 'Abc', 'abc']), 0.9),
    type: maybe(making, concept(making, context), 0.3),
  });
};
const period: Maker = (making) => {
  const { random } = making;
  const [start = '', end = ''] = [random.pick([...dates, ...instants]), random.pick([...dates, ...instants])].sort(
    (a, b) => (stretchOf(a)?.from ?? 0) - (stretchOf(b)?.from ?? 0),
  );
  // A period that ends before it starts is no period.
  if ((stretchOf(end)?.to ?? 0) < (stretchOf(start)?.to ?? 0)) return { start };
  const shape = random.below(4);
  return shape === 0 ? { start } : shape === 1 ? { end } : { start, end };
};
const timing: Maker = (making, context) => {
  const { random } = making;
  const events = random.chance(0.6)
    ? Array.from({ length: 1 + random.below(2) }, () => random.pick(instants))
    : undefined;
  const bounds = events === undefined || random.chance(0.3) ? period(making, context) : undefined;
  return without({ event: events, repeat: bounds && { boundsPeriod: bounds, count: 3 } });
};
const quantity: Maker = (making) => {
  const { random } = making;
  const value = raw(random.pick(decimals));
  const shape = random.below(5);
  const comparator = maybe(making, random.pick(['<', '<=', '>', '>=']), 0.15);
  if (shape === 0) return without({ value, comparator });
  if (shape === 1) return without({ value, comparator, unit: random.pick(['tablet', 'kg', 'drop']) });
  if (shape === 2) return without({ value, comparator, system: 'http://a.example', code: random.pick(['kg', 'tab']) });
  return without({ value, comparator, unit: maybe(making, 'kg', 0.2), system: ucum, code: random.pick(unitCodes) });
};
const simpleQuantity = (unit: string, digits: string) => ({
  value: raw(digits),
  system: ucum,
  code: unit,
});
const range: Maker = (making) => {
  const { random } = making;
  const unit = random.pick(unitCodes);
  const [low = '1', high = '5.4'] = random.pick([
    ['1', '5.4'],
    ['0.001', '100'],
    ['5.4', '5.40'],
  ]);
  const shape = random.below(4);
  return without({
    low: shape === 0 ? undefined : simpleQuantity(unit, low),
    high: shape === 1 ? undefined : simpleQuantity(unit, high),
  });
};

/** All forms of a reference: relative, versioned, absolute (ours and others'), logical, contained. */
const reference: Maker = (making, { targets }) => {
  const { random, ids, types, baseUrl } = making;
  const known = targets.filter((target) => types.includes(target));
  const type = known.length > 0 ? random.pick(known) : random.pick(['Patient', 'Group', 'Device']);
  const local = `${type}/${random.pick(ids)}`;
  const shape = random.below(12);
  if (shape < 6) return { reference: local };
  if (shape === 6) return { reference: `${local}/_history/2` };
  if (shape === 7) return { reference: `${baseUrl}/${local}` };
  if (shape === 8) return { reference: `https://other.example/fhir/${local}` };
  if (shape === 9) return { reference: '#inner' };
  if (shape === 10) return { identifier: identifier(making, { targets }), type };
  return { reference: local, identifier: identifier(making, { targets }), display: random.pick(texts) };
};
const canonical: Maker = ({ random }) =>
  `${random.pick(uris)}${random.chance(0.4) ? `|${random.pick(['1', '1.0', '1.1', '2.0', '10'])}` : ''}`;

const humanName: Maker = (making) => {
  const { random } = making;
  return without({
    use: random.pick(['official', 'old']),
    family: maybe(making, random.pick(texts)),
    given: maybe(making, [random.pick(texts), random.pick(texts)]),
    prefix: maybe(making, ['Dr'], 0.2),
    text: maybe(making, random.pick(texts), 0.3),
    period: { start: '2020' },
  });
};
const address: Maker = (making) => {
  const { random } = making;
  return without({
    use: random.pick(['home', 'work']),
    line: maybe(making, [random.pick(texts)]),
    city: maybe(making, random.pick(texts)),
    state: maybe(making, random.pick(['MA', 'ma', 'M'])),
    postalCode: maybe(making, random.pick(['01234', '0123'])),
    country: maybe(making, 'US', 0.3),
    text: maybe(making, random.pick(texts), 0.2),
  });
};

export const makers: Record<string, Maker> = {
  code: ({ random, codesOf }, { valueSet }) => {
    const known = valueSet === undefined ? [] : codesOf(valueSet);
    return random.pick(known.length > 0 ? known : codes);
  },
  string: one(texts),
  markdown: one(texts),
  id: one(['a', 'b-1', 'A']),
  uri: one(uris),
  url: one(uris),
  oid: one(['urn:oid:1.2.3', 'urn:oid:1.2.3.4']),
  uuid: one(['urn:uuid:7f7d7e50-0000-4000-8000-000000000001']),
  canonical,
  boolean: one([true, false]),
  date: one(dates),
  dateTime: one([...dates, ...instants]),
  instant: one(instants),
  decimal: ({ random }) => raw(random.pick(decimals)),
  integer: ({ random }) => raw(random.pick(integers)),
  positiveInt: ({ random }) => raw(random.pick(integers.slice(1))),
  unsignedInt: ({ random }) => raw(random.pick(integers)),
  base64Binary: one(['aGk=']),
  Coding: coding,
  CodeableConcept: concept,
  Identifier: identifier,
  ContactPoint: ({ random }) => ({
    system: random.pick(['phone', 'email', 'fax']),
    value: random.pick(['555-0100', 'a@b.example', 'A@b.example', '+1 (555) 0100']),
  }),
  Period: period,
  Timing: timing,
  Quantity: quantity,
  Age: quantity,
  Duration: quantity,
  Count: quantity,
  Distance: quantity,
  Range: range,
  Money: ({ random }) => ({ value: raw(random.pick(decimals)), currency: random.pick(['USD', 'EUR']) }),
  Reference: reference,
  HumanName: humanName,
  Address: address,
};
