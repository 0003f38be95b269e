import type { Field } from './schema.ts';

/** Datatypes that are kinds of another one (FHIR R4, datatypes.html): an extension of that one may stand on them too. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  string: ['code', 'id', 'markdown'],
  uri: ['canonical', 'oid', 'url', 'uuid'],
  integer: ['positiveInt', 'unsignedInt'],
  Quantity: ['Age', 'Count', 'Distance', 'Duration', 'MoneyQuantity', 'SimpleQuantity'],
};

const core = 'http://hl7.org/fhir/StructureDefinition/';

/** Where R4's own resources have extensions of R4 against their published contexts (most were corrected in R5). */
const publishedOn: Readonly<Record<string, readonly string[]>> = {
  [`${core}structuredefinition-fhir-type`]: ['ElementDefinition.type'],
  [`${core}structuredefinition-normative-version`]: ['Element'],
  // US Core's search parameters say with it how strongly a modifier or several values are expected.
  [`${core}capabilitystatement-expectation`]: ['multipleOr', 'multipleAnd', 'comparator', 'modifier', 'chain'].map(
    (element) => `SearchParameter.${element}`,
  ),
  [`${core}regex`]: ['ElementDefinition.type'],
  [`${core}valueset-concept-comments`]: ['CodeSystem.concept'],
};

/** Where an extension stands: the resource type for one at the root, else the field whose value has it. */
export interface Owner {
  resourceType?: string;
  field?: Field;
  /** FHIRPath location of the owner. */
  path: string;
  /** Type of the nearest resource around. */
  inside: string;
}

/** Whether the extension with this URL and these element contexts may stand there (R4, defining-extensions.html#context). */
export function isInContext(url: string, contexts: readonly string[], owner: Owner): boolean {
  return [...contexts, ...(publishedOn[url] ?? [])].some((context) => {
    // Contexts by another profile's URL and element need that profile on the owner, which is not looked into.
    // `Element` means every element, resources too: R4's own resources have such extensions.
    if (context.includes(':') || context === 'Element') return true;
    if (owner.resourceType !== undefined) {
      return context === owner.resourceType || context === 'Resource' || context === 'DomainResource';
    }
    if (!owner.field) return false;
    const { path, type, inside } = owner.field;
    const plainContext = context.replace('[x]', '');
    return (
      plainContext === path.replace('[x]', '') ||
      plainContext === type ||
      // `Questionnaire.item.item` is what `Questionnaire.item` is.
      plainContext === inside ||
      kinds[plainContext]?.includes(type) === true ||
      plainContext === plainLocation(owner)
    );
  });
}

/** `StructureDefinition.snapshot.element[3].binding.valueSet` without positions: a context may pass through datatypes. */
function plainLocation({ path, inside }: Owner): string {
  const inResource = path.replace(/^.*\.(resource|contained\[\d+\])\.|^\w+\./, '');
  return `${inside}.${inResource.replaceAll(/\[\d+\]|\.ofType\(\w+\)/g, '')}`;
}
