import { join } from 'node:path';
import { createLogger } from '../../../src/base/log.ts';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { createMeasures } from '../../../src/measures/measures.ts';
import type { ReadyMeasure } from '../../../src/measures/types.ts';
import { createTerminology } from '../../../src/terminology/terminology.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** The day on which everything is evaluated. */
export const clock = { now: () => new Date('2026-12-31T12:00:00Z') };
export const at = {
  period: { start: '2026-01-01', end: '2026-12-31' },
  now: new Date('2026-12-31T23:59:59.999Z'),
  zone: 'UTC',
};

/** The measures of this house, as built, compiled once. */
export async function readyMeasures(): Promise<readonly ReadyMeasure[]> {
  const fhirDir = join(root, 'build', 'fhir');
  const definitions = loadDefinitions(fhirDir);
  const builtInFile = join(root, 'build', 'terminology', 'terminology.json');
  const terminology = createTerminology({ definitions, fhirDir, builtInFile, clock }).valueSets;
  const measures = createMeasures({
    profilesDir: join(root, 'profiles', 'measures'),
    buildDir: join(root, 'build', 'measures'),
    ...{
      fhirDir,
      definitions,
      terminology,
      zone: 'UTC',
      minimumCell: async () => 11,
      clock,
      log: createLogger('silent'),
    },
  });
  await measures.close();
  return measures.measures;
}
