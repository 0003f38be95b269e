import { limits } from '../../base/limits.ts';
import type { r4 } from '../types.ts';
import { sliceTest } from './discriminators.ts';
import { elementsOf, idOf } from './profile-elements.ts';
import type { ProfileRules, Rule, Slice, SliceTest, Spelling } from './profile-rules.ts';
import { constantOf, type ElementNode, treeOf } from './profile-tree.ts';
import { targetTypes } from './reference-type.ts';
import { type Binding, bindingOf, type Constraint, type Field, type Schema, type Shape } from './schema.ts';

interface Compiling {
  schema: Schema;
  typeOf: (url: string) => string | undefined;
  isPartial: boolean;
}

/**
 * Turns a StructureDefinition into the rules that it adds to the base definition. Undefined when a profile that it derives
 * from is not known, or its type, or when it is nested deeper than any resource may be. What is beyond this validator makes the result partial: slices of slices, discriminators
 * that look into other resources, rules inside of a choice of several types, elements that the type does not have,
 * `minValue[x]` and `maxValue[x]`.
 */
export function compileProfile(
  definition: r4.StructureDefinition,
  schema: Schema,
  find: (url: string) => r4.StructureDefinition | undefined,
): ProfileRules | undefined {
  const elements = elementsOf(definition, find);
  const shape = schema.resource(definition.type) ?? schema.shape(definition.type);
  if (!elements || !shape || elements.some((element) => idOf(element).split('.').length > limits.http.jsonDepth)) {
    return undefined;
  }
  const at: Compiling = { schema, typeOf: (url) => find(url)?.type, isPartial: false };
  const tree = treeOf(definition.type, elements);
  const root = { ...emptyRule(definition.type, []), ...insideOf(tree, shape, at) };
  root.constraints = newConstraints(tree, shape.constraints);
  const contexts = definition.context?.every(({ type }) => type === 'element')
    ? definition.context.map(({ expression }) => expression)
    : undefined;
  return {
    url: definition.url,
    name: /^[\w .-]{1,80}$/.test(definition.name) ? definition.name : 'The profile',
    type: definition.type,
    root,
    ...(contexts ? { contexts } : {}),
    isModifier: tree.element?.isModifier === true,
    isPartial: at.isPartial,
  };
}

function emptyRule(element: string, properties: readonly Spelling[]): Rule {
  return { element, properties, min: 0, max: Number.POSITIVE_INFINITY, constraints: [], children: [] };
}

function insideOf(node: ElementNode, shape: Shape, at: Compiling): { children: Rule[] } {
  const children = [...node.children.values()].flatMap((child) => compileChild(child, shape, at) ?? []);
  return { children: children.filter(hasEffect) };
}

function hasEffect(rule: Rule): boolean {
  return (
    rule.min > 0 ||
    rule.max !== Number.POSITIVE_INFINITY ||
    rule.constraints.length > 0 ||
    rule.children.length > 0 ||
    [rule.types, rule.fixed, rule.pattern, rule.targets, rule.binding, rule.profiles].some(
      (one) => one !== undefined,
    ) ||
    rule.maxLength !== undefined ||
    rule.slicing !== undefined
  );
}

function compileChild(node: ElementNode, shape: Shape, at: Compiling): Rule | undefined {
  const name = node.name.replace('[x]', '');
  const fields = new Map([...shape.fields].filter(([, field]) => field.element === name));
  if (fields.size === 0) {
    at.isPartial = true;
    return undefined;
  }
  const rule = ruleOf(node, fields, shape.required.some(({ element }) => element === name) ? 1 : 0, at);
  const slices = [...node.slices].flatMap(
    ([sliceName, slice]) => compileSlice(sliceName, slice, node, fields, at) ?? [],
  );
  const { rules = 'open', ordered = false } = node.element?.slicing ?? {};
  const isNeeded = rules !== 'open' || ordered || slices.some((slice) => hasEffect(slice.rule));
  // With a slice left out, what belongs to none cannot be told.
  const isWhole = slices.length === node.slices.size;
  if (isNeeded && slices.length > 0) {
    rule.slicing = { rules: isWhole ? rules : 'open', isOrdered: ordered, slices };
  }
  return rule;
}

function compileSlice(
  name: string,
  given: ElementNode,
  sliced: ElementNode,
  fields: ReadonlyMap<string, Field>,
  at: Compiling,
): Slice | undefined {
  const slice = withType(name, given, fields);
  const implied: r4.ElementDefinitionSlicingDiscriminator[] = sliced.name.endsWith('[x]')
    ? [{ type: 'type', path: '$this' }]
    : [{ type: 'value', path: 'url' }];
  const isImplied = sliced.name.endsWith('[x]') || /^(modifierE|e)xtension$/.test(sliced.name);
  const discriminators = sliced.element?.slicing?.discriminator ?? (isImplied ? implied : []);
  const tests = discriminators.map((discriminator) => sliceTest(discriminator, slice, at.typeOf));
  if (tests.length === 0 || tests.includes(undefined) || name.includes('/')) {
    at.isPartial = true;
    return undefined;
  }
  const rule = ruleOf(slice, fields, 0, at);
  // A snapshot repeats on each slice what it says of the whole element, and that is checked for every item anyway.
  const ofAll = new Set(sliced.element?.constraint?.map(({ key }) => key));
  return {
    name: /^[\w-]{1,80}$/.test(name) ? name : 'of the profile',
    tests: tests.filter((test): test is SliceTest => test !== undefined),
    rule: { ...rule, constraints: rule.constraints.filter(({ key }) => !ofAll.has(key)) },
  };
}

