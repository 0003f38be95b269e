import { escaped } from './escaping.ts';
import { isJson, type Leaf } from './leaves.ts';
import type { Random } from './random.ts';
import { ucum, unitsLike } from './units.ts';
import { systemOf } from './value-sets.ts';

/** Values to search for, drawn from a value that is there and turned a little, so that hits and misses both come out. */
export type Asker = (random: Random, leaf: Leaf, modifier: string) => string | undefined;

const text = (value: unknown) => (typeof value === 'string' ? value : '');

const token: Asker = (random, leaf, modifier) => {
  if (modifier === 'text') return string(random, { type: 'string', value: besideOf(leaf) }, '');
  if (modifier === 'of-type') return ofType(random, leaf);
  const { type, value, valueSet } = leaf;
  if (!isJson(value)) {
    // A bound code has the system of its value set, which may be said or left away.
    const implicit = valueSet === undefined ? undefined : systemOf(valueSet, String(value));
    const form = implicit === undefined ? 9 : random.below(6);
    if (form === 0) return `${escaped(implicit ?? '')}|${escaped(String(value))}`;
    if (form === 1) return `http://a.example|${escaped(String(value))}`;
    return escaped(String(value));
  }
  const [item] = type === 'CodeableConcept' ? [value.coding ?? []].flat().filter(isJson) : [value];
  const code = text(item?.code ?? item?.value) || 'red';
  if (type === 'ContactPoint') return escaped(code);
  const system = text(item?.system) || 'http://a.example';
  const form = random.below(8);
  if (form < 3) return escaped(code);
  if (form < 5) return `${escaped(system)}|${escaped(code)}`;
  if (form === 5) return `|${escaped(code)}`;
  return form === 6 ? `${escaped(system)}|` : escaped(random.pick([code.toUpperCase(), 'green', 'nothing']));
};

function besideOf({ type, value }: Leaf): string {
  if (!isJson(value)) return 'anna';
  const [coding] = [value.coding ?? []].flat().filter(isJson);
  const inner = isJson(value.type) ? value.type.text : undefined;
  return text(type === 'Identifier' ? inner : (value.text ?? value.display ?? coding?.display)) || 'anna';
}

function ofType(random: Random, { value }: Leaf): string | undefined {
  if (!isJson(value) || !isJson(value.type)) return undefined;
  const [coding] = [value.type.coding ?? []].flat().filter(isJson);
  const parts = [text(coding?.system) || 'http://a.example', text(coding?.code) || 'red', text(value.value) || '1'];
  if (random.chance(0.2)) parts[random.below(3)] = 'other';
  return parts.map(escaped).join('|');
}

const reference: Asker = (random, leaf, modifier) => {
  const { value } = leaf;
  if (modifier === 'identifier') {
    const identifier = isJson(value) && isJson(value.identifier) ? value.identifier : undefined;
    return identifier ? token(random, { type: 'Identifier', value: identifier }, '') : 'Abc';
  }
  const target = text(isJson(value) ? value.reference : value);
  if (modifier === 'below')
    return escaped(random.chance(0.5) ? target.replace(/\.\d+$/, '') : target.replace(/\|.*/, ''));
  if (typeof value === 'string') return escaped(random.chance(0.3) ? target.replace(/\|.*/, '') : target);
  const [, type = 'Patient', id = 'r1'] = /([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]+)(?:\/_history\/\w+)?$/.exec(target) ?? [];
  const form = random.below(8);
  if (modifier !== '') return form < 4 ? id : `${modifier}/${form < 7 ? id : 'r2'}`;
  if (form < 3) return `${type}/${id}`;
  if (form === 3) return id;
  if (form === 4) return `http://ours.example/fhir/${type}/${id}`;
  if (form === 5) return target.startsWith('#') ? `${type}/${id}` : target.replace('/_history/2', '');
  return form === 6
    ? `https://other.example/fhir/${type}/${id}`
    : `${random.pick(['Patient', 'Group'])}/r${random.below(9)}`;
};

