import path from 'node:path';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { createValidator } from '../../../src/fhir/validate.ts';
import { coreOperations } from '../../../src/http/core-operations/index.ts';
import { createPageLinks } from '../../../src/http/page-links.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';

const buildDir = path.join(import.meta.dirname, '../../../build/fhir');

/** The HTTP edge with the core operations. Their links begin with the path alone, for the port is not known yet. */
export function startCore(): Promise<TestHttp> {
  const definitions = loadDefinitions(buildDir);
  const clock = { now: () => new Date() };
  const pageLinks = createPageLinks(Buffer.alloc(32, 7), clock);
  return startHttp({
    operations: coreOperations({
      definitions,
      validate: createValidator(buildDir),
      baseUrl: '/fhir',
      pageLinks,
      clock,
    }),
  });
}