/** A slice of a choice may say its type by its name alone: `value[x]:valueQuantity` (FHIR R4, profiling.html#slicing). */
function withType(name: string, slice: ElementNode, fields: ReadonlyMap<string, Field>): ElementNode {
  const code = slice.name.endsWith('[x]') && !slice.element?.type ? fields.get(name)?.type : undefined;
  return code === undefined ? slice : { ...slice, element: { path: slice.name, ...slice.element, type: [{ code }] } };
}

function ruleOf(node: ElementNode, fields: ReadonlyMap<string, Field>, baseMin: number, at: Compiling): Rule {
  const { element } = node;
  const all = [...fields].map(([property, { type, isChoice, isList }]) => ({ property, type, isChoice, isList }));
  const rule = emptyRule(node.name.replace('[x]', ''), all);
  const first = [...fields.values()][0];
  const isList = first?.isList === true;
  if (element?.min !== undefined && element.min > baseMin) rule.min = element.min;
  const max = element?.max === undefined || element.max === '*' ? Number.POSITIVE_INFINITY : Number(element.max);
  if (isList || max < 1) rule.max = max;
  const types = narrowedTypes(element, all);
  if (types) rule.types = types;
  for (const kind of ['fixed', 'pattern'] as const) {
    const value = constantOf(element, kind);
    if (value) rule[kind] = value;
  }
  if (element?.maxLength !== undefined) rule.maxLength = element.maxLength;
  if (Object.keys(element ?? {}).some((key) => /^(min|max)Value/.test(key))) at.isPartial = true;
  addReferences(rule, element, first, at);
  const binding = element && bindingOf(element);
  if (binding && !isBoundInBase(binding, first)) rule.binding = binding;
  const inside = insideShapes(rule, fields, at);
  const known = [...(first?.constraints ?? []), ...inside.flatMap((shape) => shape?.constraints ?? [])];
  rule.constraints = newConstraints(node, known);
  if (node.children.size === 0) return rule;
  const [shape] = inside;
  if (inside.length === 1 && shape) rule.children = insideOf(node, shape, at).children;
  else at.isPartial = true;
  return rule;
}

function narrowedTypes(
  element: r4.ElementDefinition | undefined,
  all: readonly Spelling[],
): ReadonlySet<string> | undefined {
  const codes = (element?.type ?? []).map(({ code }) => code);
  if (codes.length === 0 || codes.some((code) => code.startsWith('http:'))) return undefined;
  return all.every(({ type }) => codes.includes(type)) ? undefined : new Set(codes);
}

function addReferences(
  rule: Rule,
  element: r4.ElementDefinition | undefined,
  first: Field | undefined,
  at: Compiling,
): void {
  const reference = element?.type?.find(({ code }) => code === 'Reference');
  const targets = targetTypes(reference?.targetProfile, at.typeOf);
  if (targets && !(first?.targets && [...first.targets].every((type) => targets.has(type)))) rule.targets = targets;
  // Extensions are checked against their definition wherever they stand. Quantity profiles of the base add nothing here.
  const profiles = (element?.type ?? [])
    .filter(({ code }) => code !== 'Extension')
    .flatMap(({ profile }) => profile ?? [])
    .filter((url) => url !== 'http://hl7.org/fhir/StructureDefinition/SimpleQuantity');
  if (profiles.length > 0) rule.profiles = profiles;
}

function isBoundInBase({ valueSet, isRequired }: Binding, first: Field | undefined): boolean {
  if (first?.codesUrl === valueSet) return true;
  return first?.binding?.valueSet === valueSet && (first.binding.isRequired || !isRequired);
}

/** What is inside, for each type that is left. Primitives have the inside of `Element`. */
function insideShapes(rule: Rule, fields: ReadonlyMap<string, Field>, { schema }: Compiling): (Shape | undefined)[] {
  if ([...fields.values()].every(({ inside }) => inside === 'Resource')) {
    return [...(rule.types ?? [])].map((type) => schema.resource(type));
  }
  return [...fields.values()]
    .filter(({ type }) => rule.types?.has(type) !== false)
    .map(({ inside }) => schema.shape(inside ?? 'Element'));
}

function newConstraints({ element }: ElementNode, known: readonly Constraint[]): Constraint[] {
  const keys = new Set(['ele-1', ...known.map(({ key }) => key)]);
  return (element?.constraint ?? [])
    .filter(({ key }) => !keys.has(key))
    .map(({ key, severity, human, expression }) => ({
      ...{ key, severity, human },
      ...(expression === undefined ? {} : { expression }),
    }));
}
