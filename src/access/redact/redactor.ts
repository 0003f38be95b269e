import { hash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Grant, Sql } from '../../store/types.ts';
import { withHint } from '../emergency/hint.ts';
import { rememberedDate } from '../policy/age.ts';
import type { Policy } from '../policy/compile.ts';
import type { Principal, Redaction, RedactionRule, View } from '../types.ts';
import { hidesVersions, redactBody } from './answer.ts';
import { type Asked, type Guarded, guard, removedParameters } from './guard.ts';
import { categoriesIn } from './labelled-copy.ts';
import { type LookUpFor, lookUpOnce } from './look-up-once.ts';
import { type LookUpDeps, lookUp, targetsIn, targetsInText } from './references.ts';
import { redactResource } from './resource.ts';
import { checkSentTasks } from './sent-tasks.ts';
import { createStaffTargets, isOfDirectory } from './staff-targets.ts';
import { type Places, toldText } from './told-text.ts';

/** What of an answer is told in part; the server's FhirResponse is one. */
export interface Answered {
  status: number;
  json?: string;
  /** Of `json`; without it, a text is read unless it is one record. */
  places?: Places;
  resource?: Resource;
  etag?: string;
  lastModified?: string;
  location?: string;
}

export interface Redactor {
  /**
   * Before the interaction; errors are such that they say nothing about what is stored. `within`: the transaction in which it is asked; then nothing
   * is asked over another connection, and what may yet be undone is not remembered.
   */
  guard<R extends Asked>(route: string, request: R, principal: Principal, within?: Sql): Promise<Result<Guarded<R>>>;
  /** Of some records those that the grants show, without references to the others: for what is made of several records at once. */
  shown(grants: readonly Grant[], resources: readonly Resource[], within?: Sql): Promise<Resource[]>;
  /** What a refusal says to somebody who may break the glass. */
  hint<T>(answer: Result<T>, route: string, request: Asked & { id?: string }, principal: Principal): Promise<Result<T>>;
  /** After it. `ifNoneMatch`: as the request had it. */
  redact<A extends Answered>(answer: A, principal: Principal, ifNoneMatch?: string): Promise<A>;
}

interface Deps extends LookUpDeps {
  /** Without a trailing slash. */
  baseUrl: string;
  clock: Clock;
  /** The one in force. */
  policy: () => Policy | undefined;
}

export function createRedactor(deps: Deps): Redactor {
  const staffTargets = createStaffTargets(deps);
  const removedBy = new WeakMap<Redaction, ReadonlySet<string>>();
  const removed = (redaction: Redaction): ReadonlySet<string> => {
    const known = removedBy.get(redaction) ?? removedParameters(redaction, deps.definitions);
    removedBy.set(redaction, known);
    return known;
  };
  const lookUpFor = lookUpOnce(deps);
  /** What is to be asked before an answer to a clinician may leave as it is. */
  const doubtful = (body: unknown, view: View): Set<string> => {
    // What a record inherits are categories. A chart that is closed to the viewer is hidden for another reason.
    const hasClosedCharts = view.grants.some(({ except = [] }) => except.length > 0);
    return hasClosedCharts ? targetsIn(body, deps.baseUrl) : staffTargets.in(body, deps.policy());
  };
  const dateOf = rememberedDate();
  const telling = { ...deps, lookUpFor, doubtful, dateOf };
  const today = () => dateOf(deps.clock.now(), deps.policy()?.document.timeZone ?? 'UTC');
  return {
    guard: async (route, request, principal, within) => {
      if (!isRedacted(principal)) return ok({ request, principal, findsNothing: false });
      const asking = within ? over(within, deps) : { ...deps, lookUpFor };
      const guarded = await guard(route, request, principal, { ...asking, removed, today });
      if (!guarded.ok || !(principal.view.partner || hidesVersions(principal.view.redaction))) return guarded;
      const told = async (stored: Resource): Promise<Resource> => {
        const how = { ...telling, ...asking };
        const { json, resource } = await toldTo<Answered>({ status: 200, resource: stored }, principal.view, how);
        return json === undefined ? (resource ?? stored) : (parseJson(json) as Resource);
      };
      const theirs = await checkSentTasks(route, guarded.value.request, principal.view, { ...asking, told });
      return theirs.ok ? guarded : theirs;
    },
    shown: (grants, resources, within = deps.sql) => shown(grants, resources, { ...deps, sql: within }),
    hint: (answer, route, request, principal) => withHint(answer, route, request, principal, deps),
    redact: async (answer, principal, ifNoneMatch) => {
      if (!isRedacted(principal)) return answer;
      const told = await toldTo(answer, principal.view, telling);
      return hidesVersions(principal.view.redaction) ? withoutVersions(told, ifNoneMatch) : told;
    },
  };
}

/** Asks over this connection, and remembers nothing. */
function over(sql: Sql, deps: Deps): Deps & { lookUpFor: LookUpFor } {
  const within = { ...deps, sql };
  return { ...within, lookUpFor: (view, targets) => lookUp(targets, view, within) };
}

type Redacted = Principal & { view: View & { redaction: Redaction } };

