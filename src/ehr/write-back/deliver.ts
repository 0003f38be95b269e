import { ok, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Store } from '../../store/types.ts';
import type { EhrDeps } from '../deps.ts';
import { ehrPatient } from '../identity/link.ts';
import { freeDeadLeases } from '../lease-owner.ts';
import type { SiteSession } from '../site-session.ts';
import type { EhrResult } from '../transport/client.ts';
import type { EhrFailure } from '../transport/failure.ts';
import { outgoingOf } from './body.ts';
import { lookFor } from './look.ts';
import { claimRow, drop, markSending, type OutboxRow, postpone, releaseRow, settle } from './outbox.ts';
import type { Outgoing } from './outgoing.ts';
import { putAtSite } from './put.ts';
import { keepWritten, type WrittenAtSite, writtenAtSite } from './written.ts';

type Delivery = 'sent' | 'found' | 'same' | 'nothing' | 'rejected' | 'postponed' | 'changed';
export type Delivered = Partial<Record<Delivery, number>>;

/** Delivers what is due for a site, one row after the other, up to `most` rows. Safe to run twice at the same time. */
export async function deliverSite(
  store: Store,
  session: SiteSession,
  deps: EhrDeps,
  most: number = limits.sync.outboxBatch,
): Promise<Delivered> {
  await freeDeadLeases(store);
  const delivered: Delivered = {};
  for (let taken = 0; taken < most; taken += 1) {
    const row = await claimRow(store, session.site.id, deps.leaseSeconds);
    if (!row) break;
    const outcome = await deliverRow(store, session, deps, row);
    delivered[outcome] = (delivered[outcome] ?? 0) + 1;
  }
  return delivered;
}

const typeOf = { referral: 'ServiceRequest', 'plan-document': 'DocumentReference' } as const;

/**
 * "Mark, send, look": the row says `sending` before the request leaves. A row that says so already was cut off: the site is
 * looked at before anything is sent again, because no EHR offers a create that can be repeated safely.
 */
async function deliverRow(store: Store, session: SiteSession, deps: EhrDeps, row: OutboxRow): Promise<Delivery> {
  if (row.state === 'sending' && row.idemKey !== undefined && row.contentHash !== undefined) {
    const looked = await lookAgain(store, session, deps, row, row.idemKey, row.contentHash);
    if (looked) return looked;
  }
  const written = await writtenAtSite(store, row);
  const made = await outgoingOf(row, { store, site: session.site, deps, sentBefore: written !== undefined });
  if (!made.ok) return putOff(store, row, { class: 'unknown' }, 'pending', 'not-built');
  const outgoing = made.value;
  if (!outgoing) return end(store, row, 'nothing');
  if (outgoing.contentHash === written?.contentHash) return end(store, row, 'same');
  const can = session.discovery.capability[typeOf[row.kind]];
  const updates = written !== undefined && can?.update === true;
  if (!updates && can?.create !== true) return reject(store, row, undefined, 'create-not-supported');
  if (written && !updates && row.kind === 'referral') return reject(store, row, undefined, 'update-not-supported');
  const idemKey = stableId('outbox', row.site, row.kind, row.resourceId, outgoing.contentHash, written?.idemKey ?? '');
  if (
    !(await markSending(store, row, { idemKey, contentHash: outgoing.contentHash, leaseSeconds: deps.leaseSeconds }))
  ) {
    await releaseRow(store, row);
    return 'changed';
  }
  if (!updates) {
    const answer = await session.client.create(outgoing.build(idemKey, written));
    return settleAnswer(store, session, deps, row, { answer, outgoing, idemKey });
  }
  const { answer, created } = await putAtSite(session, written, outgoing, idemKey);
  return settleAnswer(store, session, deps, row, { answer, outgoing, idemKey, ...(created ? {} : { written }) });
}

