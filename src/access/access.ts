import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { typesWithParts } from '../fhir/labelled-parts.ts';
import type { Resource } from '../fhir/types.ts';
import type { Inheritance } from '../store/categories.ts';
import type { Actor, Grant, Sql, Tx, WriteConclusion } from '../store/types.ts';
import { createLowering, type Lowering } from './labels/lowering.ts';
import { markInexact, type Policies } from './policy/candidates.ts';
import { categoriesBy } from './policy/categories.ts';
import { type CurrentPolicy, createCurrentPolicy } from './policy/current.ts';
import type { PolicyReader } from './policy/document.ts';
import { factsOf } from './policy/facts.ts';
import { familyView } from './policy/family-view.ts';
import { keepLabels } from './policy/keep-labels.ts';
import { isPartner, partnerView } from './policy/partner-view.ts';
import { isSharing } from './policy/sharing-consent.ts';
import { staffView } from './policy/staff-view.ts';
import { isOfFamily, keepFamilyConsent, keepToldTask } from './policy/told-tasks.ts';
import { createRememberedViews } from './remembered-views.ts';
import type { Principal, View } from './types.ts';

/** Who may see what, by the privacy policy: the one entry for the rest of the house. */
export interface Access {
  /**
   * The principal with the view that the policy leaves it now. A person without facts, or without a policy, gets one that shows nothing. `within`: the
   * transaction in which it is asked, over whose connection it is answered; who holds one and waited for another could wait for ever.
   */
  admit(principal: Principal, within?: Sql): Promise<Principal>;
  policy: CurrentPolicy;
  /** The privacy categories of a record by itself; all of them when there is no policy that could say. */
  categorize(resource: Resource): bigint;
  /** What of anybody's records may leave the house in a document: nothing of any sensitive category. Nothing at all without a policy. `within`: as `admit`. */
  outgoing(within?: Sql): Promise<readonly Grant[]>;
  /** From what records inherit categories. */
  inherits(): Inheritance;
  /** Before a transaction: what is written in it follows a policy that was heard of two seconds ago. */
  ready(): Promise<void>;
  /** The new version of a record with the labels that its writer may not take away, and what of a Task who is told a part does not change. */
  keep(before: Resource, after: Resource, tx: Tx): Promise<Resource>;
  /** Which transaction may take which labels away. */
  lowering: Lowering;
  /** After a change of roles, emergency access or facts in this process. */
  forget(): void;
  conclusion: WriteConclusion;
}

export interface AccessDeps {
  sql: Sql;
  reader: PolicyReader;
  types: ReadonlySet<string>;
  clock: Clock;
  log: Logger;
}

/** Records that say who somebody is to a child or works for, or what a court, a clinician or a teen has decided. */
const factTypes: ReadonlySet<string> = new Set([
  ...['CareTeam', 'Consent', 'Flag', 'Organization', 'Patient', 'Person', 'PractitionerRole', 'RelatedPerson'],
]);

type Viewer = Pick<Principal, 'kind' | 'clientId' | 'fhirUser' | 'purposes'>;

const everyCategory = (1n << 62n) - 1n;
const nothing: View = { grants: [], policy: 'none' };

