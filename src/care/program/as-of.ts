import { visibilityOf } from '../../access/decide.ts';
import type { Resource } from '../../fhir/types.ts';
import type { OperationRequest } from '../../module.ts';
import type { Stored } from '../../store/types.ts';
import { currentOf } from '../stored.ts';

const dayMs = 24 * 3_600_000;

/**
 * A record as it was at the end of a day, as far as it was written down by then; what was only written later is told by its first version, because
 * that is the earliest that is known. Undefined when the caller may not see it, or it is not here.
 */
export async function asOf(
  { store, principal }: Pick<OperationRequest, 'store' | 'principal'>,
  reference: string,
  day: string,
): Promise<Resource | undefined> {
  const [type = '', id = ''] = reference.split('/');
  const end = new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString();
  const at = { start: `${day}T23:59:59.999Z`, end };
  const page = await store.history(type, id, { at, count: 1 });
  const then = page.ok ? page.value.versions[0] : undefined;
  const stored: Stored | undefined = then ?? (await store.readVersion(type, id, 1));
  if (!stored || !(await store.sees(visibilityOf(principal, 'r'), stored))) return undefined;
  return currentOf(stored);
}
