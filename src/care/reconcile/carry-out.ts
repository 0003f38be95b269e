import { newId } from '../../base/ids.ts';
import { ofPatient } from '../../fhir/provenance.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Item } from './chart.ts';
import { endedAsDuplicate, isReferral } from './ended.ts';
import { pertainsToGoalUrl } from './orphan.ts';
import { editedPlan, type PlanEdits } from './plan-edits.ts';
import { reCreated, standingFor } from './re-create.ts';
import type { Decision } from './read-wishes.ts';
import { choiceSystem, kindSystem } from './vocabulary.ts';

export interface CarryOutDeps {
  patientId: string;
  plan?: Resource;
  now: Date;
  agent: r4.ProvenanceAgent;
  /** Requests that some Task carries out: they are ended by it. */
  referred: ReadonlySet<string | undefined>;
}

interface Work {
  created: { fullUrl: string; resource: Resource }[];
  /** Records of ours that change, by reference: several decisions may be about one. */
  updated: Map<string, { item: Item; resource: Resource }>;
  edits: PlanEdits;
  deps: CarryOutDeps;
}

/**
 * One transaction for all decisions: what is re-created, what of ours changes, the shared plan, and a Provenance of each decision, which names
 * the versions that it rests on. Pure but for new ids.
 */
export function transactionOf(decisions: readonly Decision[], deps: CarryOutDeps): Resource {
  const work: Work = { created: [], updated: new Map(), edits: { out: new Set(), into: [] }, deps };
  const done = decisions.map((decision) => ({ decision, ...carryOut(decision, work) }));
  const plan = deps.plan && editedPlan(deps.plan, work.edits);
  const provenances = done.map(({ decision, targets, leaving }) => {
    const isOfPlan = plan !== undefined && decision.choice !== 'apart';
    return provenanceOf(decision, [...targets, ...(isOfPlan ? [`CarePlan/${plan.id}`] : [])], leaving, deps);
  });
  const updates = [...work.updated.values()].map(({ resource }) => resource);
  const entry = [
    ...work.created.map(({ fullUrl, resource }) => ({
      fullUrl,
      resource,
      request: { method: 'POST', url: resource.resourceType },
    })),
    ...provenances.map((resource) => ({
      fullUrl: `urn:uuid:${newId()}`,
      resource,
      request: { method: 'POST', url: 'Provenance' },
    })),
    ...[...updates, ...(plan ? [plan] : [])].map((resource) => ({
      resource,
      request: {
        method: 'PUT',
        url: `${resource.resourceType}/${resource.id ?? ''}`,
        ...(resource.meta?.versionId !== undefined && { ifMatch: `W/"${resource.meta.versionId}"` }),
      },
    })),
  ];
  return { resourceType: 'Bundle', type: 'transaction', entry };
}

interface Done {
  /** What is written for it, as Provenance names its targets. */
  targets: string[];
  /** Records that leave the shared plan. */
  leaving: readonly Item[];
}

function carryOut({ row, choice, keep, drop, owner, goal }: Decision, work: Work): Done {
  const [only] = row.members;
  if (choice === 'same' && keep) return makeSame(keep, row.members, work);
  if (choice === 're-create' && only) return makeSame(only, [only], work);
  if (choice === 'keep-one')
    return takeOut(
      row.members.filter((member) => member !== keep),
      [],
      work,
    );
  if (choice === 'drop') return takeOut(drop, [], work);
  if (choice === 'assign-owner' && only && owner !== undefined)
    return takeOut([], [giveOwner(only, owner, work)], work);
  if (choice === 'link-goal' && only && goal !== undefined) return linkGoal(only, goal, work);
  return { targets: [], leaving: [] };
}

function takeOut(leaving: readonly Item[], targets: string[], { edits }: Work): Done {
  for (const { reference } of leaving) edits.out.add(reference);
  return { targets, leaving };
}

