import fc from 'fast-check';
import type { r4 } from '../../../src/fhir/types.ts';

/** Small random code systems and value sets over them: few codes, so that they meet often. */
export const systemUrls = ['urn:test:a', 'urn:test:b'];

const words = ['mild', 'severe', 'Asthma', 'fever', 'chronic'];
const display = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 }).map((list) => list.join(' '));

/** A forest over the codes c0 … cn: each concept's parent is an earlier one or none. */
export const codeSystem = (url: string): fc.Arbitrary<r4.CodeSystem> =>
  fc
    .array(
      fc.record({
        parent: fc.nat(12),
        display,
        kind: fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }),
        inactive: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    )
    .map((rows) => {
      const concepts = rows.map((row, index): r4.CodeSystemConcept => {
        const property: r4.CodeSystemConceptProperty[] = [];
        if (row.kind) property.push({ code: 'kind', valueCode: row.kind });
        if (row.inactive) property.push({ code: 'inactive', valueBoolean: true });
        return { code: `c${index}`, display: row.display, property };
      });
      const top: r4.CodeSystemConcept[] = [];
      for (const [index, row] of rows.entries()) {
        const concept = concepts[index] as r4.CodeSystemConcept;
        const parent = row.parent < index ? concepts[row.parent] : undefined;
        if (!parent) top.push(concept);
        else {
          parent.concept ??= [];
          parent.concept.push(concept);
        }
      }
      return {
        resourceType: 'CodeSystem',
        url,
        status: 'active',
        content: 'complete',
        property: [
          { code: 'kind', type: 'code' },
          { code: 'inactive', type: 'boolean' },
        ],
        concept: top,
      } satisfies r4.CodeSystem;
    });

const code = fc.nat(8).map((index) => `c${index}`);
const property = fc.constantFrom('kind', 'code', 'display');
const text = fc.constantFrom('x', 'y', 'c1', 'c2', 'mild', 'x,y', 'c0,c3', 'mild,fever');
const filter: fc.Arbitrary<r4.ValueSetComposeIncludeFilter> = fc.oneof(
  fc.record({
    property: fc.constant('code'),
    op: fc.constantFrom('is-a' as const, 'descendent-of' as const, 'is-not-a' as const, 'generalizes' as const),
    // Every system has c0.
    value: fc.constantFrom('c0'),
  }),
  fc.record({ property, op: fc.constantFrom('=' as const, 'in' as const, 'not-in' as const), value: text }),
  fc.record({ property, op: fc.constant('exists' as const), value: fc.constantFrom('true', 'false') }),
  fc.record({ property, op: fc.constant('regex' as const), value: fc.constantFrom('c[0-3]', 'x|y', 'mild.*', '.*') }),
);

const include = (imports: readonly string[]): fc.Arbitrary<r4.ValueSetComposeInclude> => {
  const system = fc.constantFrom(...systemUrls);
  const forms: fc.Arbitrary<r4.ValueSetComposeInclude>[] = [
    fc.record({ system }),
    fc.record({ system, concept: fc.array(fc.record({ code }), { minLength: 1, maxLength: 4 }) }),
    fc.record({ system, filter: fc.array(filter, { minLength: 1, maxLength: 3 }) }),
  ];
  if (imports.length > 0) {
    const valueSet = fc.array(fc.constantFrom(...imports), { minLength: 1, maxLength: 2 });
    forms.push(fc.record({ valueSet }), fc.record({ system, valueSet }));
    forms.push(fc.record({ system, valueSet, filter: fc.array(filter, { minLength: 1, maxLength: 2 }) }));
  }
  return fc.oneof(...forms);
};

export const valueSet = (url: string, imports: readonly string[]): fc.Arbitrary<r4.ValueSet> =>
  fc
    .record({
      include: fc.array(include(imports), { minLength: 2, maxLength: 4 }),
      exclude: fc.array(include(imports), { maxLength: 1 }),
      inactive: fc.boolean(),
    })
    .map((compose) => ({ resourceType: 'ValueSet', url, status: 'active', compose }));
