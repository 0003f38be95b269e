import type { Issue } from '../../base/errors.ts';
import { isObject } from '../search/walk-path.ts';
import type { Item, ProfileRules, Rule, Slice, SliceTestContext, Spelling } from './profile-rules.ts';
import { referenceType } from './reference-type.ts';
import type { Binding } from './schema.ts';
import type { InvariantTask, StructureCheck } from './structure.ts';
import { hasPattern, isSame } from './value-match.ts';
import { type InValueSet, meetsBinding, meetsExtensible } from './value-sets.ts';

export interface ProfilePlace {
  path: string;
  resource: Record<string, unknown>;
  root: Record<string, unknown>;
}

/** What a check looks up: rules of profiles that elements refer to, and membership in value sets. */
export interface ProfileLookup {
  rules: (url: string) => ProfileRules | undefined;
  inValueSet: InValueSet;
  /** True when there is a terminology behind `inValueSet`, not only the lists of the definitions. */
  isAsked?: boolean;
}

interface Walk extends ProfileLookup, StructureCheck {
  profile: string;
  place: ProfilePlace;
  slices: SliceTestContext;
}

/**
 * Checks a resource, or an extension, against the rules of a profile. Works on anything: what is wrong by the base definition
 * is found elsewhere and passed over here.
 */
export function checkProfile(
  rules: ProfileRules,
  value: Record<string, unknown>,
  type: string,
  place: ProfilePlace,
  lookup: ProfileLookup,
): StructureCheck {
  const walk: Walk = {
    ...lookup,
    issues: [],
    invariants: [],
    profile: rules.name,
    place,
    slices: {
      root: place.root,
      inBinding: (bound, url) => meetsBinding(bound, url, lookup.inValueSet),
      conforms(inner, profiles) {
        const check = bestCheck(inner, profiles, place, lookup);
        return check && errorsIn(check) === 0;
      },
    },
  };
  checkInside(walk, rules.root, { value, type, path: place.path });
  return walk;
}

/** The check by the profile that fits best; undefined when one of them is not known, so that nothing can be said. */
function bestCheck(
  value: unknown,
  profiles: readonly string[],
  place: ProfilePlace,
  lookup: ProfileLookup,
): StructureCheck | undefined {
  if (!isObject(value)) return undefined;
  const isResource = typeof value.resourceType === 'string';
  const inner = isResource ? { ...place, resource: value } : place;
  let best: StructureCheck | undefined;
  for (const rules of profiles.map((url) => lookup.rules(url))) {
    if (!rules) return undefined;
    const isOther = isResource && rules.type !== value.resourceType;
    const check = isOther ? otherType(rules, place) : checkProfile(rules, value, rules.type, inner, lookup);
    if (!best || errorsIn(check) < errorsIn(best)) best = check;
  }
  return best;
}

function otherType({ name }: ProfileRules, { path }: ProfilePlace): StructureCheck {
  return { issues: [issue(path, 'structure', `${name} is a profile of another type.`)], invariants: [] };
}

function errorsIn({ issues }: StructureCheck): number {
  return issues.filter(({ severity }) => severity === undefined || severity === 'error').length;
}

function checkInside(walk: Walk, rule: Rule, item: Item): void {
  if (rule.constraints.length > 0) walk.invariants.push(taskOf(walk, rule, item));
  const owner = isObject(item.value) ? item.value : item.extra;
  if (!isObject(owner)) return;
  for (const child of rule.children)
    checkElement(walk, child, itemsOf(owner, child.properties, child, item.path), item.path);
}

function taskOf(walk: Walk, rule: Rule, item: Item): InvariantTask {
  const { resource, root } = walk.place;
  const { path, value, type } = item;
  return { path, typeName: type, value, constraints: rule.constraints, resource, root, isProfile: true };
}

function itemsOf(
  owner: Record<string, unknown>,
  spellings: readonly Spelling[],
  { element }: Rule,
  parent: string,
): Item[] {
  const items: Item[] = [];
  for (const { property, type, isChoice, isList } of spellings) {
    const value = owner[property];
    const extra = owner[`_${property}`];
    if (value === undefined && extra === undefined) continue;
    const path = `${parent}.${element}${isChoice ? `.ofType(${type})` : ''}`;
    if (!isList) {
      items.push({ value, extra, type, path });
      continue;
    }
    const values: unknown[] = Array.isArray(value) ? value : [];
    const extras: unknown[] = Array.isArray(extra) ? extra : [];
    for (let at = 0; at < Math.max(values.length, extras.length); at += 1) {
      items.push({ value: values[at] ?? undefined, extra: extras[at] ?? undefined, type, path: `${path}[${at}]` });
    }
  }
  return items;
}

function checkElement(walk: Walk, rule: Rule, items: readonly Item[], parent: string): void {
  checkCount(walk, rule, items.length, `${parent}.${rule.element}`, 'this element');
  for (const item of items) checkItem(walk, rule, item);
  if (rule.slicing) checkSlices(walk, rule, items, `${parent}.${rule.element}`);
}

