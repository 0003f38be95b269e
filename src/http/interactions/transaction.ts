import { authorize, may, toldTo } from '../../access/decide.ts';
import { type CareError, fail, type Issue, ok, type Result } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { type BundlePlan, conditionalReferences, fullUrlKey, isRefused, type PlannedEntry } from '../../fhir/bundle.ts';
import { parsePatch } from '../../fhir/patch/parse.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Stored, Tx, Visibility } from '../../store/types.ts';
import type { FhirContext, FhirRequest, FhirResponse } from '../fhir-request.ts';
import { versionOfIfMatch, versionResponse } from '../versions.ts';
import { bodyFor, guardEntry, requestOfEntry } from './batch.ts';
import { type EntryError, hasConditionalReferences, linked, writeReferring } from './conditional-references.ts';
import { conditionLetter, createIn } from './create.ts';
import { deleteIn } from './delete.ts';
import { historyIn } from './history.ts';
import { historyOfTypesIn } from './history-of-types.ts';
import { transactAllToLast } from './last-version.ts';
import { patchIn, patchOfEntry, patchTarget } from './patch.ts';
import { searchIn } from './search.ts';
import { conditionalTarget, updateIn, writeUnless } from './update.ts';
import { vreadIn } from './vread.ts';
import { checkedResource, criteriaLock, matchOne, mayWrite, readableResponse, withRemarks } from './write-steps.ts';

/** What an entry will do, once conditionals are resolved: the id it writes, or the resource that is there already. */
interface Target {
  id?: string;
  existing?: Stored;
}

/**
 * All entries in one database transaction: everything happens, or nothing does (FHIR R4, http.html#transaction). The first
 * error undoes the whole; its issue names the entry.
 */
export async function transaction(
  plan: BundlePlan,
  request: FhirRequest,
  context: FhirContext,
): Promise<Result<Result<FhirResponse>[]>> {
  const entries = plan.entries.filter((entry): entry is PlannedEntry => !isRefused(entry));
  const possible = await checkEntries(entries, context);
  if (!possible.ok) return possible;
  return transactAllToLast(context, async (tx) => {
    await tx.lock(...entries.flatMap(conditionLocks));
    const targets = await resolveTargets(tx, plan, entries, context);
    if (!targets.ok) return targets;
    await tx.hold(namedRows(entries, targets.value));
    const fullUrls = fullUrlsOf(entries, targets.value);
    const answers: Result<FhirResponse>[] = [];
    const mayCreate = onceForEachType((type) => mayWrite(type, 'c', context));
    const write = async (entry: PlannedEntry): Promise<EntryError | undefined> => {
      const answer = await carryOut(tx, entry, targets.value[entry.index] ?? {}, request, context, mayCreate);
      if (!answer.ok) return { index: entry.index, error: answer.error };
      answers[entry.index] = withRemarks(answer, possible.value.get(entry.index) ?? []);
      return undefined;
    };
    const inOrder = plan.order.flatMap((index) => entries[index] ?? []);
    const writing = inOrder.filter(({ method }) => !isRead(method));
    const plain = writing.filter((entry) => !hasConditionalReferences(entry));
    const problem =
      (await eachUntil(plain, (entry) => write(linked(entry, { fullUrls })))) ??
      (await writeReferring(tx, writing.filter(hasConditionalReferences), fullUrls, context, write)) ??
      (await eachUntil(
        inOrder.filter(({ method }) => isRead(method)),
        write,
      ));
    if (problem) return inEntry(problem.index, problem.error);
    return ok(answers);
  });
}

/** A Bundle creates many of a type, and what the token allows does not change meanwhile. */
function onceForEachType<T>(work: (type: string) => T): (type: string) => T {
  const known = new Map<string, T>();
  return (type) => {
    const answer = known.get(type) ?? work(type);
    known.set(type, answer);
    return answer;
  };
}

function isRead(method: PlannedEntry['method']): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** One after the other, up to the first that fails. */
async function eachUntil(
  entries: readonly PlannedEntry[],
  work: (entry: PlannedEntry) => Promise<EntryError | undefined>,
): Promise<EntryError | undefined> {
  for (const entry of entries) {
    const failed = await work(entry);
    if (failed) return failed;
  }
  return undefined;
}

/**
 * Everything that can be refused before the transaction begins: scopes, resources, unsupported requests. Answers what validation
 * remarks besides, by entry.
 */
