import { fail, type Result } from '../../base/errors.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import type { Sql } from '../../store/types.ts';
import { lookUp } from '../redact/references.ts';
import type { Principal } from '../types.ts';

interface Asked {
  type?: string;
  id?: string;
}

/**
 * What somebody is answered who reads a record that is kept back: who may break the glass learns that it is there and how it opens. For
 * anybody else the answer stays as it was, that of a record which never was.
 */
export async function withHint<T>(
  answer: Result<T>,
  route: string,
  { type = '', id = '' }: Asked,
  { view }: Principal,
  deps: { sql: Sql; definitions: Definitions },
): Promise<Result<T>> {
  const possible = view?.emergency?.possible;
  if (answer.ok || answer.error.kind !== 'not-found' || route !== 'read' || possible === undefined) return answer;
  const { seen } = await lookUp(new Set([`${type}/${id}`]), { grants: possible }, deps);
  if (seen.size === 0) return answer;
  return fail(
    'forbidden',
    'This record is kept back. Emergency access opens it (btg-available): Patient/[id]/$break-glass.',
    {
      code: 'suppressed',
    },
  );
}
