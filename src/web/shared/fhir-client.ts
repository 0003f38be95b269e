import type { Resource, r4 } from '../../fhir/types.ts';

/**
 * What a page asks of the FHIR API and tells it. Everything travels as entries of a batch, so that no address names a child. A refusal keeps the
 * server's own sentence: the pages invent no rule, and no word about one.
 */

/**
 * `expired`: sign in again. `conflict`: somebody was there first; read again. `refused`: by a rule, or for this person there is no such thing.
 * `unreachable`: nothing is known about what happened.
 */
export interface Trouble {
  kind: 'expired' | 'conflict' | 'refused' | 'unreachable';
  /** What the server says of it, for people; empty when it said nothing. */
  sentence: string;
}

export type Answer<T> = { ok: true; value: T } | { ok: false; trouble: Trouble };

/** One request, as an entry of a batch or transaction. `url` is relative to the FHIR base. */
export interface Ask {
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  resource?: Resource;
  /** The version that is to be replaced, as `meta.versionId` has it. */
  ifVersion?: string;
  /** What there must not be yet, as search criteria: where there is, nothing new is made, and that is no refusal. */
  ifNoneExist?: string;
  /** What other requests of the same transaction call what this one makes, as `urn:uuid:…`. */
  fullUrl?: string;
}

export interface FhirClient {
  /** Several requests at once, answered in their order, each by itself. */
  ask(requests: readonly Ask[]): Promise<Answer<Resource | undefined>[]>;
  /** Several writes as one: all of them are done, or none. */
  transact(requests: readonly Ask[]): Promise<Answer<r4.Bundle>>;
  /** One read, search or operation. */
  get(url: string): Promise<Answer<Resource | undefined>>;
  /** All that a search finds, with every further page. */
  all(url: string): Promise<Answer<Resource[]>>;
}

/** More pages than any list of a page has; what is longer is said to be unreadable, never cut silently. */
const maxPages = 50;

/** `renew`: gets the next token when one has ended, so that what was asked can be asked once more; false when there is none. */
export function createFhirClient(session: { readonly accessToken: string; renew?(): Promise<boolean> }): FhirClient {
  const ask: FhirClient['ask'] = async (requests) => {
    const answers = await askBatch(session.accessToken, requests);
    // A request with a token that has ended has done nothing.
    const isOver = answers.length > 0 && answers.every((one) => !one.ok && one.trouble.kind === 'expired');
    return isOver && (await session.renew?.()) ? askBatch(session.accessToken, requests) : answers;
  };
  const transact: FhirClient['transact'] = async (requests) => {
    const answer = await send(session.accessToken, 'transaction', requests);
    const isOver = !answer.ok && answer.trouble.kind === 'expired';
    return isOver && (await session.renew?.()) ? send(session.accessToken, 'transaction', requests) : answer;
  };
  const get: FhirClient['get'] = async (url) => first(await ask([{ method: 'GET', url }]));
  return { ask, transact, get, all: (url) => allOf(get, url) };
}

async function askBatch(accessToken: string, requests: readonly Ask[]): Promise<Answer<Resource | undefined>[]> {
  if (requests.length === 0) return [];
  const answer = await send(accessToken, 'batch', requests);
  return requests.map((_, at) => (answer.ok ? answerOf(answer.value.entry?.[at]) : answer));
}

async function send(
  accessToken: string,
  type: 'batch' | 'transaction',
  requests: readonly Ask[],
): Promise<Answer<r4.Bundle>> {
  try {
    const answer = await fetch('/fhir', {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${accessToken}`,
        Accept: 'application/fhir+json',
        'Content-Type': 'application/fhir+json',
      },
      body: JSON.stringify({ resourceType: 'Bundle', type, entry: requests.map(entryOf) }),
    });
    if (answer.ok) return { ok: true, value: await answer.json() };
    return { ok: false, trouble: troubleOf(answer.status, await answer.json().catch(() => undefined)) };
  } catch {
    return { ok: false, trouble: { kind: 'unreachable', sentence: '' } };
  }
}

function entryOf({ method, url, resource, ifVersion, ifNoneExist, fullUrl }: Ask): object {
  const ifMatch = ifVersion === undefined ? {} : { ifMatch: `W/"${ifVersion}"` };
  const request = { method, url, ...ifMatch, ...(ifNoneExist !== undefined && { ifNoneExist }) };
  return { ...(fullUrl !== undefined && { fullUrl }), ...(resource && { resource }), request };
}

function answerOf(entry: r4.BundleEntry | undefined): Answer<Resource | undefined> {
  const status = Number(entry?.response?.status?.slice(0, 3) ?? 0);
  const { resource, response } = entry ?? {};
  if (status >= 200 && status < 300) return { ok: true, value: resource && { ...resource } };
  return { ok: false, trouble: troubleOf(status, response?.outcome) };
}

function troubleOf(status: number, outcome: unknown): Trouble {
  const sentence = sentenceOf(outcome);
  if (status === 401) return { kind: 'expired', sentence };
  if (status === 409 || status === 412) return { kind: 'conflict', sentence };
  return { kind: status >= 400 && status < 500 ? 'refused' : 'unreachable', sentence };
}

/** All issues of an OperationOutcome as sentences. The entry and the name of the rule, which open some, are for those who look them up, not for this reader. */
export function sentenceOf(outcome: unknown): string {
  if (typeof outcome !== 'object' || outcome === null || !('issue' in outcome) || !Array.isArray(outcome.issue))
    return '';
  const texts = outcome.issue.map((issue: r4.OperationOutcomeIssue) => issue.details?.text ?? issue.diagnostics ?? '');
  return [...new Set(texts.map((text) => text.replace(/^(Entry \d+: )?([a-z]+(-[a-z]+)+: )?/, '')))]
    .filter(Boolean)
    .join(' ');
}

function first<T>(answers: readonly Answer<T>[]): Answer<T> {
  return answers[0] ?? { ok: false, trouble: { kind: 'unreachable', sentence: '' } };
}

async function allOf(get: FhirClient['get'], url: string): Promise<Answer<Resource[]>> {
  const found: Resource[] = [];
  let next: string | undefined = url;
  for (let page = 0; next !== undefined && page < maxPages; page += 1) {
    const answer: Answer<Resource | undefined> = await get(next);
    if (!answer.ok) return answer;
    const bundle = answer.value as (Resource & r4.Bundle) | undefined;
    for (const { resource, search } of bundle?.entry ?? [])
      if (resource && search?.mode !== 'outcome') found.push({ ...resource });
    next = relative(bundle?.link?.find(({ relation }) => relation === 'next')?.url);
  }
  if (next === undefined) return { ok: true, value: found };
  return { ok: false, trouble: { kind: 'unreachable', sentence: 'The list is longer than this page can show.' } };
}

/** A link of a searchset as an address under the FHIR base. */
function relative(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const { pathname, search } = new URL(url);
  return `${pathname.replace(/^\/fhir\/?/, '')}${search}`;
}
