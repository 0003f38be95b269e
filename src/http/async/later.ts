import { createHash, randomUUID } from 'node:crypto';
import type { Principal } from '../../access/types.ts';
import { type CareError, fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { FhirContext, FhirRequest, FhirResponse } from '../fhir-request.ts';
import { addRow, countRunning, endRow, findRow, forgetOld, forgetRow, hearOf, type LaterRow } from './rows.ts';

/** What an operation does, told how far it has come. */
export type LateWork = (progress: (text: string) => void) => Promise<Result<Resource>>;

export const statusOperation = 'async-status';
export const cancelOperation = 'async-cancel';

/** Operations that answer later. Source: FHIR R5, async-bundle.html (R4's async.html answers with files of bulk data only). */
export interface Later {
  /** 202, and where to ask. Error `busy`: too much is under way. */
  begin(request: string, context: FhirContext, work: LateWork): Promise<Result<FhirResponse>>;
  status(request: FhirRequest, context: FhirContext): Promise<Result<FhirResponse>>;
  /** 202; nothing is told of it any more. What it does is not undone, and it may work on for a while. */
  cancel(request: FhirRequest, context: FhirContext): Promise<Result<FhirResponse>>;
}

const { later } = limits.http;

export function createLater(): Later {
  /** How far those of this process have come; the rows tell other processes every now and then. */
  const progress = new Map<string, string>();
  return {
    async begin(request, context, work) {
      const { store, clock, baseUrl } = context;
      const now = clock.now();
      await forgetOld(store, new Date(now.getTime() - later.keepMs));
      const owner = ownerOf(context.principal);
      const running = await countRunning(store, owner, new Date(now.getTime() - later.lostMs));
      if (running.own >= later.ofOneCaller || running.all >= later.atOnce)
        return { ok: false, error: busy('Too many operations are being answered later. Try again.') };
      const id = randomUUID();
      await addRow(store, { id, owner, request }, now);
      void run(id, context, work, progress);
      const headers = { 'Content-Location': `${baseUrl}/$${statusOperation}?id=${id}` };
      return ok({
        status: 202,
        headers,
        resource: outcome('The answer is being made; ask for it at Content-Location.'),
      });
    },
    async status(request, context) {
      const found = await rowOf(request, context);
      if (!found.ok) return found;
      return answerOf({ ...found.value, progress: progress.get(found.value.id) ?? found.value.progress }, context);
    },
    async cancel(request, context) {
      const found = await rowOf(request, context);
      if (!found.ok) return found;
      await forgetRow(context.store, found.value.id, found.value.owner);
      return ok({ status: 202, resource: outcome('Nothing more will be told of it.') });
    },
  };
}

/** Runs the work to its end. A fault is its own affair: it is told as a failure without its text. */
async function run(
  id: string,
  { store, clock }: FhirContext,
  work: LateWork,
  progress: Map<string, string>,
): Promise<void> {
  const beat = setInterval(() => {
    hearOf(store, id, progress.get(id) ?? 'started', clock.now()).catch(() => {});
  }, later.beatMs);
  beat.unref();
  const answer = await work((text) => {
    progress.set(id, text);
  }).catch((cause): Result<Resource> => fail('internal', 'An error happened in the server.', { cause }));
  clearInterval(beat);
  progress.delete(id);
  const text = stringifyJson(answer.ok ? answer.value : { kind: answer.error.kind, issues: answer.error.issues });
  const isTooLong = text.length > later.answerLength;
  const tooLong = { kind: 'too-large', issues: [{ code: 'too-costly', text: 'The answer is too large to be kept.' }] };
  await endRow(
    store,
    id,
    answer.ok && !isTooLong ? 'done' : 'failed',
    isTooLong ? stringifyJson(tooLong) : text,
    clock.now(),
    // The database is away: nobody hears of it any more, and the status says that it was lost.
  ).catch(() => {});
}

async function rowOf({ query }: FhirRequest, { store, principal }: FhirContext): Promise<Result<LaterRow>> {
  const id = query.find(([name]) => name === 'id')?.[1];
  if (id === undefined) return fail('invalid', 'Parameter id is required.', { code: 'required' });
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
  const row = isUuid ? await findRow(store, id, ownerOf(principal)) : undefined;
  return row ? ok(row) : fail('not-found', 'Nothing of this id is being answered later.');
}

function answerOf(
  { state, progress, answer, request, heard_at }: LaterRow,
  { clock }: FhirContext,
): Result<FhirResponse> {
  if (state === 'failed') return { ok: false, error: JSON.parse(answer ?? '') as CareError };
  if (state === 'done') {
    const resource = parseJson(answer ?? '') as Resource;
    const entry = [{ response: { status: '200 OK' }, resource }];
    return ok({ status: 200, isLate: true, resource: { resourceType: 'Bundle', type: 'batch-response', entry } });
  }
  if (clock.now().getTime() - heard_at.getTime() > later.lostMs)
    return { ok: false, error: busy('The server was stopped before it had answered. Ask again.') };
  const headers = { 'X-Progress': progress, 'Retry-After': '1' };
  return ok({ status: 202, headers, resource: outcome(`${request}: ${progress}`) });
}

/** Who asked, with what rights: the same person through a token of other scopes is somebody else. */
function ownerOf({ kind, id, clientId, patientId, fhirUser, scopes }: Principal): string {
  const rights = scopes.map(({ level, type, interactions, having }) =>
    JSON.stringify([level, type, [...interactions].sort(), having ?? []]),
  );
  const who = [kind, id, clientId, patientId ?? '', fhirUser ?? '', ...rights.sort()];
  return createHash('sha256').update(JSON.stringify(who)).digest('hex');
}

function busy(text: string): CareError {
  return { kind: 'busy', issues: [{ code: 'transient', text }], retryAfterSeconds: 5 };
}

function outcome(text: string): Resource {
  return {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'information', code: 'informational', details: { text } }],
  };
}
