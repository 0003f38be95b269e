import type { Parameter, Published } from './published.ts';
import { type Step, stepsOf } from './steps.ts';

/** A value that a search parameter's expression ends at, with its FHIR datatype (or the path of a backbone element). */
export interface Leaf {
  type: string;
  value: unknown;
  /** The value set that a code is bound to. */
  valueSet?: string;
}

export type Json = Record<string, unknown>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What `deceased` asks: the one parameter that is no path. */
const existsAndNotFalse = /^(\w+)\.(\w+)\.exists\(\) and \1\.\2 != false$/;

/** The values of the parameter in the resource. */
export function leavesOf(published: Published, resource: Json, alternatives: Parameter['alternatives']): Leaf[] {
  const type = String(resource.resourceType);
  return alternatives.flatMap((alternative) => {
    const [, , element] = existsAndNotFalse.exec(alternative) ?? [];
    if (element !== undefined) {
      const found = walk(published, [{ type, value: resource }], [{ kind: 'child', name: element }]);
      return [{ type: 'boolean', value: found.length > 0 && found.every(({ value }) => value !== false) }];
    }
    const [, ...steps] = stepsOf(alternative);
    return walk(published, [{ type, value: resource }], steps);
  });
}

export function walk(published: Published, from: readonly Leaf[], steps: readonly Step[]): Leaf[] {
  let current = [...from];
  for (const step of steps) {
    if (step.kind === 'first') current = current.slice(0, 1);
    else if (step.kind === 'type')
      current = current.filter(({ type }) => type.toLowerCase() === step.type.toLowerCase());
    else if (step.kind === 'where')
      current = current.filter(({ value }) => isJson(value) && value[step.name] === step.equals);
    else if (step.kind === 'resolves') current = current.filter(({ value }) => resolvesTo(value, step.type));
    else current = current.flatMap((leaf) => childrenOf(published, leaf, step.name));
  }
  return current;
}

function childrenOf(published: Published, { type, value }: Leaf, name: string): Leaf[] {
  if (!isJson(value)) return [];
  const element = published.child(type, name);
  // `Extension.valueDateTime`: some published expressions spell the choice out.
  if (!element) {
    const [, bare = '', spelled = ''] = /^([a-z]+)([A-Z]\w*)$/.exec(name) ?? [];
    const choice = published.child(type, bare);
    const only = choice?.types.find(({ code }) => code.toLowerCase() === spelled.toLowerCase());
    return only ? items(value[name]).map((item) => ({ type: only.code, value: item })) : [];
  }
  const { path, types, valueSet } = element;
  const isChoice = path.endsWith('[x]');
  const isBackbone = types.some(({ code }) => code === 'BackboneElement' || code === 'Element') || types.length === 0;
  return types.length === 0 || isBackbone
    ? items(value[name]).map((item) => ({ type: path, value: item }))
    : types.flatMap(({ code }) => {
        const property = isChoice ? `${name}${code.slice(0, 1).toUpperCase()}${code.slice(1)}` : name;
        return items(value[property]).map((item) => ({ type: code, value: item, ...(valueSet && { valueSet }) }));
      });
}

/** A primitive without a value is null here (its extensions live in the underscored twin): not a value. */
function items(value: unknown): unknown[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => item !== undefined && item !== null);
}

/** Whether a reference can only be to this type, as far as it says itself. */
function resolvesTo(value: unknown, type: string): boolean {
  if (!isJson(value)) return false;
  const { reference } = value;
  if (typeof reference === 'string')
    return new RegExp(`(^|/)${type}/[A-Za-z0-9.-]+(/_history/[^/]+)?$`).test(reference);
  return value.type === type;
}
