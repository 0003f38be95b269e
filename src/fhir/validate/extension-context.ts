import type { Field } from './schema.ts';

/** Datatypes that are kinds of another one (FHIR R4, datatypes.html): an extension of that one may stand on them too. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  string: ['code', 'id', 'markdown'],
  uri: ['canonical', 'oid', 'url', 'uuid'],
  integer: ['positiveInt', 'unsignedInt'],
  Quantity: ['Age', 'Count', 'Distance', 'Duration', 'MoneyQuantity', 'SimpleQuantity'],
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

/** Whether an extension with these element contexts may stand there (FHIR R4, defining-extensions.html#context). */
export function isInContext(contexts: readonly string[], owner: Owner): boolean {
  return contexts.some((context) => {
    // Contexts by another profile's URL and element need that profile on the owner, which is not looked into.
    if (context.includes(':') || context === '*') return true;
    if (owner.resourceType !== undefined) {
      return context === owner.resourceType || context === 'Resource' || context === 'DomainResource';
    }
    if (context === 'Element' || !owner.field) return context === 'Element';
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
