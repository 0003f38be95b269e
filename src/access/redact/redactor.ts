import { hash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Grant } from '../../store/types.ts';
import { withHint } from '../emergency/hint.ts';
import { localDate } from '../policy/age.ts';
import type { Policy } from '../policy/compile.ts';
import type { Principal, Redaction, RedactionRule, View } from '../types.ts';
import { hidesVersions, redactBody } from './answer.ts';
import { type Asked, type Guarded, guard, removedParameters } from './guard.ts';
import { type LookUpDeps, lookUp, targetsIn } from './references.ts';
import { redactResource } from './resource.ts';
import { createStaffTargets } from './staff-targets.ts';

/** What of an answer is told in part; the server's FhirResponse is one. */
export interface Answered {
  status: number;
  json?: string;
  resource?: Resource;
  etag?: string;
  lastModified?: string;
  location?: string;
}

export interface Redactor {
  /** Before the interaction; errors are such that they say nothing about what is stored. */
  guard<R extends Asked>(route: string, request: R, principal: Principal): Promise<Result<Guarded<R>>>;
  /** Of some records those that the grants show, without references to the others: for what is made of several records at once. */
  shown(grants: readonly Grant[], resources: readonly Resource[]): Promise<Resource[]>;
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
  // Patients that a view was found to show: remembered as long as the view, which is two seconds at most.
  const seenPatients = new WeakMap<View, Set<string>>();
  const nothingHidden = async (body: unknown, view: View): Promise<boolean> => {
    const seen = seenPatients.get(view) ?? new Set<string>();
    seenPatients.set(view, seen);
    // What a record inherits are categories. A chart that is closed to the viewer is hidden for another reason.
    const hasClosedCharts = view.grants.some(({ except = [] }) => except.length > 0);
    const named = hasClosedCharts ? targetsIn(body, deps.baseUrl) : staffTargets.in(body, deps.policy());
    const found = await lookUp(new Set([...named].filter((target) => !seen.has(target))), view.grants, deps);
    for (const target of found.seen) if (target.startsWith('Patient/')) seen.add(target);
    return found.hidden.size === 0;
  };
  return {
    guard: async (route, request, principal) =>
      isRedacted(principal)
        ? guard(route, request, principal, { ...deps, removed })
        : ok({ request, principal, findsNothing: false }),
    shown: (grants, resources) => shown(grants, resources, deps),
    hint: (answer, route, request, principal) => withHint(answer, route, request, principal, deps),
    redact: async (answer, principal, ifNoneMatch) => {
      if (!isRedacted(principal)) return answer;
      const told = await toldTo(answer, principal.view, deps, nothingHidden);
      return hidesVersions(principal.view.redaction) ? withoutVersions(told, ifNoneMatch) : told;
    },
  };
}

type Redacted = Principal & { view: View & { redaction: Redaction } };

function isRedacted(principal: Principal): principal is Redacted {
  return principal.view?.redaction !== undefined;
}

async function toldTo<A extends Answered>(
  answer: A,
  view: Redacted['view'],
  deps: Deps,
  nothingHidden: (body: unknown, view: View) => Promise<boolean>,
): Promise<A> {
  const { redaction } = view;
  if (answer.json === undefined && answer.resource === undefined) return answer;
  const body = answer.json === undefined ? answer.resource : parseJson(answer.json);
  // Nearly every answer to a clinician leaves as it is.
  if (mayBeWhole(redaction) && (await nothingHidden(body, view))) return answer;
  const targets = await lookUp(targetsIn(body, deps.baseUrl), view.grants, deps);
  const today = localDate(deps.clock.now(), deps.policy()?.document.timeZone ?? 'UTC');
  const told = redactBody(body, { redaction, targets, today, baseUrl: deps.baseUrl });
  const { resource: _resource, ...rest } = answer;
  return { ...rest, json: stringifyJson(told) } as A;
}

async function shown(grants: readonly Grant[], resources: readonly Resource[], deps: Deps): Promise<Resource[]> {
  const nameOf = ({ resourceType, id = '' }: Resource) => `${resourceType}/${id}`;
  const named = new Set([...resources.map(nameOf), ...targetsIn(resources, deps.baseUrl)]);
  const targets = await lookUp(named, grants, deps);
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
