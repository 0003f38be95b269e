import { ok, type Result } from '../../base/errors.ts';
import { ehrPatient } from '../identity/link.ts';
import type { OutboxRow } from './outbox.ts';
import type { BodyContext, Outgoing } from './outgoing.ts';
import { planDocument } from './plan-document.ts';
import { referralBody } from './referral-body.ts';

/** Undefined: there is nothing (any more) that the site should get. */
export async function outgoingOf(row: OutboxRow, context: BodyContext): Promise<Result<Outgoing | undefined>> {
  const subject = await ehrPatient(context.store, context.site.id, row.patientId);
  if (subject === undefined) return ok(undefined);
  return row.kind === 'referral' ? referralBody(row, subject, context) : planDocument(row, subject, context);
}
