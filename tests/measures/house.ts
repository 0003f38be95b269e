import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../../src/base/clock.ts';
import { loadDefinitions } from '../../src/fhir/definitions.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createMeasures, type Measures } from '../../src/measures/measures.ts';
import type { Period, ReadyMeasure } from '../../src/measures/types.ts';
import { createTerminology } from '../../src/terminology/terminology.ts';
import { testLogger } from '../support/test-log.ts';

const root = path.join(import.meta.dirname, '../..');

export const year2026: Period = { start: '2026-01-01', end: '2026-12-31' };
export const now: Clock = { now: () => new Date('2026-12-01T12:00:00Z') };

/** The measures of the house, as built. Builds what is out of date first. */
export function houseMeasures(clock: Clock = now): Measures {
  execFileSync(process.execPath, [path.join(root, 'scripts/build-measures.ts')]);
  const [profilesDir, buildDir] = [path.join(root, 'profiles/measures'), path.join(root, 'build/measures')];
  const fhirDir = path.join(root, 'build/fhir');
  const definitions = loadDefinitions(fhirDir);
  const builtInFile = path.join(root, 'build/terminology/terminology.json');
  const terminology = createTerminology({ definitions, fhirDir, builtInFile, clock }).valueSets;
  return createMeasures({
    profilesDir,
    buildDir,
    fhirDir,
    definitions,
    terminology,
    zone: 'UTC',
    minimumCell: async () => 11,
    clock,
    log: testLogger(),
  });
}

export function measureNamed(measures: Measures, name: string): ReadyMeasure {
  const found = measures.measures.find((measure) => measure.name === name);
  if (!found) throw new Error(`no measure ${name}`);
  return found;
}

/** The test children of one measure: file name and resources. */
export function testChildren(measure: string): { file: string; resources: Resource[] }[] {
  const dir = path.join(root, 'fixtures/measures', measure);
  return readdirSync(dir)
    .sort()
    .map((file) => {
      const bundle = JSON.parse(readFileSync(path.join(dir, file), 'utf8')) as { entry: { resource: Resource }[] };
      return { file, resources: bundle.entry.map(({ resource }) => resource) };
    });
}

/** A resource of a bundle made by hand, by type and place. */
export function immunization(
  id: string,
  code: string,
  date: string,
  patient = 'child',
  status = 'completed',
): Resource {
  return {
    resourceType: 'Immunization',
    id,
    status,
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code }] },
    patient: { reference: `Patient/${patient}` },
    occurrenceDateTime: date,
  };
}
