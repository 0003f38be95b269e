import type { r4 } from '../../../src/fhir/types.ts';

/** The slow, plain reading of R4's rules for value sets: is this one code of this one system a member? Nothing is shared with src. */
export interface World {
  systems: Readonly<Record<string, r4.CodeSystem>>;
  valueSets: Readonly<Record<string, r4.ValueSet>>;
}

export interface Known {
  concept: r4.CodeSystemConcept;
  /** Codes on the way down to it. */
  path: string[];
}

export function everyConcept(codeSystem: r4.CodeSystem): Known[] {
  const walk = (concepts: readonly r4.CodeSystemConcept[], path: string[]): Known[] =>
    concepts.flatMap((concept) => [{ concept, path }, ...walk(concept.concept ?? [], [...path, concept.code])]);
  return walk(codeSystem.concept ?? [], []);
}

export function isInactive(concept: r4.CodeSystemConcept): boolean {
  return concept.property?.some(({ code, valueBoolean }) => code === 'inactive' && valueBoolean === true) ?? false;
}

export function isMember(valueSet: r4.ValueSet, system: string, code: string, world: World): boolean {
  const compose = valueSet.compose;
  if (!compose) throw new Error('no compose');
  const part = (include: r4.ValueSetComposeInclude) => inPart(include, system, code, world);
  if (!compose.include.some(part) || compose.exclude?.some(part)) return false;
  return compose.inactive !== false || !inactiveCode(system, code, world);
}

export function inactiveCode(system: string, code: string, world: World): boolean {
  const found = everyConcept(world.systems[system] as r4.CodeSystem).find(({ concept }) => concept.code === code);
  return found !== undefined && isInactive(found.concept);
}

function inPart(include: r4.ValueSetComposeInclude, system: string, code: string, world: World): boolean {
  const imports = (include.valueSet ?? []).map((url) => world.valueSets[url] as r4.ValueSet);
  if (!imports.every((one) => isMember(one, system, code, world))) return false;
  if (include.system === undefined) return imports.length > 0;
  if (include.system !== system) return false;
  if (include.concept) return include.concept.some((one) => one.code === code);
  const known = everyConcept(world.systems[system] as r4.CodeSystem);
  const own = known.find(({ concept }) => concept.code === code);
  return own !== undefined && (include.filter ?? []).every((filter) => passes(filter, own, known));
}

function passes({ property, op, value }: r4.ValueSetComposeIncludeFilter, own: Known, known: Known[]): boolean {
  const { code, display } = own.concept;
  const values =
    property === 'code'
      ? [code]
      : property === 'display'
        ? [display ?? '']
        : (own.concept.property ?? []).filter((one) => one.code === property).map((one) => String(one.valueCode));
  if (op === 'is-a') return code === value || own.path.includes(value);
  if (op === 'is-not-a') return !(code === value || own.path.includes(value));
  if (op === 'descendent-of') return own.path.includes(value);
  if (op === 'generalizes') {
    return code === value || (known.find(({ concept }) => concept.code === value)?.path.includes(code) ?? false);
  }
  if (op === '=') return values.includes(value);
  if (op === 'in') return value.split(',').some((one) => values.includes(one));
  if (op === 'not-in') return !value.split(',').some((one) => values.includes(one));
  if (op === 'exists') return values.length > 0 === (value === 'true');
  if (op === 'regex') return values.some((one) => one.replace(new RegExp(value), '') === '' && one !== '');
  throw new Error(op);
}
