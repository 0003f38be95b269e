import { authorize } from '../../access/decide.ts';
import { ok, type Result } from '../../base/errors.ts';
import type { Change, Stored, Tx } from '../../store/types.ts';
import type { FhirContext, FhirResponse } from '../fhir-request.ts';
import { etagOf, versionResponse } from '../versions.ts';

/**
 * A transaction whose answer tells what is stored. What the house concludes at its end may write the caller's resource once more (a remark on a referral,
 * a plan's contributors): an ETag of the version before would be refused at the next If-Match, and Location would lead to what nobody reads any more.
 */
export async function transactToLast(
  context: FhirContext,
  work: (tx: Tx) => Promise<Result<FhirResponse>>,
): Promise<Result<FhirResponse>> {
  const { answer, last } = await transactKnowing(context, work);
  return answer.ok ? ok(await lastVersion(answer.value, last, context)) : answer;
}

/** The same for all entries of a Bundle that is one transaction. */
export async function transactAllToLast(
  context: FhirContext,
  work: (tx: Tx) => Promise<Result<Result<FhirResponse>[]>>,
): Promise<Result<Result<FhirResponse>[]>> {
  const { answer, last } = await transactKnowing(context, work);
  if (!answer.ok) return answer;
  const told: Result<FhirResponse>[] = [];
  for (const one of answer.value) told.push(one.ok ? ok(await lastVersion(one.value, last, context)) : one);
  return ok(told);
}

/** A transaction, and the last version of each record that it wrote. */
async function transactKnowing<T>({ store, actor }: FhirContext, work: (tx: Tx) => Promise<Result<T>>) {
  let changes: readonly Change[] = [];
  const answer = await store.transact(actor, (tx) => {
    changes = tx.changes;
    return work(tx);
  });
  return { answer, last: new Map(changes.map(({ type, id, stored }) => [`${type}/${id}`, stored])) };
}

const written = /\/([A-Za-z]+\/[A-Za-z0-9.-]{1,64})\/_history\/\d+$/;

async function lastVersion(
  answer: FhirResponse,
  last: ReadonlyMap<string, Stored | undefined>,
  context: FhirContext,
): Promise<FhirResponse> {
  const [, name = ''] = written.exec(answer.location ?? '') ?? [];
  const stored = last.get(name);
  if (!stored || stored.deleted || etagOf(stored) === answer.etag) return answer;
  const location = (answer.location ?? '').replace(/\d+$/, String(stored.version));
  const { json, ...later } = versionResponse(stored, answer.status, { location });
  const isTold = answer.json !== undefined && (await mayRead(stored, context));
  const { json: _before, ...rest } = answer;
  return { ...rest, ...later, ...(isTold && json !== undefined && { json }) };
}

/** What the house has added may be more than who wrote it is told. */
async function mayRead(stored: Stored, { principal, store }: FhirContext): Promise<boolean> {
  const readable = authorize(principal, stored.type, 'r');
  return readable.ok && (await store.sees(readable.value, stored));
}
