import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { createValidator } from '../../../src/fhir/validate.ts';
import { buildDir } from './built.ts';

type Element = Partial<r4.ElementDefinition> & { id: string };

/** A profile with these elements; the paths follow from the ids. */
export function profile(
  type: string,
  elements: readonly Element[],
  more: Partial<r4.StructureDefinition> = {},
): r4.StructureDefinition {
  return {
    resourceType: 'StructureDefinition',
    url: 'http://x.example/StructureDefinition/tested',
    name: 'Tested',
    status: 'active',
    kind: 'resource',
    abstract: false,
    type,
    baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
    derivation: 'constraint',
    ...more,
    differential: {
      element: elements.map((element) => ({ path: element.id.replaceAll(/:[^.]+/g, ''), ...element })),
    },
  };
}

type Answer = boolean | undefined;

/** Checks a resource against the first of the profiles; `severity code location` for each issue, errors without severity. */
export function issuesBy(
  [first, ...others]: readonly [r4.StructureDefinition, ...r4.StructureDefinition[]],
  resource: Resource,
  inValueSet: (url: string, coding: { system?: string; code: string }) => Answer = () => undefined,
): string[] {
  const loaded = new Map([first, ...others].map((definition) => [definition.url, definition]));
  const validate = createValidator(buildDir, {
    profiles: { find: (url) => loaded.get(url.split('|')[0] ?? ''), scope: () => loaded, open: () => 0 },
    inValueSet,
  });
  return validate(resource, { profiles: [first.url] }).map(({ severity, code, expression }) =>
    [...(severity ? [severity] : []), code, expression?.[0]].join(' '),
  );
}
