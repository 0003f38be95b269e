import { visibilityOf } from '../../../access/decide.ts';
import { ok, type Result } from '../../../base/errors.ts';
import type { OperationRequest } from '../../../module.ts';
import { importSystem } from './import-system.ts';

/** Whether a plan has been imported, by what identifies it. */
export async function isKnown(
  key: string,
  { store, principal }: Pick<OperationRequest, 'store' | 'principal'>,
): Promise<Result<boolean>> {
  const found = await store.search(
    {
      type: 'CarePlan',
      filters: [
        {
          kind: 'filter',
          param: { code: 'identifier', kind: 'token', expression: 'CarePlan.identifier' },
          values: [{ kind: 'token', system: importSystem, code: key }],
        },
      ],
      ...{ includes: [], revincludes: [], sort: [], count: 1, total: 'none' as const },
    },
    visibilityOf(principal, 's'),
  );
  return found.ok ? ok(found.value.matches.length > 0) : found;
}