const string: Asker = (random, leaf, modifier) => {
  const { value } = leaf;
  const parts = isJson(value)
    ? Object.entries(value).flatMap(([name, part]) => (name === 'use' || name === 'period' ? [] : [part].flat()))
    : [value];
  const whole = text(parts.length === 0 ? 'anna' : random.pick(parts)) || 'anna';
  if (modifier === 'exact')
    return escaped(random.chance(0.7) ? whole : random.pick([whole.toUpperCase(), whole.slice(1) || 'x']));
  const chars = [...whole];
  const from = modifier === 'contains' ? random.below(chars.length) : random.chance(0.1) ? 1 : 0;
  const some = chars.slice(from, from + 1 + random.below(random.chance(0.3) ? 100 : 6)).join('');
  const turned = random.pick([
    some,
    some,
    some.toUpperCase(),
    some.toLowerCase(),
    some.normalize('NFD'),
    some.normalize('NFD').replace(/\p{M}/gu, ''),
  ]);
  return escaped(turned.trim() === '' ? 'a' : turned);
};

const datePrefixes = ['', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];
const otherDates = [
  '2020',
  '2020-02',
  '2020-02-29',
  '2020-02-29T12:00:00.125Z',
  '2020-02-29T23:59Z',
  '2021-12-31T10:00:00-01:00',
];

const date: Asker = (random, { value }) => {
  const inner = isJson(value) ? [value.start, value.end, value.event].flat() : [value];
  const known = inner.filter((one): one is string => typeof one === 'string');
  const near = random.chance(0.7) && known.length > 0 ? random.pick(known) : random.pick(otherDates);
  const cut = random.pick([near, near, near.slice(0, 4), near.slice(0, 7), near.slice(0, 10)]).replace(/-$/, '');
  return `${random.pick(datePrefixes)}${cut}`;
};

const uri: Asker = (random, { value }, modifier) => {
  const whole = text(value);
  if (modifier === 'below' && random.chance(0.6)) return escaped(whole.replace(/\/[^/]*$/, ''));
  if (modifier === 'above' && random.chance(0.6)) return escaped(`${whole}/more/x`);
  return escaped(random.pick([whole, whole, `${whole}/`, whole.toLowerCase(), 'http://plan.example/a']));
};

const numberPrefixes = [...datePrefixes, '', ''];

/** The same number, in more or fewer digits, or one beside it. */
function turned(random: Random, digits: string): string {
  if (/[eE]/.test(digits)) return '100';
  const form = random.below(6);
  if (form === 0) return digits.includes('.') ? `${digits}0` : `${digits}.0`;
  if (form === 1) return digits.replace(/(\.\d*?)\d$/, '$1').replace(/\.$/, '');
  if (form === 2) return random.pick(['1', '5.4', '0.5', '99.5', '100', '-3', '1.00']);
  return digits;
}

const number: Asker = (random, { value }) => `${random.pick(numberPrefixes)}${turned(random, text(value) || '1')}`;

const quantity: Asker = (random, { type, value }) => {
  if (!isJson(value)) return undefined;
  const inner = type === 'Range' ? (isJson(value.low) ? value.low : value.high) : value;
  if (!isJson(inner)) return undefined;
  const start = `${random.pick(numberPrefixes)}${turned(random, text(inner.value) || '1')}`;
  const code = text(inner.code) || text(inner.currency) || text(inner.unit) || 'kg';
  const system = text(inner.system) || (type === 'Money' ? 'urn:iso:std:iso:4217' : ucum);
  const form = random.below(8);
  if (form < 2) return start;
  if (form === 2) return `${start}||${escaped(code)}`;
  const like = system === ucum ? unitsLike(code) : [];
  const unit = form < 6 || like.length === 0 ? code : random.pick(like);
  return `${start}|${escaped(system)}|${escaped(unit)}`;
};

export const askers: Record<string, Asker> = { token, reference, string, date, uri, number, quantity };
