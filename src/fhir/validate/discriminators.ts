import { isObject } from '../search/walk-path.ts';
import type { r4 } from '../types.ts';
import type { Item, SliceTest } from './profile-rules.ts';
import { constantOf, type ElementNode } from './profile-tree.ts';
import { referenceType, targetTypes } from './reference-type.ts';
import { hasPattern, isSame } from './value-match.ts';

type Discriminator = r4.ElementDefinitionSlicingDiscriminator;
type Step = { name: string; extension?: string };

/**
 * Turns a discriminator into a test for one slice (FHIR R4, profiling.html#discriminator). Undefined when the slice does not
 * say what the discriminator asks, or the path goes through `resolve()` to another resource.
 */
export function sliceTest(
  discriminator: Discriminator,
  slice: ElementNode,
  typeOf: (url: string) => string | undefined,
): SliceTest | undefined {
  const { type, path } = discriminator;
  if (type === 'type' && /(^|\.)resolve\(\)$/.test(path)) return targetTest(path, slice, typeOf);
  const steps = stepsOf(path);
  if (!steps) return undefined;
  if (type === 'value' || type === 'pattern') return valueTest(steps, slice);
  const element = nodeAt(slice, steps)?.element;
  if (!element) return undefined;
  if (type === 'exists') return existsTest(steps, element);
  if (type === 'type') return typeTest(steps, element);
  const profiles = element.type?.flatMap(({ profile }) => profile ?? []) ?? [];
  if (profiles.length === 0) return undefined;
  return (item, { conforms }) => one(navigate(item, steps).map((value) => conforms(value, profiles)));
}

/** `$this`, `code.coding`, `extension('url').value`: nothing else is used in simple slicing. */
function stepsOf(path: string): Step[] | undefined {
  if (path === '$this') return [];
  const steps: Step[] = [];
  for (const part of path.replace(/^\$this\./, '').match(/extension\('[^']*'\)|[^.]+/g) ?? []) {
    const extension = /^extension\('([^']*)'\)$/.exec(part)?.[1];
    if (extension !== undefined) steps.push({ name: 'extension', extension });
    else if (/^\w+$/.test(part)) steps.push({ name: part });
    else return undefined;
  }
  return steps;
}

function childNode(node: ElementNode, { name, extension }: Step): ElementNode | undefined {
  const child = node.children.get(name) ?? node.children.get(`${name}[x]`);
  if (extension === undefined) return child;
  return [...(child?.slices.values() ?? [])].find((slice) => urlOf(slice) === extension);
}

/** With the slices that have to be there: `code.coding:SBPCode.code` says what `code.coding.code` is (R4 blood pressure). */
function childNodes(node: ElementNode, step: Step): ElementNode[] {
  const child = childNode(node, step);
  const slices = [...(child?.slices.values() ?? [])].filter(({ element }) => (element?.min ?? 0) > 0);
  return child ? [child, ...slices] : [];
}

function nodeAt(node: ElementNode, steps: readonly Step[]): ElementNode | undefined {
  return steps.reduce<ElementNode | undefined>((at, step) => at && childNode(at, step), node);
}

/** An extension is known by its own url, which is also the URL of its definition. */
function urlOf(extension: ElementNode): string | undefined {
  const fixed = constantOf(extension.children.get('url')?.element, 'fixed')?.value;
  return typeof fixed === 'string' ? fixed : extension.element?.type?.[0]?.profile?.[0]?.split('|')[0];
}

function navigate(item: Item, steps: readonly Step[]): unknown[] {
  let values: unknown[] = [item.value];
  for (const { name, extension } of steps) {
    values = values
      .filter(isObject)
      .flatMap((value) => propertiesOf(value, name))
      .filter((value) => extension === undefined || (isObject(value) && value.url === extension));
  }
  return values;
}

function propertiesOf(value: Record<string, unknown>, name: string): unknown[] {
  if (value[name] !== undefined) return [value[name]].flat();
  return Object.keys(value)
    .filter((property) => property.startsWith(name) && /^[A-Z]/.test(property.slice(name.length)))
    .map((property) => value[property]);
}