async function checkEntries(
  entries: readonly PlannedEntry[],
  context: FhirContext,
): Promise<Result<ReadonlyMap<number, Issue[]>>> {
  const remarks = new Map<number, Issue[]>();
  const letters = { POST: 'c', PUT: 'u', PATCH: 'u', DELETE: 'd', GET: 'r', HEAD: 'r' } as const;
  const issues: CareError['issues'] = [];
  for (const entry of entries) {
    if (entry.operation !== undefined)
      return inEntry(entry.index, fail('invalid', 'Operations are not supported in a transaction.').error);
    if (entry.type === 'AuditEvent') {
      const text = 'AuditEvents are read by themselves, not in a transaction; nobody writes them.';
      return inEntry(entry.index, fail('not-allowed', text).error);
    }
    const letter = isRead(entry.method) && entry.id === undefined ? 's' : letters[entry.method];
    // The history of the system and a search of it are about what the token allows.
    if (entry.type === '') continue;
    if (!may(context.principal, entry.type, letter)) {
      const refused = authorize(context.principal, entry.type, letter);
      if (!refused.ok) return inEntry(entry.index, refused.error);
    }
    if (!entry.resource || entry.method === 'PATCH') continue;
    const checked = await checkedResource(entry.resource, entry.type, context);
    if (checked.ok) remarks.set(entry.index, checked.value.remarks);
    else issues.push(...located(entry.index, checked.error));
  }
  return issues.length > 0 ? { ok: false, error: { kind: 'unprocessable', issues } } : ok(remarks);
}

/** The locks on all criteria of an entry. Taken at once and in one order, so that two Bundles cannot wait for each other. */
function conditionLocks(entry: PlannedEntry): string[] {
  const { method, type, id, query, ifNoneExist, resource } = entry;
  const reads = method === 'GET' || method === 'HEAD';
  const own = ifNoneExist ?? (reads || id !== undefined ? undefined : query);
  const referred = resource && method !== 'PATCH' ? conditionalReferences(resource) : [];
  const locks = referred.map((reference) => {
    const [target = '', criteria = ''] = reference.split(/\?(.*)/s);
    return criteriaLock(target, criteria);
  });
  return own === undefined ? locks : [criteriaLock(type, own), ...locks];
}

/** The resources that the entries change, as far as they may be there already. */
function namedRows(entries: readonly PlannedEntry[], targets: readonly Target[]): { type: string; id: string }[] {
  return entries.flatMap(({ index, method, type }) => {
    const id = method === 'POST' ? undefined : targets[index]?.id;
    return id === undefined ? [] : [{ type, id }];
  });
}

/** Gives every writing entry its id: assigned, matched by its criteria, or new. Two entries must not meet in one resource. */
async function resolveTargets(
  tx: Tx,
  plan: BundlePlan,
  entries: readonly PlannedEntry[],
  context: FhirContext,
): Promise<Result<Target[]>> {
  const targets: Target[] = [];
  const taken = new Map<string, number>();
  const criteria = new Map<string, number>();
  for (const index of plan.order) {
    const entry = entries[index];
    if (!entry || entry.method === 'GET' || entry.method === 'HEAD') continue;
    const target = await targetOf(tx, entry, context);
    if (!target.ok) return inEntry(index, target.error);
    targets[index] = target.value;
    const condition = entry.ifNoneExist ?? (entry.id === undefined ? entry.query : undefined);
    const keys: [Map<string, number>, string][] = [[taken, `${entry.type}/${target.value.id}`]];
    if (condition !== undefined) keys.push([criteria, `${entry.type}?${condition}`]);
    for (const [seen, key] of target.value.id === undefined ? [] : keys) {
      const twin = seen.get(key);
      if (twin !== undefined)
        return inEntry(index, fail('invalid', `It writes the same resource as entry ${twin}.`).error);
      seen.set(key, index);
    }
  }
  return ok(targets);
}

