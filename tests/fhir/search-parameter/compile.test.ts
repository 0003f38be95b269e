import path from 'node:path';
import { expect, test } from '@jest/globals';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { compilePaths } from '../../../src/fhir/search-parameter/compile.ts';

/** The base parameters were compiled by the build, from the published definitions: this compiler must say the same of each. */
test('what the build made of every base parameter', () => {
  const base = loadDefinitions(path.join(import.meta.dirname, '../../../build/fhir'));
  const different: string[] = [];
  let compared = 0;
  for (const type of base.types) {
    for (const { code, kind, expression, paths } of base.searchParams(type).values()) {
      if (!paths || kind === 'composite' || kind === 'special') continue;
      compared++;
      const compiled = compilePaths(expression, type, kind, base.schema());
      const lines = (list: readonly object[]) =>
        list.map((one) => JSON.stringify(one, Object.keys(one).concat('property', 'where', 'equals').sort())).sort();
      if (!compiled.ok) different.push(`${type}.${code}: ${compiled.error.issues[0]?.text}`);
      else if (JSON.stringify(lines(compiled.value)) !== JSON.stringify(lines(paths)))
        different.push(`${type}.${code}: ${expression} ${JSON.stringify(compiled.value)} v ${JSON.stringify(paths)}`);
    }
  }
  expect(different).toEqual([]);
  expect(compared).toBeGreaterThan(1500);
});
