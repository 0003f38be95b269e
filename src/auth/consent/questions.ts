import { contextScope, intersectScopes, parseScopes, type ScopeSet } from '../../access/scopes.ts';
import { type Exchange, settled } from '../checks/exchange.ts';
import type { PatientChoice } from '../launch-context/directory.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { AuthRoom } from '../room.ts';
import type { FhirContextItem, Session } from '../types.ts';
import type { Transaction } from './transactions.ts';

/** What a person has still to be asked before the app may have a code. */
export type Question = 'sign-in' | 'patient' | 'encounter' | 'context' | 'consent';

export type Outcome = { ask: Question } | { refusal: Refusal } | undefined;

/** Answers with what to ask or why to refuse; with nothing when this is settled, and then it has filled in the exchange. */
type Ask = (exchange: Exchange, room: AuthRoom, transaction: Transaction | undefined) => Promise<Outcome> | Outcome;

/** In the order they are asked: each may rest on what those before it have settled. */
const questions: readonly Ask[] = [askSignIn, askPatient, askEncounter, askContext, askConsent];

/** The next question for a request that has passed its checks. OpenID Connect Core, 3.1.2.1: `prompt=none` turns it into an error. */
export async function nextQuestion(
  exchange: Exchange,
  room: AuthRoom,
  transaction: Transaction | undefined,
): Promise<Outcome> {
  const prompts = promptsOf(exchange);
  if (prompts.includes('none') && prompts.length > 1)
    return { refusal: refuse('invalid_request', 'prompt=none goes with no other prompt.', 'prompt') };
  for (const ask of questions) {
    const outcome = await ask(exchange, room, transaction);
    if (outcome && 'ask' in outcome && prompts.includes('none')) return { refusal: unasked(outcome.ask) };
    if (outcome) return outcome;
  }
  return undefined;
}

function unasked(question: Question): Refusal {
  const error =
    question === 'sign-in' ? 'login_required' : question === 'consent' ? 'consent_required' : 'interaction_required';
  return refuse(error, 'This cannot go on without asking the person, and prompt=none forbids it.');
}

export function promptsOf({ parameters }: Exchange): string[] {
  return (parameters.one('prompt') ?? '').split(' ').filter((word) => word !== '');
}

function askSignIn(exchange: Exchange, room: AuthRoom, transaction: Transaction | undefined): Outcome {
  const { session } = exchange;
  if (!session) return { ask: 'sign-in' };
  // A hospital has signed this person in, and only it can do so again.
  if (session.siteId !== undefined) return undefined;
  const signedIn = session.authenticatedAt.getTime();
  const sinceAsked = transaction !== undefined && signedIn >= transaction.createdAt.getTime();
  if (sinceAsked) return undefined;
  const maxAge = exchange.parameters.one('max_age');
  const stale = maxAge !== undefined && room.clock.now().getTime() - signedIn > Number(maxAge) * 1000;
  return stale || promptsOf(exchange).includes('login') ? { ask: 'sign-in' } : undefined;
}

/** What this session has answered; another session's answers count for nothing. */
function answersOf(session: Session, transaction: Transaction | undefined): Transaction['answers'] {
  return transaction?.sessionHash?.equals(session.hash) ? transaction.answers : {};
}

/** SC-053, SC-060, SC-061, SC-063: one child, out of those this person may see; no question when there is only one. */
async function askPatient(exchange: Exchange, room: AuthRoom, transaction: Transaction | undefined): Promise<Outcome> {
  const session = settled(exchange.session, 'session');
  const { launch } = exchange;
  if (launch) {
    exchange.patientId = launch.patientId;
    // A hospital's launch says who the person is; what its token reaches is decided when it is used.
    const [fromHospital] = session.siteId === undefined ? [] : session.fhirUsers;
    exchange.fhirUser = launch.fhirUser ?? fromHospital ?? (await personFor(session, launch.patientId, room))?.fhirUser;
    return exchange.fhirUser === undefined ? { refusal: nobodyToSee() } : undefined;
  }
  if (!wantsPatient(exchange, room.resourceTypes)) {
    exchange.fhirUser = personWithoutChild(session);
    if (exchange.fhirUser !== undefined) return undefined;
  }
  const choice = await choicesOf(session, room);
  const chosen = answersOf(session, transaction).patientId;
  const only = !choice.searches && choice.listed.length === 1 ? choice.listed[0]?.id : undefined;
  const patientId = chosen ?? only;
  if (patientId === undefined) {
    return choice.searches || choice.listed.length > 0 ? { ask: 'patient' } : { refusal: nobodyToSee() };
  }
  const person = await personFor(session, patientId, room);
  if (!person) return { ask: 'patient' };
  exchange.patientId = patientId;
  exchange.patient = person.patient;
  exchange.fhirUser = person.fhirUser;
  return undefined;
}

function nobodyToSee(): Refusal {
  return refuse('access_denied', 'The person has no child here for this app.', 'no patient');
}

function wantsPatient(exchange: Exchange, types: ReadonlySet<string>): boolean {
  const { resource, special } = settled(exchange.scopes, 'scopes');
  const launch = special.includes('launch/patient') || special.includes('launch/encounter');
  const context = special.some((name) => contextScope(name, types));
  return launch || context || resource.some(({ level }) => level === 'patient');
}

/** SC-092: a clinician is the Practitioner; somebody with one role is that; a guardian of several children the Person. */
function personWithoutChild({ fhirUsers }: Session): string | undefined {
  const clinician = fhirUsers.find((link) => link.startsWith('Practitioner/'));
  return clinician ?? (fhirUsers.length === 1 ? fhirUsers[0] : fhirUsers.find((link) => link.startsWith('Person/')));
}