/** Undefined: the site certainly does not have it, so it may be sent again. */
async function lookAgain(
  store: Store,
  session: SiteSession,
  deps: EhrDeps,
  row: OutboxRow,
  idemKey: string,
  contentHash: string,
): Promise<Delivery | undefined> {
  const subject = await ehrPatient(store, row.site, row.patientId);
  if (subject === undefined) return reject(store, row, undefined, 'patient-unknown');
  let looked = await lookFor(session, typeOf[row.kind], subject, idemKey);
  if (looked.ok && looked.ehrId === undefined) {
    // What was on its way when we were cut off may take a moment to be seen: looked for once more before it is sent again.
    await deps.pause(limits.sync.visibilityMs);
    looked = await lookFor(session, typeOf[row.kind], subject, idemKey);
  }
  if (!looked.ok) return putOff(store, row, looked.failure, 'sending', `look-${looked.failure.class}`);
  if (looked.ehrId === undefined) return undefined;
  await confirm(store, deps, row, { ehrType: typeOf[row.kind], ehrId: looked.ehrId, idemKey, contentHash });
  return 'found';
}

interface Sent {
  answer: EhrResult;
  outgoing: Outgoing;
  idemKey: string;
  /** Set for an update in place. */
  written?: WrittenAtSite | undefined;
}

async function settleAnswer(
  store: Store,
  session: SiteSession,
  deps: EhrDeps,
  row: OutboxRow,
  sent: Sent,
): Promise<Delivery> {
  const { answer, outgoing, idemKey } = sent;
  if (answer.ok) {
    const type = typeOf[row.kind];
    const ehrId = sent.written?.ehrId ?? idFrom(answer.value.location, type) ?? answer.value.resource?.id;
    const { contentHash } = outgoing;
    if (ehrId === undefined) {
      // Created, but the site did not say as what: found by our identifier.
      return (
        (await lookAgain(store, session, deps, row, idemKey, contentHash)) ??
        putOff(store, row, { class: 'unknown' }, 'sending', 'no-location')
      );
    }
    await confirm(store, deps, row, { ehrType: type, ehrId, idemKey, contentHash });
    return 'sent';
  }
  const { failure } = answer;
  switch (failure.class) {
    case 'refused':
    case 'required':
    case 'not-granted':
    case 'missing':
      return reject(store, row, failure.status, failure.class);
    case 'later':
    case 'credentials':
      return putOff(store, row, failure, 'pending', failure.class);
    // Including `stale`: a create that meets a duplicate may have met its own first try.
    default:
      return putOff(store, row, failure, 'sending', failure.class);
  }
}

function idFrom(location: string | undefined, type: string): Resource['id'] {
  return new RegExp(`(?:^|/)${type}/([A-Za-z0-9\\-.]{1,64})(?:/_history/[^/]+)?$`).exec(location ?? '')?.[1];
}

/** The confirmed write and the end of its row, in one transaction. */
async function confirm(store: Store, deps: EhrDeps, row: OutboxRow, written: WrittenAtSite): Promise<void> {
  const actor = { kind: 'system', id: 'ehr', requestId: `outbox-${row.id}` } as const;
  const kept: Result<void> = await store.transact(actor, async (tx) => {
    await keepWritten(tx, row, written, deps.clock.now());
    await settle(tx, row, { state: 'confirmed' });
    return ok(undefined);
  });
  if (!kept.ok) deps.log.error({ outbox: row.id }, 'a confirmed write could not be kept');
}

async function end(store: Store, row: OutboxRow, outcome: 'same' | 'nothing'): Promise<Delivery> {
  await drop(store, row);
  return outcome;
}

async function reject(store: Store, row: OutboxRow, status: number | undefined, error: string): Promise<Delivery> {
  await settle(store, row, { state: 'rejected', status, error });
  return 'rejected';
}

/** Tries again later, as the site asks or with a growing wait; after enough tries an operator has to look. */
async function putOff(
  store: Store,
  row: OutboxRow,
  failure: EhrFailure,
  state: 'pending' | 'sending',
  error: string,
): Promise<Delivery> {
  if (row.attempt >= limits.sync.outboxAttempts) return reject(store, row, failure.status, error);
  const backoff = Math.min(limits.jobs.backoffBaseSeconds * 2 ** row.attempt, limits.jobs.backoffMaxSeconds);
  const seconds = failure.retryAfterSeconds ?? backoff;
  await postpone(store, row, { state, seconds, error, ...(failure.status ? { status: failure.status } : {}) });
  return 'postponed';
}