function makeSame(keep: Item, members: readonly Item[], work: Work): Done {
  const others = members.filter((member) => member !== keep);
  if (keep.site === undefined) {
    const targets = [change(keep, (resource) => standingFor(resource, others), work)];
    return takeOut(others, [...targets, ...endTwins(others, work)], work);
  }
  // A prescription stays in the plan for what it is: a statement beside it is no activity.
  const leaving = keep.resource.resourceType === 'MedicationRequest' ? others : members;
  return takeOut(leaving, [create(reCreated(keep, members, today(work)), work), ...endTwins(others, work)], work);
}

/** What of ours was to be done twice is to be done once: nobody waits for the other any more. A referral is ended by its own rules. */
function endTwins(others: readonly Item[], work: Work): string[] {
  const { referred } = work.deps;
  return others
    .filter(({ about, site, resource, reference }) => {
      return about === 'activity' && site === undefined && !isReferral(resource) && !referred.has(reference);
    })
    .map((twin) => change(twin, endedAsDuplicate, work));
}

function giveOwner(item: Item, owner: string, work: Work): string {
  const who = { reference: owner };
  const { resource, reference } = item;
  if (item.site === undefined) {
    const isTask = resource.resourceType === 'Task';
    return change(item, (before) => ({ ...before, ...(isTask ? { owner: who } : { performer: [who] }) }), work);
  }
  // The hospital's record is the hospital's: somebody here looks after it.
  const task: r4.Task = {
    resourceType: 'Task',
    status: 'requested',
    intent: 'plan',
    basedOn: [{ reference }],
    description: `See to it: ${item.text}`,
    for: { reference: `Patient/${work.deps.patientId}` },
    owner: who,
    authoredOn: work.deps.now.toISOString(),
    ...(resource.meta?.security && { meta: { security: resource.meta.security } }),
  };
  return create({ ...task }, work);
}

function linkGoal(item: Item, goal: string, work: Work): Done {
  const linked = (resource: Resource): Resource => ({
    ...resource,
    extension: [
      ...(Array.isArray(resource.extension) ? resource.extension : []),
      { url: pertainsToGoalUrl, valueReference: { reference: goal } },
    ],
  });
  if (item.site === undefined) return takeOut([], [change(item, linked, work)], work);
  return takeOut([item], [create(linked(reCreated(item, [item], today(work))), work)], work);
}

function create(resource: Resource, { created, edits }: Work): string {
  const fullUrl = `urn:uuid:${newId()}`;
  created.push({ fullUrl, resource });
  edits.into.push({ reference: fullUrl, type: resource.resourceType });
  return fullUrl;
}

function change(item: Item, by: (resource: Resource) => Resource, { updated }: Work): string {
  const before = updated.get(item.reference)?.resource ?? item.resource;
  updated.set(item.reference, { item, resource: by(before) });
  return item.reference;
}

function provenanceOf(
  { row, choice, reason }: Decision,
  targets: readonly string[],
  leaving: readonly Item[],
  { patientId, now, agent }: CarryOutDeps,
): Resource {
  const members = row.members.map(({ reference }) => reference);
  const provenance: r4.Provenance = {
    resourceType: 'Provenance',
    // To keep apart changes nothing: then the decision is about the records themselves.
    target: (targets.length > 0 ? targets : members).map((reference) => ({ reference })),
    recorded: now.toISOString(),
    activity: {
      coding: [
        { system: choiceSystem, code: choice },
        { system: kindSystem, code: row.kind },
      ],
    },
    agent: [agent],
    entity: row.members.map((member) => ({
      role: leaving.includes(member) ? 'removal' : 'source',
      what: { reference: `${member.reference}/_history/${member.resource.meta?.versionId ?? '1'}` },
    })),
    ...(reason !== undefined && { reason: [{ text: reason }] }),
  };
  return ofPatient({ ...provenance }, patientId);
}

const today = ({ deps }: Work) => deps.now.toISOString().slice(0, 10);