function valueTest(steps: readonly Step[], slice: ElementNode): SliceTest | undefined {
  if (steps.length === 1 && steps[0]?.name === 'url') {
    const url = urlOf(slice);
    if (url !== undefined) return (item) => isObject(item.value) && item.value.url === url;
  }
  const tests: SliceTest[] = [];
  let nodes = [slice];
  for (const [at, step] of steps.entries()) {
    tests.push(...nodes.flatMap((node) => partTest(node, steps, at) ?? []));
    nodes = nodes.flatMap((node) => childNodes(node, step));
  }
  tests.push(...nodes.flatMap((node) => [...[constantTest(node, steps) ?? []].flat(), ...testsBelow(node, steps)]));
  return tests.length > 0 ? (item, at) => every(tests.map((test) => test(item, at))) : undefined;
}

/** A value given further up says by its part at the path what is asked there. */
function partTest({ element }: ElementNode, steps: readonly Step[], at: number): SliceTest | undefined {
  const given = constantOf(element, 'fixed') ?? constantOf(element, 'pattern');
  const parts = given ? navigate({ ...given, type: '', path: '' }, steps.slice(at)) : [];
  if (parts.length === 0) return undefined;
  return (item) => {
    const values = navigate(item, steps);
    return parts.every((part) => values.some((value) => hasPattern(value, part)));
  };
}

function testsBelow(node: ElementNode, steps: readonly Step[]): SliceTest[] {
  return [...node.children].flatMap(([name, child]) => {
    const below = [...steps, { name: name.replace('[x]', '') }];
    const test = constantTest(child, below);
    return [...(test ? [test] : []), ...testsBelow(child, below)];
  });
}

function constantTest({ element }: ElementNode, steps: readonly Step[]): SliceTest | undefined {
  const fixed = constantOf(element, 'fixed');
  if (fixed) return (item) => navigate(item, steps).some((value) => isSame(value, fixed.value));
  const pattern = constantOf(element, 'pattern');
  if (pattern) return (item) => navigate(item, steps).some((value) => hasPattern(value, pattern.value));
  const url = element?.binding?.strength === 'required' ? element.binding.valueSet : undefined;
  if (url === undefined) return undefined;
  return (item, { inBinding }) => one(navigate(item, steps).map((value) => inBinding(value, url)));
}

function existsTest(steps: readonly Step[], { min, max }: r4.ElementDefinition): SliceTest | undefined {
  if (max === '0') return (item) => navigate(item, steps).length === 0;
  return min !== undefined && min > 0 ? (item) => navigate(item, steps).length > 0 : undefined;
}

function typeTest(steps: readonly Step[], { type }: r4.ElementDefinition): SliceTest | undefined {
  const codes = new Set(type?.map(({ code }) => code));
  if (codes.size === 0) return undefined;
  if (steps.length === 0) return (item) => codes.has(typeAt(item.value, item.type));
  // Inside of an occurrence only resources say of what type they are.
  return (item) => navigate(item, steps).some((value) => codes.has(typeAt(value, '')));
}

function typeAt(value: unknown, type: string): string {
  return isObject(value) && typeof value.resourceType === 'string' ? value.resourceType : type;
}

function targetTest(
  path: string,
  slice: ElementNode,
  typeOf: (url: string) => string | undefined,
): SliceTest | undefined {
  const steps = stepsOf(path.replace(/\.?resolve\(\)$/, '') || '$this');
  const reference = steps && nodeAt(slice, steps)?.element?.type?.find(({ code }) => code === 'Reference');
  const targets = targetTypes(reference?.targetProfile, typeOf);
  if (!steps || !targets) return undefined;
  return (item, { root }) =>
    one(
      navigate(item, steps).map((value) => {
        const type = isObject(value) ? referenceType(value.reference, root) : undefined;
        return type === undefined ? undefined : targets.has(type);
      }),
    );
}

function one(answers: readonly (boolean | undefined)[]): boolean | undefined {
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

function every(answers: readonly (boolean | undefined)[]): boolean | undefined {
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}