async function targetOf(tx: Tx, entry: PlannedEntry, context: FhirContext): Promise<Result<Target>> {
  if (entry.method === 'POST') {
    if (entry.ifNoneExist === undefined) return ok({ id: newId() });
    const letter = conditionLetter(entry.type, context);
    const match = await matchOne(tx, entry.type, entry.ifNoneExist, context, letter);
    if (!match.ok) return match;
    return ok(match.value ? { id: match.value.id, existing: match.value } : { id: newId() });
  }
  if (entry.id !== undefined) return ok({ id: entry.id });
  if (entry.method === 'DELETE') {
    const match = await matchOne(tx, entry.type, entry.query ?? '', context);
    return match.ok ? ok(match.value ? { id: match.value.id } : {}) : match;
  }
  if (entry.method === 'PATCH') {
    const id = await patchTarget(tx, entry.type, entry.query ?? '', context);
    return id.ok ? ok({ id: id.value }) : id;
  }
  if (!entry.resource) return fail('invalid', 'PUT needs a resource.');
  const id = await conditionalTarget(tx, [...new URLSearchParams(entry.query ?? '')], entry.resource, context);
  return id.ok ? ok({ id: id.value }) : id;
}

/** Where the fullUrl of each writing entry leads, by `fullUrlKey`. */
function fullUrlsOf(entries: readonly PlannedEntry[], targets: readonly Target[]): Map<string, string> {
  const fullUrls = new Map<string, string>();
  for (const { index, fullUrl, type } of entries) {
    const id = targets[index]?.id;
    if (fullUrl !== undefined && id !== undefined) fullUrls.set(fullUrlKey(fullUrl), `${type}/${id}`);
  }
  return fullUrls;
}

async function carryOut(
  tx: Tx,
  entry: PlannedEntry,
  target: Target,
  request: FhirRequest,
  context: FhirContext,
  mayCreate: (type: string) => Result<Visibility>,
): Promise<Result<FhirResponse>> {
  const ifMatch = versionOfIfMatch(entry.ifMatch);
  if (!ifMatch.ok) return ifMatch;
  if (entry.method === 'DELETE') {
    return target.id === undefined
      ? ok({ status: 204, write: true })
      : deleteIn(tx, entry.type, target.id, context, ifMatch.value);
  }
  if (entry.method === 'POST' && target.existing)
    return ok(await readableResponse(tx, { outcome: 'unchanged', stored: target.existing }, context));
  if (entry.method === 'POST' && entry.resource) {
    const { resource } = entry;
    return createIn(tx, resource, context, { id: target.id, visible: mayCreate(resource.resourceType) });
  }
  if (entry.method === 'PATCH' && target.id !== undefined) {
    const change = parsePatch(patchOfEntry(entry.resource), context.definitions.schema());
    return change.ok ? patchIn(tx, entry.type, target.id, change.value, context, ifMatch.value) : change;
  }
  if (entry.method === 'PUT' && entry.resource && target.id !== undefined) {
    const resource: Resource & { id: string } = { ...entry.resource, id: target.id };
    const unless = writeUnless(entry);
    return unless.ok ? updateIn(tx, resource, context, unless.value) : unless;
  }
  return bodyFor(entry, await readEntry(tx, entry, request, context));
}

async function readEntry(
  tx: Tx,
  entry: PlannedEntry,
  request: FhirRequest,
  context: FhirContext,
): Promise<Result<FhirResponse>> {
  const asked = requestOfEntry(entry, request);
  if (entry.version !== undefined) {
    if (entry.id === undefined) return historyOfTypesIn(tx, asked, context);
    if (entry.version === '') return historyIn(tx, asked, context);
    return vreadIn(tx, { ...asked, version: entry.version }, context);
  }
  if (entry.id === undefined) {
    const guarded = await guardEntry({ name: 'search', type: entry.type }, asked, context);
    return guarded.ok ? searchIn(tx, guarded.value.request, guarded.value.context) : guarded;
  }
  const visible = authorize(context.principal, entry.type, 'r');
  if (!visible.ok) return visible;
  const stored = await tx.readSeen(entry.type, entry.id, toldTo(context.principal, visible.value));
  if (!stored || stored.deleted) return fail('not-found', `There is no such ${entry.type}.`);
  return ok(versionResponse(stored, 200));
}

function inEntry(index: number, error: CareError): { ok: false; error: CareError } {
  return { ok: false, error: { ...error, issues: located(index, error) } };
}

function located(index: number, error: CareError): CareError['issues'] {
  const place = `Bundle.entry[${index}]`;
  return error.issues.map((issue) => ({
    ...issue,
    text: issue.text.startsWith('Entry ') ? issue.text : `Entry ${index}: ${issue.text}`,
    expression: issue.expression?.map((path) =>
      path.startsWith('Bundle.') ? path : `${place}.resource.${path.replace(/^\w+\.?/, '')}`,
    ) ?? [place],
  }));
}
