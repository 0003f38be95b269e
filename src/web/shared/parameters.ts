import type { Resource, r4 } from '../../fhir/types.ts';

/** Reads what operations answer with (FHIR R4, Parameters), and writes what they are asked. */

type Part = r4.ParametersParameter;

/** A Parameters resource, or one parameter with parts, read by the names in it. */
export interface Parts {
  /** The first value of a name, as text; a reference as `Type/id`, a Coding as its code. */
  text(name: string): string | undefined;
  texts(name: string): string[];
  number(name: string): number | undefined;
  is(name: string): boolean;
  has(name: string): boolean;
  /** The end of a Period. */
  end(name: string): string | undefined;
  /** The words of a CodeableConcept or Reference. */
  words(name: string): string | undefined;
  concept(name: string): r4.CodeableConcept | undefined;
  resource(name: string): Resource | undefined;
  resources(name: string): Resource[];
  /** Parameters of that name which have parts of their own. */
  all(name: string): Parts[];
}

export function partsOf(answer: Resource | undefined): Parts {
  const { parameter = [] } = (answer ?? {}) as { parameter?: Part[] };
  return reader(parameter);
}

function reader(parts: readonly Part[]): Parts {
  const named = (name: string) => parts.filter((part) => part.name === name);
  const value = (name: string) => named(name)[0];
  return {
    text: (name) => textOf(value(name)),
    texts: (name) => named(name).flatMap((part) => textOf(part) ?? []),
    number: (name) => numberOf(value(name)),
    is: (name) => value(name)?.valueBoolean === true,
    has: (name) => value(name) !== undefined,
    end: (name) => value(name)?.valuePeriod?.end,
    words: (name) => wordsOf(value(name)),
    concept: (name) => value(name)?.valueCodeableConcept,
    resource: (name) => value(name)?.resource && ({ ...value(name)?.resource } as Resource),
    resources: (name) => named(name).flatMap(({ resource }) => (resource ? [{ ...resource } as Resource] : [])),
    all: (name) => named(name).map(({ part = [] }) => reader(part)),
  };
}

function textOf(part: Part | undefined): string | undefined {
  if (part === undefined) return undefined;
  const { valueString, valueCode, valueDate, valueDateTime, valueInstant, valueCanonical, valueReference } = part;
  const { valueId, valueCoding } = part;
  const number = numberOf(part);
  return (
    valueString ??
    valueCode ??
    valueId ??
    valueCoding?.code ??
    valueDate ??
    valueDateTime ??
    valueInstant ??
    valueCanonical ??
    valueReference?.reference ??
    number?.toString()
  );
}

function numberOf(part: Part | undefined): number | undefined {
  return part?.valueInteger ?? part?.valueDecimal ?? part?.valuePositiveInt;
}

function wordsOf(part: Part | undefined): string | undefined {
  const { valueCodeableConcept: concept, valueReference } = part ?? {};
  return (
    concept?.text ?? concept?.coding?.find(({ display }) => display !== undefined)?.display ?? valueReference?.display
  );
}

/** One parameter with a value of the type, e.g. `parameter('valueCode', 'answer', 'accept')`; nothing when there is no value. */
export function parameter(
  type: 'valueCode' | 'valueString' | 'valueDate' | 'valueReference',
  name: string,
  value: string | undefined,
): Part[] {
  if (value === undefined || value === '') return [];
  return [{ name, [type]: type === 'valueReference' ? { reference: value } : value }];
}

export function parameters(...parameter: readonly Part[]): Resource {
  return { resourceType: 'Parameters', parameter };
}
