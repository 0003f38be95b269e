/** What the build reads of a StructureDefinition (R4), and what of it validation needs later. */

interface ElementType {
  code: string;
  targetProfile?: string[];
  profile?: string[];
  extension?: { url: string; valueUrl?: string }[];
}

interface Element {
  id?: string;
  path: string;
  min: number;
  max: string;
  base?: { path: string; min: number; max: string };
  type?: ElementType[];
  contentReference?: string;
  constraint?: { key: string; severity: string; human: string; expression?: string }[];
  binding?: { strength: string; valueSet?: string };
  isSummary?: boolean;
}

export interface Structure {
  resourceType: string;
  name: string;
  type: string;
  url: string;
  fhirVersion: string;
  kind: string;
  abstract: boolean;
  snapshot: { element: Element[] };
}

/** Checked by every FHIR parser by construction, and on every element: too dear to evaluate as FHIRPath. */
const droppedConstraints = new Set(['ele-1']);

/** A StructureDefinition without texts, mappings and the differential. */
export function compactStructure(structure: Structure): object {
  return {
    resourceType: 'StructureDefinition',
    name: structure.name,
    type: structure.type,
    url: structure.url,
    kind: structure.kind,
    abstract: structure.abstract,
    snapshot: { element: structure.snapshot.element.map(compactElement) },
  };
}

function compactElement(element: Element): object {
  const constraint = (element.constraint ?? [])
    .filter(({ key }) => !droppedConstraints.has(key))
    .map(({ key, severity, human, expression }) => ({ key, severity, human, expression }));
  const { binding } = element;
  return {
    id: element.id,
    path: element.path,
    min: element.min,
    max: element.max,
    base: element.base,
    type: element.type?.map(({ code, targetProfile, profile, extension }) => ({
      code,
      targetProfile,
      profile,
      extension: extension?.filter(({ url }) => url.endsWith('structuredefinition-fhir-type')),
    })),
    contentReference: element.contentReference,
    constraint: constraint.length > 0 ? constraint : undefined,
    // The other strengths are advice, and not checked.
    binding: /^(required|extensible)$/.test(binding?.strength ?? '')
      ? { strength: binding?.strength, valueSet: binding?.valueSet }
      : undefined,
    isSummary: element.isSummary === true ? true : undefined,
  };
}

/** A child of a type or backbone element: the JSON property and the context its own children are found under. */
export interface Child {
  property: string;
  type: string;
  context: string;
  /** It may be there more than once. */
  many: boolean;
}

/** Finds children by element name; a choice element gives one child for each of its types. */
export function createTypeModel(structures: readonly Structure[]): (context: string, name: string) => Child[] {
  const elements = new Map<string, Element>();
  for (const structure of structures) {
    for (const element of structure.snapshot.element) elements.set(element.path, element);
  }
  return (context, name) => {
    const single = elements.get(`${context}.${name}`);
    const many = single !== undefined && single.max !== '1';
    if (single?.contentReference)
      return [{ property: name, type: 'BackboneElement', context: single.contentReference.slice(1), many }];
    if (single) return (single.type ?? []).map((type) => ({ ...child(name, single.path, type), many }));
    // A choice never repeats.
    const choice = elements.get(`${context}.${name}[x]`);
    return (choice?.type ?? []).map((type) => ({
      ...child(name + type.code.charAt(0).toUpperCase() + type.code.slice(1), name, type),
      many: false,
    }));
  };
}

function child(property: string, path: string, type: ElementType): Omit<Child, 'many'> {
  const inline = type.code === 'BackboneElement' || type.code === 'Element';
  const code = type.code.startsWith('http://hl7.org/fhirpath/System.') ? 'string' : type.code;
  return { property, type: code, context: inline ? path : code };
}
