import type { Clock } from '../../../base/clock.ts';
import { type Err, ok, type Result } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import { stringifyJson } from '../../../fhir/json.ts';
import type { Resource } from '../../../fhir/types.ts';
import type { Store } from '../../../store/types.ts';
import { careActor } from '../../plan/care-actor.ts';
import { countOpening, countWrong, endLink, keepFile, type LinkRow, linkAt, takeFile } from './link-row.ts';
import { tellOfLink } from './notice.ts';
import { digestOf, encrypted, newSecret, unseal } from './seal.ts';

export interface OpenLinkDeps {
  store: Store;
  clock: Clock;
  /** The plan as a person may be told it at this moment. */
  planFor(asked: { person: string; patientId: string; language: string; requestId: string }): Promise<Result<Resource>>;
}

/** What whoever follows a link is answered. `patientId`: whose plan it is about, for the audit trail. */
export type Opening =
  | { kind: 'file'; jwe: string; patientId: string; linkId: string }
  | { kind: 'location'; ticket: string; patientId: string; linkId: string }
  | { kind: 'wrong-passcode'; remainingAttempts: number; patientId: string; linkId: string }
  | { kind: 'absent'; patientId?: string; linkId?: string };

export interface OpenLinks {
  /** A manifest request: of a link with a passcode. `embeddedLengthMax`: longer files are fetched by their ticket. */
  manifest(
    secret: string,
    asked: { passcode: string | undefined; embeddedLengthMax?: number; requestId: string },
  ): Promise<Result<Opening>>;
  /** The one file of a link without a passcode. */
  direct(secret: string, asked: { requestId: string }): Promise<Result<Opening>>;
  /** A file that a manifest led to, once. */
  file(ticket: string): Promise<Result<Opening>>;
}

const absent: Opening = { kind: 'absent' };

/** Answers those who follow links. A link that has ended, has expired, never was, or whose maker no longer sees the plan is absent. */
export function createOpenLinks(deps: OpenLinkDeps): OpenLinks {
  const { store, clock } = deps;
  return {
    async manifest(secret, { passcode, embeddedLengthMax, requestId }) {
      const checked = await checkPasscode(deps, secret, passcode, requestId);
      if (!checked.ok) return checked;
      if (!('key' in checked.value)) return ok(checked.value);
      const opened = await openPlan(deps, checked.value, requestId);
      if (!opened.ok || opened.value.kind !== 'file') return opened;
      const { jwe, ...about } = opened.value;
      if (embeddedLengthMax === undefined || jwe.length <= embeddedLengthMax) return opened;
      const ticket = newSecret().toString('base64url');
      const now = clock.now();
      const expiresAt = new Date(now.getTime() + limits.care.linkFileMs);
      await keepFile(store, { digest: digestOf(ticket), linkId: about.linkId, body: jwe, expiresAt }, now);
      return ok({ ...about, kind: 'location', ticket });
    },
    async direct(secret, { requestId }) {
      const row = await linkAt(store, digestOf(secret), false);
      if (!row || row.has_passcode || !isOpen(row, clock.now())) return ok(absent);
      const key = await unseal({ salt: row.salt, sealed: row.sealed }, secretOf(secret), undefined);
      return key ? openPlan(deps, { row, key }, requestId) : ok(absent);
    },
    async file(ticket) {
      const found = await takeFile(store, digestOf(ticket), clock.now());
      if (!found) return ok(absent);
      const { body, ...about } = found;
      return ok({ kind: 'file', jwe: body, ...about });
    },
  };
}

interface Opened {
  row: LinkRow;
  key: Buffer;
}

function isOpen(row: LinkRow, now: Date): row is LinkRow & { sealed: Buffer } {
  return row.sealed !== null && row.expires_at > now;
}

const secretOf = (secret: string) => Buffer.from(secret, 'base64url');

/** The row is held while a passcode is looked at: of many at once each is counted. */
async function checkPasscode(
  { store, clock }: OpenLinkDeps,
  secret: string,
  passcode: string | undefined,
  requestId: string,
): Promise<Result<Opening | Opened>> {
  return store.transact(careActor(requestId), async (tx): Promise<Result<Opening | Opened>> => {
    const now = clock.now();
    const row = await linkAt(tx.own, digestOf(secret), true);
    if (!row?.has_passcode || !isOpen(row, now)) return ok(absent);
    const about = { patientId: row.patient_id, linkId: row.id };
    // Asking without one tells that one is needed, and costs nothing: nothing was tried.
    if (passcode === undefined || passcode === '')
      return ok({ kind: 'wrong-passcode', remainingAttempts: row.attempts_left, ...about });
    const key =
      passcode.length > limits.care.passcodeMax
        ? undefined
        : await unseal({ salt: row.salt, sealed: row.sealed }, secretOf(secret), passcode);
    if (key) return ok({ row, key });
    const remainingAttempts = await countWrong(tx.own, row.id);
    if (remainingAttempts === 0) {
      await endLink(tx.own, { id: row.id, patientId: row.patient_id }, 'passcodes', now);
      const told = await tellOfLink(tx, row, 'closed', now);
      if (!told.ok) return told;
    }
    return ok({ kind: 'wrong-passcode', remainingAttempts, ...about });
  });
}

/** Makes the plan, notes the opening and tells people of it; only then is it answered. */
async function openPlan(
  { store, clock, planFor }: OpenLinkDeps,
  { row, key }: Opened,
  requestId: string,
): Promise<Result<Opening>> {
  const about = { patientId: row.patient_id, linkId: row.id };
  const plan = await planFor({
    person: row.made_by,
    patientId: row.patient_id,
    language: row.language,
    requestId,
  });
  if (!plan.ok) return isHidden(plan) ? ok({ kind: 'absent', ...about }) : plan;
  const noted = await store.transact(careActor(requestId), async (tx): Promise<Result<void>> => {
    const now = clock.now();
    const isFirst = await countOpening(tx.own, row.id, now);
    return isFirst ? tellOfLink(tx, row, 'opened', now) : ok(undefined);
  });
  if (!noted.ok) return noted;
  return ok({ kind: 'file', jwe: await encrypted(stringifyJson(plan.value), key), ...about });
}

const isHidden = ({ error }: Err) => error.kind === 'not-found' || error.kind === 'forbidden';
