import { fail, ok, type Result } from '../../../base/errors.ts';
import { newId } from '../../../base/ids.ts';
import { limits } from '../../../base/limits.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource } from '../../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../../module.ts';
import type { Store, Visibility } from '../../../store/types.ts';
import { careActor } from '../../plan/care-actor.ts';
import { emergencyDocument, type PlanOperationDeps } from '../plan-operation.ts';
import { languages, wordsIn } from '../words.ts';
import { askLink } from './ask-link.ts';
import { addLink, openLinks } from './link-row.ts';
import { digestOf, newSecret, seal } from './seal.ts';
import { type LinkPayload, longestLabel, longestUrl, shlinkOf } from './shlink.ts';

export interface LinkDeps extends PlanOperationDeps {
  /** What a person may see by themselves, with nothing that an app or a broken glass adds. */
  readsAs: (person: string) => Promise<Visibility>;
}

/**
 * `POST Patient/[id]/$emergency-link`: makes a SMART Health Link to the child's emergency plan. With a `passcode` it may last for months; without one
 * (flag U) days only. Answers with the link, or, as a page or PDF (`_format`), with the plan that has it as a QR code. The link is told once: the
 * server keeps neither its address nor its key.
 */
export function makeLinkOperation(deps: LinkDeps): Operation {
  return {
    name: 'emergency-link',
    definition: `${canonicalBase}/OperationDefinition/emergency-link`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: true,
    formats: ['text/html', 'application/pdf'],
    parameters: ['passcode', 'days', 'label', 'language'],
    requires: [
      ['Patient', 'r'],
      ['CarePlan', 'r'],
    ],
    handle: (request) => handle(request, deps),
  };
}

async function handle(request: OperationRequest, deps: LinkDeps): Promise<Result<Resource>> {
  const wanted = readWanted(request);
  if (!wanted.ok) return wanted;
  const asked = await askLink(request, deps.readsAs);
  if (!asked.ok) return asked;
  const base = deps.baseUrl.replace(/\/fhir$/, '');
  const secret = newSecret();
  const address = secret.toString('base64url');
  const now = deps.clock.now();
  const { passcode, days, label, language } = wanted.value;
  const payload: LinkPayload = {
    url: `${base}/shl/${address}`,
    key: newSecret(),
    expiresAt: new Date(now.getTime() + days * 24 * 3_600_000),
    flag: passcode === undefined ? 'U' : 'P',
    label,
  };
  if (payload.url.length > longestUrl)
    return fail('unprocessable', 'The address of this server is too long for a health link.');
  const kept = await seal(payload.key, secret, passcode);
  const row = {
    ...{ id: newId(), digest: digestOf(address), patient_id: asked.value.patientId, made_by: asked.value.person },
    ...{ label, language, has_passcode: passcode !== undefined, attempts_left: limits.care.linkAttempts },
    ...{ made_at: now, expires_at: payload.expiresAt, ...kept },
  };
  // Made first: a link that is not told is of no use to anybody, one that is told has to be there.
  const uri = shlinkOf(payload);
  const shown = await shownPlan(request, deps, { uri, payload, language });
  if (!shown.ok) return shown;
  const added = await keep(request.store, row, request.requestId);
  if (!added.ok) return added;
  return ok(shown.value ?? told(uri, row.id, payload));
}

interface Wanted {
  passcode?: string;
  days: number;
  label: string;
  language: 'en' | 'es';
}

function readWanted({ parameters }: OperationRequest): Result<Wanted> {
  const { passcodeMin, passcodeMax, linkDays, linkDaysMax, openLinkDays, openLinkDaysMax } = limits.care;
  const passcode = parameters.text('passcode');
  // Addresses are written down in many places, the audit trail among them.
  if (passcode !== undefined && parameters.value?.('passcode') === undefined)
    return fail('invalid', 'passcode comes in the body, never in an address. Choose another one.', { code: 'value' });
  if (passcode !== undefined && (passcode.length < passcodeMin || passcode.length > passcodeMax)) {
    const text = `A passcode has from ${passcodeMin} to ${passcodeMax} characters.`;
    return fail('invalid', text, { code: 'value' });
  }
  const most = passcode === undefined ? openLinkDaysMax : linkDaysMax;
  const days = parameters.text('days') ?? String(passcode === undefined ? openLinkDays : linkDays);
  if (!/^[1-9]\d{0,3}$/.test(days) || Number(days) > most) {
    const which = passcode === undefined ? 'without a passcode' : 'with a passcode';
    return fail('invalid', `A link ${which} lasts from 1 to ${most} days.`, { code: 'value' });
  }
  const words = wordsIn(parameters.text('language') ?? 'en');
  if (!words) return fail('invalid', `language has to be one of ${languages.join(', ')}.`, { code: 'value' });
  const label = parameters.text('label')?.trim() || words.title;
  if (label.length > longestLabel)
    return fail('invalid', `label has at most ${longestLabel} characters.`, { code: 'too-long' });
  return ok({ ...(passcode !== undefined && { passcode }), days: Number(days), label, language: words.language });
}

async function keep(store: Store, row: Parameters<typeof addLink>[1], requestId: string): Promise<Result<void>> {
  return store.transact(careActor(requestId), async (tx): Promise<Result<void>> => {
    await tx.hold([{ type: 'Patient', id: row.patient_id }]);
    if ((await openLinks(tx.own, row.patient_id, row.made_at)) >= limits.care.linksOpen) {
      const text = `A child has at most ${limits.care.linksOpen} links that are open. Close one that is not needed any more.`;
      return fail('unprocessable', text, { code: 'business-rule' });
    }
    await addLink(tx.own, row);
    return ok(undefined);
  });
}

async function shownPlan(
  request: OperationRequest,
  deps: LinkDeps,
  { uri, payload, language }: { uri: string; payload: LinkPayload; language: 'en' | 'es' },
): Promise<Result<Resource | undefined>> {
  if (request.format === undefined) return ok(undefined);
  const until = payload.expiresAt.toISOString().slice(0, 10);
  return emergencyDocument(request, deps, { language, link: { uri, until, hasPasscode: payload.flag === 'P' } });
}

function told(uri: string, id: string, { expiresAt, flag, label }: LinkPayload): Resource {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'link', valueString: uri },
      { name: 'id', valueId: id },
      { name: 'expires', valueInstant: expiresAt.toISOString() },
      { name: 'flag', valueCode: flag },
      { name: 'label', valueString: label },
    ],
  };
}
