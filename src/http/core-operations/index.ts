import type { Clock } from '../../base/clock.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import type { Operation } from '../../module.ts';
import type { Check } from '../../terminology/conformance/check.ts';
import type { PageLinks } from '../fhir-request.ts';
import { docref } from './docref.ts';
import { everythingOperations } from './everything.ts';
import { metaOperations } from './meta.ts';
import { metaChanges } from './meta-change.ts';
import { validateOperations } from './validate.ts';

export interface CoreDeps {
  definitions: Definitions;
  validate: Check;
  /** Without a trailing slash, e.g. `http://127.0.0.1:8080/fhir`. */
  baseUrl: string;
  pageLinks: PageLinks;
  clock: Clock;
}

/** The table of core operations. */
export function coreOperations(deps: CoreDeps): readonly Operation[] {
  return [
    ...everythingOperations(deps),
    ...metaOperations(deps),
    ...metaChanges(deps),
    ...validateOperations(deps),
    docref(deps),
  ];
}
