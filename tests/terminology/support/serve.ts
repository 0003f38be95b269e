import path from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { createTerminology } from '../../../src/terminology/terminology.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';

const build = path.join(import.meta.dirname, '../../../build');

export function testTerminology(builtInFile = path.join(build, 'terminology', 'terminology.json')) {
  return createTerminology({
    definitions: loadDefinitions(path.join(build, 'fhir')),
    builtInFile,
    fhirDir: path.join(build, 'fhir'),
    clock: systemClock,
  });
}

/** The HTTP edge with the operations of the terminology room. */
export function serveTerminology(): Promise<TestHttp> {
  return startHttp({ operations: testTerminology().module.operations });
}

/** A Parameters resource of code-like parameters (text) and complex ones (as given). */
export function parametersOf(given: Record<string, string | object>) {
  return {
    resourceType: 'Parameters',
    parameter: Object.entries(given).map(([name, value]) => ({
      name,
      ...(typeof value === 'string'
        ? { valueString: value }
        : 'resourceType' in value
          ? { resource: value }
          : { [name === 'codeableConcept' ? 'valueCodeableConcept' : 'valueCoding']: value }),
    })),
  };
}

/** The first value of an out-parameter. */
export function out(answer: { json: any }, name: string): unknown {
  const part = answer.json?.parameter?.find((one: any) => one.name === name);
  return part && Object.entries(part).find(([key]) => key.startsWith('value'))?.[1];
}
