import type { Oracle } from './answer.ts';
import type { Link } from './ask-joined.ts';
import { askers } from './ask-values.ts';
import type { Json, Leaf } from './leaves.ts';
import type { Parameter, Published } from './published.ts';
import type { Random } from './random.ts';

/** A search: its type, its parameters, and what it is counted as. */
export interface Asked {
  type: string;
  params: [name: string, value: string][];
  label: string;
}

export interface Asking {
  random: Random;
  published: Published;
  oracle: Oracle;
  byType: ReadonlyMap<string, readonly Json[]>;
  links: readonly Link[];
}

/** The modifiers each kind has in R4, the empty one among them (search.html#modifiers). `:missing` is asked of every kind. */
export const modifiersOf: Record<string, readonly string[]> = {
  token: ['', 'not', 'text', 'of-type'],
  reference: ['', 'identifier', '[type]', 'below'],
  string: ['', 'exact', 'contains'],
  date: [''],
  uri: ['', 'above', 'below'],
  number: [''],
  quantity: [''],
  composite: [''],
};

/** A value in the world to start from; none where no resource has one. */
function someLeaf({ random, oracle, byType }: Asking, type: string, parameter: Parameter): Leaf | undefined {
  const resources = byType.get(type) ?? [];
  for (let tries = 0; tries < 12 && resources.length > 0; tries += 1) {
    const found = oracle.leaves(random.pick(resources), parameter);
    if (found.length > 0) return random.pick(found);
  }
  return undefined;
}

/** One parameter of a type with one modifier; alternatives now and then. Undefined where the modifier has no meaning for the values there are. */
export function askOne(asking: Asking, type: string, parameter: Parameter, modifier: string): Asked | undefined {
  const { random } = asking;
  const { code, kind } = parameter;
  if (modifier === 'missing') {
    return { type, params: [[`${code}:missing`, random.pick(['true', 'false'])]], label: `${kind}:missing` };
  }
  const asker = askers[kind];
  const targetType =
    modifier === '[type]' ? random.pick(parameter.targets.length > 0 ? parameter.targets : ['Patient']) : modifier;
  const count = random.chance(0.25) ? 2 + random.below(2) : 1;
  const values = Array.from({ length: count }, () => {
    if (kind === 'composite') return askParts(asking, type, parameter);
    const leaf = someLeaf(asking, type, parameter);
    if (!leaf || !suits(leaf, kind, modifier)) return undefined;
    return asker?.(random, leaf, modifier === '[type]' ? targetType : modifier);
  }).filter((value) => value !== undefined && value !== '');
  if (values.length === 0) return undefined;
  const name = modifier === '' ? code : `${code}:${targetType}`;
  return { type, params: [[name, values.join(',')]], label: `${kind}:${modifier}` };
}

/** Modifiers that speak of one datatype are asked where it occurs. */
function suits({ type }: Leaf, kind: string, modifier: string): boolean {
  if (modifier === 'of-type') return type === 'Identifier';
  if (modifier === 'text') return type === 'CodeableConcept' || type === 'Coding' || type === 'Identifier';
  if (kind === 'reference' && modifier === 'below') return type === 'canonical';
  if (kind === 'reference' && modifier !== '') return type === 'Reference';
  return true;
}

/** A value for each part, mostly of one resource, so that some meet in one item. */
function askParts({ random, oracle, byType }: Asking, type: string, parameter: Parameter): string | undefined {
  const resources = byType.get(type) ?? [];
  const having = resources.filter((one) =>
    parameter.components.every((_, place) => oracle.parts(one, parameter, place).length > 0),
  );
  if (having.length === 0) return undefined;
  const resource = random.pick(having);
  const parts = parameter.components.map(({ kind }, place) => {
    const leaves = oracle.parts(random.chance(0.8) ? resource : random.pick(having), parameter, place);
    return askers[kind]?.(random, random.pick(leaves), '');
  });
  return parts.every((part) => part !== undefined && part !== '') ? parts.join('$') : undefined;
}
