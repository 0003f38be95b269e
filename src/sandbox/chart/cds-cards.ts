import type { GuardedFetch } from '../../base/guarded-fetch.ts';
import { newId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Hospital } from '../hospital.ts';

/** What is used of a CDS Hooks 2.0 card. */
export interface Card {
  summary: string;
  detail: string;
  indicator: string;
  source: string;
  links: { label: string; url: string; type: string }[];
}

export type CardsAnswer = { cards: Card[] } | { problem: string };

const answerMs = 5000;

function recordsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function cardsIn(body: string): Card[] | undefined {
  try {
    const { cards } = JSON.parse(body) as { cards?: unknown };
    if (!Array.isArray(cards)) return undefined;
    return recordsIn(cards).map((card) => ({
      summary: text(card.summary),
      detail: text(card.detail),
      indicator: text(card.indicator),
      source: text(recordsIn([card.source])[0]?.label),
      links: recordsIn(card.links).map(({ label, url, type }) => ({
        label: text(label),
        url: text(url),
        type: text(type),
      })),
    }));
  } catch {
    return undefined;
  }
}

/** Proof of who asks (CDS Hooks 2.0, "Trusting CDS Clients"): signed by this hospital, for this one service, short-lived. */
function proofFor(hospital: Hospital, service: string): string {
  const now = Math.floor(hospital.clock.now().getTime() / 1000);
  const claims = { iss: hospital.base, aud: service, iat: now, exp: now + limits.auth.assertionSeconds, jti: newId() };
  return hospital.keys.signForCds(claims, `${hospital.root}/jwks.json`);
}

/** Asks one CDS service for its cards about a patient, as an EHR does when a chart is opened. */
export async function cardsFrom(
  service: string,
  hospital: Hospital,
  context: { patient: string; practitioner: string },
  fetch: GuardedFetch,
): Promise<CardsAnswer> {
  const request = {
    hook: 'patient-view',
    hookInstance: newId(),
    fhirServer: hospital.base,
    context: { userId: `Practitioner/${context.practitioner}`, patientId: context.patient },
  };
  const answer = await fetch(service, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(request),
    token: proofFor(hospital, service),
    totalMs: answerMs,
  });
  if (answer.ok) {
    const cards = cardsIn(answer.value.body);
    return cards ? { cards } : { problem: 'The service answered something that is not a list of cards.' };
  }
  if (answer.error.class === 'http') {
    return {
      problem: `The service refused the request (status ${answer.error.status}). Is this hospital registered with it as a site?`,
    };
  }
  return { problem: 'The service cannot be reached. Is Careweave running?' };
}