function checkCount(walk: Walk, { min, max }: Rule, count: number, path: string, what: string): void {
  if (count < min) add(walk, path, 'required', `${walk.profile} requires ${what} at least ${times(min)}.`);
  if (count <= max) return;
  add(walk, path, 'structure', `${walk.profile} allows ${what} ${max === 0 ? 'not at all' : `at most ${times(max)}`}.`);
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function checkItem(walk: Walk, rule: Rule, item: Item): void {
  const { value, path } = item;
  const type = isObject(value) && typeof value.resourceType === 'string' ? value.resourceType : item.type;
  if (rule.types?.has(type) === false) {
    add(walk, path, 'structure', `${walk.profile} does not allow this type here.`);
    return;
  }
  if (value !== undefined) checkValue(walk, rule, item);
  checkInside(walk, rule, { ...item, type });
}

function checkValue(walk: Walk, rule: Rule, { value, path }: Item): void {
  if (rule.fixed && !isSame(value, rule.fixed.value)) {
    add(walk, path, 'value', `${walk.profile} fixes another value here.`);
  }
  if (rule.pattern && !hasPattern(value, rule.pattern.value)) {
    add(walk, path, 'value', `${walk.profile} has a pattern that this value does not fit.`);
  }
  if (rule.maxLength !== undefined && typeof value === 'string' && [...value].length > rule.maxLength) {
    add(walk, path, 'too-long', `${walk.profile} allows at most ${rule.maxLength} characters here.`);
  }
  if (rule.targets && isObject(value)) {
    const target = referenceType(value.reference, walk.place.root);
    if (target !== undefined && !rule.targets.has(target)) {
      add(walk, `${path}.reference`, 'value', `${walk.profile} does not allow a reference to this resource type here.`);
    }
  }
  if (rule.binding !== undefined) checkBinding(walk, rule.binding, value, path);
  if (rule.profiles) {
    const check = bestCheck(value, rule.profiles, { ...walk.place, path }, walk);
    walk.issues.push(...(check?.issues ?? []));
    walk.invariants.push(...(check?.invariants ?? []));
  }
}

function checkBinding(
  walk: Walk,
  { valueSet: url, canonical, isRequired }: Binding,
  value: unknown,
  path: string,
): void {
  const isIn = (isRequired ? meetsBinding : meetsExtensible)(value, canonical, walk.inValueSet);
  if (isIn === true) return;
  if (isIn === false && isRequired) {
    add(walk, path, 'code-invalid', `${walk.profile} requires a code of the value set ${url} here.`);
  } else if (isIn === false) {
    const text = `${walk.profile} wants a code of the value set ${url} here, unless none of them applies.`;
    walk.issues.push({ ...issue(path, 'code-invalid', text), severity: 'warning' });
  } else if (isRequired) {
    const text = `The value set ${url}, which ${walk.profile} requires here, is not loaded: the code was not checked.`;
    walk.issues.push({ ...issue(path, 'not-found', text), severity: 'warning' });
  } else if (walk.isAsked) {
    const text = `The value set ${url} is not loaded, or not whole: the code was not checked.`;
    walk.issues.push({ ...issue(path, 'not-found', text), severity: 'information' });
  }
}

function checkSlices(walk: Walk, rule: Rule, items: readonly Item[], path: string): void {
  const { slices = [], rules, isOrdered } = rule.slicing ?? {};
  const counts = new Map(slices.map((slice) => [slice, { sure: 0, possible: 0 }]));
  let last = 0;
  let hasEnded = false;
  for (const item of items) {
    const { slice, isSure } = sliceOf(walk, slices, item);
    const count = slice && counts.get(slice);
    if (!slice || !count) {
      hasEnded = true;
      if (rules === 'closed') add(walk, item.path, 'structure', `${walk.profile} allows only its own slices here.`);
      continue;
    }
    count.possible += 1;
    if (!isSure) continue;
    count.sure += 1;
    if (hasEnded && rules === 'openAtEnd') {
      add(walk, item.path, 'structure', `${walk.profile} wants the slice ${slice.name} before everything else.`);
    }
    const at = slices.indexOf(slice);
    if (isOrdered && at < last) add(walk, item.path, 'structure', `${walk.profile} wants its slices in their order.`);
    last = Math.max(last, at);
    checkItem(walk, slice.rule, item);
  }
  for (const [{ name, rule: sliceRule }, { sure, possible }] of counts) {
    const count = sure < sliceRule.min ? Math.min(possible, sliceRule.min) : sure;
    checkCount(walk, sliceRule, count, path, `the slice ${name}`);
  }
}

/** The first slice that the item surely belongs to, or else one that it may belong to. */
function sliceOf(walk: Walk, slices: readonly Slice[], item: Item): { slice?: Slice; isSure: boolean } {
  let possible: Slice | undefined;
  for (const slice of slices) {
    const answers = slice.tests.map((test) => test(item, walk.slices));
    if (answers.every((answer) => answer === true)) return { slice, isSure: true };
    if (!answers.includes(false)) possible ??= slice;
  }
  return possible ? { slice: possible, isSure: false } : { isSure: false };
}

function issue(path: string, code: string, text: string): Issue {
  return { code, text, expression: [path] };
}

function add(walk: Walk, path: string, code: string, text: string): void {
  walk.issues.push(issue(path, code, text));
}
