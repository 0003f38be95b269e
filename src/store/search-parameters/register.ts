import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import { type CustomParam, checkSearchParameter } from '../../fhir/search-parameter/check.ts';
import type { Resource } from '../../fhir/types.ts';
import { parseContent } from '../content.ts';
import type { Change, Tx, WriteCheck, WriteEffect } from '../types.ts';

/** Names the job that indexes what there is by one SearchParameter; its key is the id. */
export const indexJobKind = 'index-search-parameter';

/** Held while the set of definitions changes and while a stretch of the index is written. */
export const definitionsLock = 'search-parameters';

const types = ['SearchParameter'];

/** Refuses a SearchParameter that cannot be used, or that another one stands in the way of. `base`: without any added parameter. */
export function usableCheck(base: Definitions): WriteCheck {
  return {
    name: 'search-parameter-usable',
    types,
    async check({ id, after }, tx) {
      if (!after) return ok(undefined);
      const checked = checkSearchParameter(after, base);
      if (!checked.ok) return checked;
      return checked.value ? roomFor(checked.value, id, tx) : ok(undefined);
    },
  };
}

async function roomFor({ code, params }: CustomParam, id: string, tx: Tx): Promise<Result<void>> {
  // Two that come at once must see each other.
  await tx.lock(definitionsLock);
  const [row] = await tx.query<{ taken: boolean | null; all: number }>(
    `SELECT bool_or(code = $2 AND types && $3::text[]) AS taken, count(*)::integer AS all
       FROM search_parameter WHERE id <> $1`,
    [id, code, [...params.keys()]],
  );
  const at = { expression: ['SearchParameter.code'] };
  if (row?.taken)
    return fail('unprocessable', 'Another active SearchParameter has this code for one of these types.', {
      ...at,
      code: 'duplicate',
    });
  if ((row?.all ?? 0) >= limits.searchParameters.inUse)
    return fail(
      'unprocessable',
      `${limits.searchParameters.inUse} SearchParameters are in use, and that is the most.`,
      {
        expression: ['SearchParameter.status'],
        code: 'too-costly',
      },
    );
  return ok(undefined);
}

/** Puts a SearchParameter into use, changes it, or takes it out of use: in the transaction of the write. */
export function usedEffect(base: Definitions): WriteEffect {
  return {
    name: 'search-parameter-in-use',
    types,
    apply: (change, tx) => apply(change, tx, base),
  };
}

async function apply({ id, after, stored }: Change, tx: Tx, base: Definitions): Promise<Result<void>> {
  const checked = after ? checkSearchParameter(after, base) : ok(undefined);
  if (!checked.ok) return checked;
  const wanted = checked.value;
  await tx.lock(definitionsLock);
  const [before] = await tx.query<{ definition: string }>('SELECT definition FROM search_parameter WHERE id = $1', [
    id,
  ]);
  if (!wanted && !before) return ok(undefined);
  if (wanted && after && before && meaning(parseContent(before.definition)) === meaning(after)) return ok(undefined);
  const [next] = await tx.query<{ number: number }>(
    'UPDATE search_generation SET number = number + 1 RETURNING number',
  );
  if (!wanted) {
    await tx.query('DELETE FROM search_parameter WHERE id = $1', [id]);
    return ok(undefined);
  }
  await tx.query(
    `INSERT INTO search_parameter AS p (id, code, types, definition, generation) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (id) DO UPDATE SET code = excluded.code, types = excluded.types, definition = excluded.definition,
       generation = excluded.generation, ready = false, after_key = 0, total = NULL, done = 0`,
    [id, wanted.code, [...wanted.params.keys()], stored?.json ?? '', next?.number ?? 0],
  );
  await tx.enqueue({ kind: indexJobKind, key: id });
  return ok(undefined);
}

/** What of a SearchParameter decides how resources are indexed by it. */
function meaning({ url, derivedFrom, status, code, type, base, expression, target }: Resource): string {
  return JSON.stringify([url, derivedFrom, status, code, type, base, expression, target]);
}
