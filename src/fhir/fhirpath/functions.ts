import type { Atom, AtomContext, TypedValue } from '@medplum/core';
import { distinct, intersection, isDistinct, isSubset, without } from './collections.ts';
import {
  childrenOf,
  contextOf,
  descendantsOf,
  extensionsOf,
  repeated,
  resolved,
  thisOf,
  variableOf,
} from './navigate.ts';

export interface Call {
  context: AtomContext;
  input: TypedValue[];
  args: readonly Atom[];
}

export type FhirPathFunction = (call: Call) => TypedValue[];

/**
 * The functions that the engine's own do not do as FHIR R4 (fhirpath.html) and FHIRPath N1 say: those that look at the first item only, those
 * that know no datatypes, those that answer nothing, and one that is missing. Functions that are not known here or there are an error.
 */
export const functions: ReadonlyMap<string, FhirPathFunction> = new Map<string, FhirPathFunction>([
  ['extension', (call) => extensionsOf(call.input, 'extension', textOf(call))],
  ['modifierExtension', (call) => extensionsOf(call.input, 'modifierExtension', textOf(call))],
  ['hasValue', ({ input }) => yes(input.length === 1 && isPrimitive(input[0]))],
  ['children', ({ input }) => childrenOf(input)],
  ['descendants', ({ input }) => descendantsOf(input)],
  ['repeat', ({ context, input, args }) => repeated(input, (item) => asked(args[0], context, item, 0))],
  ['resolve', ({ context, input }) => resolved(input, rootOf(context))],
  ['where', ({ context, input, args }) => input.filter((item, at) => isTrue(asked(args[0], context, item, at)))],
  ['select', ({ context, input, args }) => input.flatMap((item, at) => asked(args[0], context, item, at))],
  ['all', ({ context, input, args }) => yes(input.every((item, at) => isTrue(asked(args[0], context, item, at))))],
  ['exists', exists],
  ['not', ({ input }) => (input.length === 0 ? [] : yes(!isTrue([single(input)])))],
  ['distinct', ({ input }) => distinct(input)],
  ['isDistinct', ({ input }) => yes(isDistinct(input))],
  ['intersect', (call) => intersection(call.input, otherOf(call))],
  ['exclude', (call) => without(call.input, otherOf(call))],
  ['union', (call) => distinct([...call.input, ...otherOf(call)])],
  ['combine', (call) => [...call.input, ...otherOf(call)]],
  ['subsetOf', (call) => yes(isSubset(call.input, otherOf(call)))],
  ['supersetOf', (call) => yes(isSubset(otherOf(call), call.input))],
  ['trim', ({ input }) => input.slice(0, 1).map(() => text(String(single(input).value).trim()))],
  [
    'split',
    (call) => call.input.slice(0, 1).flatMap(() => String(single(call.input).value).split(textOf(call)).map(text)),
  ],
  ...(['encode', 'decode', 'escape', 'unescape'] as const).map((name): [string, FhirPathFunction] => [name, unknown]),
]);

export function yes(value: boolean): TypedValue[] {
  return [{ type: 'boolean', value }];
}

function text(value: string): TypedValue {
  return { type: 'string', value };
}

function exists({ context, input, args: [criterion] }: Call): TypedValue[] {
  if (!criterion) return yes(input.some(({ value }) => value !== undefined && value !== null));
  return yes(input.some((item, at) => isTrue(asked(criterion, context, item, at))));
}

function asked(question: Atom | undefined, context: AtomContext, item: TypedValue, at: number): TypedValue[] {
  if (!question) throw new Error('The function needs an argument');
  return question.eval(contextOf(context, item, at), [item]);
}

/** A single item that is no boolean counts as true (FHIRPath N1, 4.5: singleton evaluation of collections). */
function isTrue(answer: readonly TypedValue[]): boolean {
  const value: unknown = answer[0]?.value?.valueOf();
  return typeof value === 'boolean' ? value : answer.length > 0;
}

/** Arguments are asked of what the function stands in, not of its input. */
function otherOf({ context, args: [other] }: Call): TypedValue[] {
  if (!other) throw new Error('The function needs an argument');
  return other.eval(context, thisOf(context));
}

function textOf(call: Call): string {
  const value: unknown = otherOf(call)[0]?.value?.valueOf();
  if (typeof value !== 'string') throw new Error('The function needs a text');
  return value;
}

function single(input: readonly TypedValue[]): TypedValue {
  const [item] = input;
  if (!item || input.length > 1) throw new Error('The function is for a single item');
  return item;
}

function isPrimitive(item: TypedValue | undefined): boolean {
  return ['string', 'number', 'boolean'].includes(typeof item?.value?.valueOf());
}

function rootOf(context: AtomContext): unknown {
  return (variableOf(context, '%rootResource') ?? variableOf(context, '%resource') ?? outermostOf(context))?.value;
}

function outermostOf(context: AtomContext): TypedValue | undefined {
  let found: TypedValue | undefined;
  for (let at: AtomContext | undefined = context; at; at = at.parent) found = at.variables.$this ?? found;
  return found;
}

function unknown(): never {
  throw new Error('The function is not known');
}
