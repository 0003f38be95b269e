import type { r4 } from '../../fhir/types.ts';

/** What holds extensions: a Measure, a group, a population. */
type Extended = Pick<r4.Element, 'extension'>;

/**
 * Values of the extensions with this short name, e.g. `populationBasis`, whichever guide's address they have: `cqfm-` of the US guide,
 * `cqm-` of its successor, `extension-Measure.group.` of those that bring R5 elements to R4, and our own.
 */
function extensionsOf(element: Extended | undefined, name: string): r4.Extension[] {
  const endings = [`/cqfm-${name}`, `/cqm-${name}`, `.${name}`, `/extension-${name}`, `/measure-${name}`];
  return (element?.extension ?? []).filter(({ url }) => endings.some((ending) => url.endsWith(ending)));
}

/** Texts of an extension, whether it has a string, a code, a canonical or a concept with a code. */
export function extensionTexts(element: Extended | undefined, name: string): string[] {
  return extensionsOf(element, name).flatMap((extension) => textOf(extension) ?? []);
}

export function extensionText(element: Extended | undefined, name: string): string | undefined {
  return extensionTexts(element, name)[0];
}

export function extensionConcept(element: Extended | undefined, name: string): r4.CodeableConcept | undefined {
  return extensionsOf(element, name)[0]?.valueCodeableConcept;
}

function textOf(extension: r4.Extension): string | undefined {
  const { valueString, valueCode, valueCanonical, valueCodeableConcept, valueCoding, valueMarkdown } = extension;
  return (
    valueString ??
    valueCode ??
    valueCanonical ??
    valueMarkdown ??
    valueCoding?.code ??
    valueCodeableConcept?.coding?.[0]?.code
  );
}

export function extensionNumber(element: Extended | undefined, name: string): number | undefined {
  const [found] = extensionsOf(element, name);
  const value = found?.valueDecimal ?? found?.valueInteger ?? found?.valuePositiveInt ?? found?.valueUnsignedInt;
  return value === undefined ? undefined : Number(JSON.stringify(value));
}

/** The id of a part of a Measure: its linkId, else its element id. */
export function idOf(element: r4.Element): string | undefined {
  return extensionText(element, 'linkId') ?? element.id;
}
