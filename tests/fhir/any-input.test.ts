import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planBundle } from '../../src/fhir/bundle.ts';
import { createExtractor } from '../../src/fhir/search/extract.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { baseUrl, buildDir, builtDefinitions } from './support/built.ts';

const definitions = builtDefinitions();
const validate = createValidator(buildDir);
const extract = createExtractor(definitions, { baseUrl });

/** JSON whose property names are real ones, so that it gets past the first check. */
const name = fc.constantFrom(
  ...[
    'name',
    'subject',
    'reference',
    'code',
    'coding',
    'system',
    'value',
    'valueQuantity',
    'period',
    'start',
    'extension',
    'url',
    'contained',
    'meta',
    'tag',
  ],
  ...[
    'entry',
    'request',
    'method',
    'fullUrl',
    'resource',
    'resourceType',
    'identifier',
    'item',
    'activity',
    'effectivePeriod',
    'deceasedBoolean',
    '_birthDate',
    'id',
  ],
);
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    'Patient',
    'Patient/1',
    'urn:uuid:1',
    '2020',
    '',
    'POST',
    'http://x.example',
    null,
    0,
    -1,
    1.5,
    true,
    '#',
    '#x',
  ),
  fc.string(),
  fc.constant(JSON.rawJSON('1.10')),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(name, tie('tree'), { maxKeys: 5 }),
  ),
}));
const resource = fc
  .tuple(
    fc.constantFrom('Patient', 'Observation', 'CarePlan', 'Questionnaire', 'Bundle', 'Parameters', 'Timing', 'x'),
    fc.dictionary(name, tree),
  )
  .map(([resourceType, elements]): Resource => ({ ...elements, resourceType }));

describe('whatever JSON comes, there is an answer and no fault', () => {
  test('validation', () => {
    fc.assert(
      fc.property(resource, (any) => {
        for (const issue of validate(any)) expect(issue.expression?.[0]).toMatch(/^\w/);
      }),
      { numRuns: 2000 },
    );
  });

  test('extraction', () => {
    fc.assert(
      fc.property(resource, (any) => {
        for (const { start, end } of extract(any).dates) expect(start <= end).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('bundle planning', () => {
    fc.assert(
      fc.property(fc.constantFrom('batch', 'transaction'), tree, (type, entry) => {
        expect(typeof planBundle({ resourceType: 'Bundle', type, entry }, { baseUrl, definitions }).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });
});
