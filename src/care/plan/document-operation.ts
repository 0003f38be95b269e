import { may, visibleInDocuments } from '../../access/decide.ts';
import type { Principal } from '../../access/types.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isMirror, siteSystem } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { type PlanView, planView } from '../../fhir/plan-view.ts';
import { canonicalBase, isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest, Written } from '../../module.ts';
import { shownBefore } from '../../store/still-shows.ts';
import type { Visibility } from '../../store/types.ts';
import { childOf } from '../child.ts';
import { currentOf } from '../stored.ts';
import { type BundleResource, bundleText, datedText } from './bundle-text.ts';
import { chartTypes } from './chart-types.ts';
import type { Shown } from './document.ts';
import { documentHtml } from './document-html.ts';
import { createKeptDocuments, type KeptDocument, type KeptDocuments } from './kept-documents.ts';
import { chartVisibility, loadVersions } from './load-chart.ts';
import { planDocumentBundle } from './plan-composition.ts';

/** Of some records what this caller is told: without references to what is hidden, and without what the policy takes out. */
export type Told = (principal: Principal, resources: readonly Resource[]) => Promise<Resource[]>;

export interface DocumentOperationDeps {
  clock: Clock;
  baseUrl: string;
  told: Told;
  /** What of a child's records a document that is passed on may tell. */
  shown: Shown;
}

const html = 'text/html';

/**
 * `GET CarePlan/[id]/$document`: the shared plan as the caller may see it, as a document Bundle or a page. What is hidden from the caller leaves no trace:
 * sections are made of what is left. `sharing=true`: to be passed on, so nothing of any sensitive category either, whoever asks.
 */
export function documentOperation(deps: DocumentOperationDeps): Operation {
  const kept = createKeptDocuments();
  return {
    name: 'document',
    definition: `${canonicalBase}/OperationDefinition/shared-plan-document`,
    level: 'instance',
    resourceType: 'CarePlan',
    affectsState: false,
    formats: [html],
    parameters: ['sharing'],
    requires: [['CarePlan', 'r']],
    handle: async (request) => {
      const found = await find(request, deps, kept);
      return found.ok ? ok(page(found.value)) : found;
    },
    text: async (request) => {
      const found = await find(request, deps, kept);
      return found.ok ? ok(await bundle(found.value, request, deps)) : found;
    },
  };
}

async function find(
  request: OperationRequest,
  deps: DocumentOperationDeps,
  kept: KeptDocuments,
): Promise<Result<KeptDocument>> {
  const sharing = request.parameters.text('sharing') ?? 'false';
  if (sharing !== 'true' && sharing !== 'false')
    return fail('invalid', 'sharing has to be true or false.', { code: 'value' });
  const { store, principal, id = '' } = request;
  const seen = visibleInDocuments(principal);
  const now = deps.clock.now();
  const place = { request, deps, seen, now, today: now.toISOString().slice(0, 10) };
  // What may be passed on depends on labels that records inherit, so it is always made anew.
  if (sharing === 'true') return make(place, true);
  const key = kept.keyOf(principal, id, place.today);
  const known = kept.find(key, now);
  if (known && (await store.stillShows(known.before, chartVisibility(known.before.patientId, seen)))) return ok(known);
  const made = await make(place, false);
  if (made.ok) kept.keep(key, made.value, now);
  return made;
}

interface Place {
  request: OperationRequest;
  deps: DocumentOperationDeps;
  seen: Visibility;
  now: Date;
  today: string;
}

async function make({ request, deps, seen, today }: Place, isShared: boolean): Promise<Result<KeptDocument>> {
  const { store, principal, id = '' } = request;
  const absent = fail('not-found', 'There is no such shared plan here.');
  const plan = currentOf(await store.readSeen('CarePlan', id, seen));
  const child = childOf(plan);
  if (!isOfType(plan, 'CarePlan') || !isSharedPlan(plan) || isMirror(plan) || child === undefined) return absent;
  // First, so that what comes in the meantime is noticed.
  const lastProvenance = await store.lastProvenanceOf(child);
  const chart = await loadVersions(store, child, seen);
  if (!chart.ok) return chart;
  const { resources, records, beside } = chart.value;
  const own = withoutSites(await deps.told(principal, resources), principal, child);
  const told = isShared ? await deps.shown(own) : own;
  const view = planView(id, told, {
    today,
    showRestricted: !isShared,
    dropUnavailable: true,
    judgesCompleteness: seesCompleteness(principal),
  });
  if (view === undefined) return absent;
  const before = shownBefore({ patientId: child, types: chartTypes, records, beside, lastProvenance });
  return ok({ before, view, told });
}

function page(document: KeptDocument): Resource {
  document.page ??= pageOf(document.view);
  return document.page;
}

function pageOf(view: PlanView): Resource {
  const data = Buffer.from(documentHtml(view, { digest: true }), 'utf8').toString('base64');
  return { resourceType: 'Binary', contentType: html, data };
}

async function bundle(
  document: KeptDocument,
  { principal }: OperationRequest,
  { baseUrl, clock, told }: DocumentOperationDeps,
): Promise<Written> {
  const now = clock.now();
  if (document.bundle === undefined) {
    // What the document says in words of its own is told by the same rules as the records that it was made of.
    const [whole] = await told(principal, [planDocumentBundle(document.view, document.told, { baseUrl, now })]);
    document.bundle = bundleText(whole as BundleResource);
  }
  return datedText(document.bundle, document.view, now);
}

/** Who does not see goals and messages as a whole cannot judge by their absence, and is not told of it either. */
function seesCompleteness(principal: Principal): boolean {
  const types = ['Goal', 'Communication', 'Observation'];
  if (!types.every((type) => may(principal, type, 'r'))) return false;
  const { view } = principal;
  return view === undefined || types.every((type) => view.grants.some(({ types: of }) => of === 'any' || of.has(type)));
}

/** Whoever is not told where the child is, is not told either which hospital something came from. */
function withoutSites(resources: readonly Resource[], { view }: Principal, child: string): readonly Resource[] {
  if (!view?.redaction?.withoutWhereabouts.includes(child)) return resources;
  const isNamed = ({ identifier }: r4.Reference) => identifier?.system !== siteSystem;
  return resources
    .filter(({ resourceType }) => resourceType !== 'Provenance')
    .map((one) => (isOfType(one, 'CarePlan') ? { ...one, contributor: (one.contributor ?? []).filter(isNamed) } : one));
}
