import type { Definitions } from '../../fhir/definitions.ts';
import type { StoreParts } from '../parts.ts';
import type { Sql, WriteCheck, WriteEffect } from '../types.ts';
import { type Catalog, createCatalog } from './catalog.ts';
import { type IndexJob, indexJob } from './job.ts';
import { usableCheck, usedEffect } from './register.ts';

/** Fits the house's `Module` type, which this room may not import. */
export interface SearchParametersModule {
  name: string;
  checks: readonly WriteCheck[];
  effects: readonly WriteEffect[];
  jobs: readonly IndexJob[];
}

/** The catalog of this process, as the database says now. `base`: the definitions without any added parameter. */
export async function openCatalog(base: Definitions, sql: Sql): Promise<Catalog> {
  const catalog = createCatalog(base, sql);
  await catalog.refresh();
  return catalog;
}

/** What makes SearchParameter resources take effect. `extract` is over the definitions of the catalog. */
export function searchParametersModule(base: Definitions, extract: StoreParts['extract']): SearchParametersModule {
  return {
    name: 'search-parameters',
    checks: [usableCheck(base)],
    effects: [usedEffect(base)],
    jobs: [indexJob({ extract })],
  };
}