export function createAccess(deps: AccessDeps): Access {
  const policy = createCurrentPolicy(deps);
  const lowering = createLowering();
  const views = createRememberedViews<Viewer>({
    clock: deps.clock,
    nameOf,
    make: async (viewer, now) => {
      const inForce = await policy.get();
      return makeView(viewer, now, { inForce, closedTo: policy.closedTo() }, deps);
    },
  });
  const forget = () => {
    views.forget();
    policy.forget();
  };
  // By the policy that the transaction began with. What may yet be undone is not remembered.
  const viewWithin = async (viewer: Viewer, sql: Sql) => {
    const now = deps.clock.now();
    const known = views.known(viewer, now);
    const policies = { inForce: policy.known(), closedTo: policy.closedTo() };
    return known ? known.view : makeView(viewer, now, policies, { sql, types: deps.types });
  };
  return {
    async admit(principal, within) {
      const view = await (within ? viewWithin(principal, within) : views.of(principal));
      return view ? { ...principal, view } : principal;
    },
    policy,
    categorize: (resource) => {
      const { policies } = policy.rules();
      return policies.length > 0 ? categoriesBy(policies)(resource) : everyCategory;
    },
    outgoing: async (within) => {
      const current = within ? policy.known() : await policy.get();
      return current && !policy.closedTo() ? [{ types: 'any', hides: current.all }] : [];
    },
    inherits: () => policy.rules().inherits,
    ready: async () => {
      if (await policy.get()) return;
      // What is written without a policy has every category, until there is one that says which.
      await markInexact(deps.sql);
    },
    keep: async (before, after, tx) => {
      const { actor } = tx;
      const isTask = before.resourceType === 'Task' && actor.kind !== 'system';
      const isFamily = isTask && isOfFamily(actor);
      const isPartner = isTask && !isFamily && (await viewWithin(viewerOf(actor), tx))?.partner !== undefined;
      if (before.resourceType === 'Consent' && isOfFamily(actor) && isSharing(before))
        return keepFamilyConsent(before, after);
      return keepLabels(
        before,
        isFamily || isPartner ? keepToldTask(before, after, isPartner) : after,
        { actor, now: deps.clock.now(), lowering },
        policy.known(),
      );
    },
    lowering,
    forget,
    conclusion: {
      name: 'forget-views',
      conclude: async (changes) => {
        if (changes.some(({ type }) => factTypes.has(type))) forget();
        return { ok: true, value: undefined };
      },
    },
  };
}

/** Who writes, as far as the view asks. */
function viewerOf({ kind, id, clientId = '' }: Actor): Viewer {
  return kind === 'user' ? { kind, clientId, fhirUser: id } : { kind, clientId: id };
}

/** SC-091: a Person too may read the record that says who it is, which is in no child's compartment. */
function withPerson(view: View, fhirUser: string): View {
  const [type, code = ''] = fhirUser.split('/');
  if (type !== 'Person') return view;
  const own = { types: new Set(['Person']), having: [{ param: '_id', anyOf: [{ code }] }] };
  return { ...view, grants: [...view.grants, own] };
}

/** Empty for a system. */
function personOf({ kind, fhirUser = 'nobody' }: Viewer): string {
  return kind === 'user' ? fhirUser : '';
}

/** What one app opened in an emergency is not open in another. */
function nameOf(viewer: Viewer): string {
  return `${personOf(viewer)} ${viewer.clientId}`;
}

/** Whoever is told of a record that it is told in part may be told it without its hidden parts. */
function toldPartly(view: View): View {
  const rules = view.redaction?.rules.map(({ rule }) => rule) ?? [];
  if (rules.length === 0 || !rules.every(({ marksSubsetted }) => marksSubsetted)) return view;
  const letsKnow = rules.reduce((sum, rule) => sum & rule.letsKnow, everyCategory);
  return { ...view, partly: { types: typesWithParts, marksSubsetted: true, letsKnow } };
}

/** A system has a view only when it is a partner's. */
async function makeView(
  viewer: Viewer,
  now: Date,
  { inForce: policy, closedTo }: Pick<Policies, 'inForce' | 'closedTo'>,
  { sql, types }: Pick<AccessDeps, 'sql' | 'types'>,
): Promise<View | undefined> {
  const fhirUser = personOf(viewer);
  const { clientId, purposes } = viewer;
  if (!policy && fhirUser !== '') return nothing;
  if (closedTo === 'everybody' && fhirUser !== '') return { ...nothing, policy: policy?.version ?? 'none' };
  const facts = await factsOf(sql, fhirUser, clientId, now);
  if (policy && closedTo && (facts.kind !== 'staff' || isPartner(facts.partner, policy, now)))
    return { ...nothing, policy: policy.version };
  // Without a policy a system sees what its scopes say, but for those that are bound to somebody else.
  if (!policy) return facts.kind === 'staff' && facts.partner.marks.length > 0 ? nothing : undefined;
  if (facts.kind === 'family') return withPerson(familyView(facts, policy, types, now), fhirUser);
  if (facts.kind === 'staff' && fhirUser === '' && !isPartner(facts.partner, policy, now)) return undefined;
  if (facts.kind === 'staff')
    return isPartner(facts.partner, policy, now)
      ? partnerView({ ...facts.partner, ...(purposes && { purposes }) }, policy, types, now)
      : toldPartly(staffView(facts, fhirUser, policy, types, now));
  return { ...nothing, policy: policy.version };
}