/** Whom the person may choose from: a list, and for who finds children by name, a search besides. */
export async function choicesOf(
  session: Session,
  room: AuthRoom,
): Promise<{ listed: readonly PatientChoice[]; searches: boolean }> {
  const found = await Promise.all(session.fhirUsers.map((fhirUser) => room.directory.patientsOf(fhirUser)));
  const listed = new Map(found.flatMap((some) => (some === 'all' ? [] : some)).map((choice) => [choice.id, choice]));
  return { listed: [...listed.values()], searches: found.includes('all') };
}

/** SC-063: as what of the child first; a clinician who is also its parent acts as the parent. */
const rank = ['Patient/', 'RelatedPerson/', 'Person/', 'Practitioner/'];

/** As whom the person sees this child; undefined when in no way. */
async function personFor(session: Session, patientId: string, room: AuthRoom) {
  const links = rank.flatMap((type) => session.fhirUsers.filter((link) => link.startsWith(type)));
  for (const fhirUser of links) {
    const patient = await room.directory.patient(fhirUser, patientId);
    if (patient) return { fhirUser, patient };
  }
  return undefined;
}

/** SC-062. A child without encounters, or with one, needs no question. */
async function askEncounter(
  exchange: Exchange,
  room: AuthRoom,
  transaction: Transaction | undefined,
): Promise<Outcome> {
  const { patientId, fhirUser, launch } = exchange;
  if (launch || patientId === undefined || fhirUser === undefined) return undefined;
  if (!settled(exchange.scopes, 'scopes').special.includes('launch/encounter')) return undefined;
  const encounters = await room.directory.encountersOf(fhirUser, patientId);
  const chosen = answersOf(settled(exchange.session, 'session'), transaction).encounterId;
  if (chosen === undefined && encounters.length > 1) return { ask: 'encounter' };
  const encounter = encounters.length === 1 ? encounters[0] : encounters.find(({ id }) => id === chosen);
  if (encounter) exchange.encounterId = encounter.id;
  return undefined;
}

/** How many records of other types an app may have somebody choose. */
const mostContexts = 5;

/** The records that an app asks for, by the scopes that say so. */
export function contextsOf({ scopes }: Exchange, { resourceTypes }: AuthRoom) {
  const asked = settled(scopes, 'scopes').special.flatMap((scope) => {
    const context = contextScope(scope, resourceTypes);
    return context ? [{ scope, ...context }] : [];
  });
  return asked.slice(0, mostContexts);
}

/** SC-062: a record of each type that the app asks for. One that there is not, or only one of, needs no question. */
async function askContext(exchange: Exchange, room: AuthRoom, transaction: Transaction | undefined): Promise<Outcome> {
  const { patientId, fhirUser, launch } = exchange;
  if (launch || patientId === undefined || fhirUser === undefined) return undefined;
  const chosen = answersOf(settled(exchange.session, 'session'), transaction).context ?? {};
  const items: FhirContextItem[] = [];
  for (const { scope, type, role } of contextsOf(exchange, room)) {
    const records = await room.directory.recordsOf(fhirUser, patientId, type);
    if (!Object.hasOwn(chosen, scope) && records.length > 1) return { ask: 'context' };
    const record = records.length === 1 ? records[0] : records.find(({ id }) => id === chosen[scope]);
    if (record) items.push({ reference: `${type}/${record.id}`, type, ...(role !== undefined && { role }) });
  }
  exchange.fhirContext = items;
  return undefined;
}

/** The first of them that waits for an answer, with what there is to choose. */
export async function nextContext(exchange: Exchange, room: AuthRoom, transaction: Transaction) {
  const chosen = answersOf(settled(exchange.session, 'session'), transaction).context ?? {};
  const [patientId, fhirUser] = [settled(exchange.patientId, 'patientId'), settled(exchange.fhirUser, 'fhirUser')];
  for (const { scope, type } of contextsOf(exchange, room)) {
    if (Object.hasOwn(chosen, scope)) continue;
    const records = await room.directory.recordsOf(fhirUser, patientId, type);
    if (records.length > 1) return { scope, type, records };
  }
  return undefined;
}

/** Our own apps need no consent. What was allowed before is not asked again, unless the app runs where anybody could pose as it. */
async function askConsent(exchange: Exchange, room: AuthRoom, transaction: Transaction | undefined): Promise<Outcome> {
  const client = settled(exchange.client, 'client');
  if (client.firstParty) return undefined;
  const asked = settled(exchange.scopes, 'scopes');
  const answer = answersOf(settled(exchange.session, 'session'), transaction).consent;
  if (answer !== undefined) {
    const given = intersectScopes(parseScopes(answer, room.resourceTypes), asked);
    if (isNothing(given)) return { refusal: refuse('access_denied', 'The person did not allow it.', 'consent denied') };
    exchange.scopes = given;
    return undefined;
  }
  const place = {
    fhirUser: settled(exchange.fhirUser, 'fhirUser'),
    clientId: client.id,
    ...(exchange.patientId !== undefined && { patientId: exchange.patientId }),
  };
  const askAgain = promptsOf(exchange).includes('consent') || client.native;
  const before = askAgain ? undefined : await room.consents.recall(place, asked);
  // Of what is asked now nothing was given then: that is no yes to anything.
  if (!before || isNothing(before)) return { ask: 'consent' };
  exchange.scopes = before;
  return undefined;
}

function isNothing({ resource, special }: ScopeSet): boolean {
  return resource.length === 0 && !special.includes('openid');
}