function isRedacted(principal: Principal): principal is Redacted {
  return principal.view?.redaction !== undefined;
}

interface Telling extends Deps {
  lookUpFor: LookUpFor;
  doubtful: (body: unknown, view: View) => Set<string>;
  /** The date of an instant in a time zone. */
  dateOf: (now: Date, timeZone: string) => string;
}

async function toldTo<A extends Answered>(answer: A, view: Redacted['view'], deps: Telling): Promise<A> {
  const { redaction } = view;
  if (answer.json === undefined && answer.resource === undefined) return answer;
  if (mayBeWhole(redaction) && (await namesShownPatientsOnly(answer.json, view, deps))) return answer;
  const { resource: _resource, places, ...others } = answer;
  const today = () => deps.dateOf(deps.clock.now(), deps.policy()?.document.timeZone ?? 'UTC');
  // What a partner is told may need labels that its text does not have.
  const text =
    answer.json !== undefined && !view.partner
      ? toldText(answer.json, places, { redaction, baseUrl: deps.baseUrl })
      : undefined;
  if (text) {
    const targets = await deps.lookUpFor(view, text.targets);
    return { ...others, json: text.told({ targets, today: today() }) } as A;
  }
  const body = answer.json === undefined ? answer.resource : parseJson(answer.json);
  const first = mayBeWhole(redaction)
    ? await deps.lookUpFor(view, deps.doubtful(body, view))
    : { seen: none, hidden: none };
  // Nearly every answer to a clinician leaves as it is.
  if (mayBeWhole(redaction) && first.hidden.size === 0) return answer;
  const isAsked = (target: string) => !first.seen.has(target) && !first.hidden.has(target);
  const rest = await deps.lookUpFor(view, new Set([...targetsIn(body, deps.baseUrl)].filter(isAsked)));
  const targets = {
    seen: new Set([...first.seen, ...rest.seen]),
    hidden: new Set([...first.hidden, ...rest.hidden]),
  };
  const policy = view.partner ? deps.policy() : undefined;
  const labels = policy && { of: await categoriesIn(body, deps.sql), policy };
  const told = redactBody(body, {
    redaction,
    targets,
    today: today(),
    baseUrl: deps.baseUrl,
    ...(labels && { labels }),
  });
  return { ...others, json: stringifyJson(told) } as A;
}

const none: ReadonlySet<string> = new Set();

/** True when the text of an answer names nobody but patients that the viewer sees, and the directory. False says nothing. */
async function namesShownPatientsOnly(json: string | undefined, view: View, deps: Telling): Promise<boolean> {
  const named = json === undefined ? undefined : targetsInText(json, deps.baseUrl);
  if (named === undefined) return false;
  const people = [...named].filter((target) => !isOfDirectory(target));
  if (!people.every((target) => target.startsWith('Patient/'))) return false;
  return (await deps.lookUpFor(view, new Set(people))).hidden.size === 0;
}

async function shown(grants: readonly Grant[], resources: readonly Resource[], deps: Deps): Promise<Resource[]> {
  const nameOf = ({ resourceType, id = '' }: Resource) => `${resourceType}/${id}`;
  const named = new Set([...resources.map(nameOf), ...targetsIn(resources, deps.baseUrl)]);
  const targets = await lookUp(named, { grants }, deps);
  const how = { rule: referencesOnly, targets, withoutPlaces: false, today: '', baseUrl: deps.baseUrl };
  const seen = resources.filter((resource) => targets.seen.has(nameOf(resource)));
  // What is taken out of a resource leaves a resource.
  return seen.map((resource) => redactResource(resource, how) as Resource);
}

const referencesOnly: RedactionRule = {
  stripsLabels: false,
  hidesVersions: false,
  dropsNarrative: false,
  dropsFormerDetails: false,
  marksSubsetted: false,
  letsKnow: 0n,
  removes: new Map(),
};

/** True when nothing but references to hidden records is taken out. */
function mayBeWhole({ rules, withoutWhereabouts }: Redaction): boolean {
  return (
    withoutWhereabouts.length === 0 &&
    rules.every(
      ({ rule }) =>
        !rule.stripsLabels &&
        !rule.hidesVersions &&
        !rule.dropsNarrative &&
        !rule.dropsFormerDetails &&
        rule.removes.size === 0,
    )
  );
}

/** The tag of what is told, and no time: both stay as they are when only what is hidden changes. */
function withoutVersions<A extends Answered>(answer: A, ifNoneMatch: string | undefined): A {
  const { etag, lastModified: _lastModified, location, ...rest } = answer;
  const told = {
    ...rest,
    ...(location !== undefined && { location: location.replace(/\/_history\/[^/]*$/, '') }),
  } as A;
  if (etag === undefined || answer.json === undefined) return told;
  const tag = `W/"${hash('sha256', answer.json, 'base64url').slice(0, 22)}"`;
  const isKnown = ifNoneMatch?.split(',').some((one) => one.trim() === tag || one.trim() === '*') ?? false;
  const { json: _json, ...bare } = told;
  return isKnown ? ({ ...bare, status: 304, etag: tag } as A) : { ...told, etag: tag };
}
