import type { Clock } from '../../base/clock.ts';
import { participantTypeSystem } from '../../fhir/provenance.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { AskedProposal } from './asked-proposal.ts';
import { asContained, careConcept, part } from './proposal-task.ts';

/** A proposal as a Task, without its requester. Pure. */
export function taskOf(of: {
  plan: Resource & r4.CarePlan;
  child: string;
  asked: AskedProposal;
  proposed: Resource | undefined;
  seen: Resource | undefined;
  owner: r4.Reference | undefined;
  now: Date;
}): r4.Task & { resourceType: 'Task' } {
  const { plan, child, asked, proposed, seen, owner, now } = of;
  const contained = [
    ...(proposed ? [asContained(proposed, 'proposed')] : []),
    ...(seen ? [asContained(seen, 'seen')] : []),
  ];
  const reference = (code: string, value: string | undefined): r4.TaskInput[] =>
    value === undefined ? [] : [{ type: part(code), valueReference: { reference: value } }];
  return {
    resourceType: 'Task',
    meta: { profile: [`${canonicalBase}/StructureDefinition/plan-change`] },
    ...(contained.length > 0 && { contained }),
    basedOn: [{ reference: `CarePlan/${plan.id}` }],
    status: 'requested',
    intent: 'proposal',
    code: careConcept('plan-change', 'Change of the shared plan'),
    focus: { reference: asked.target ?? `CarePlan/${plan.id}` },
    for: { reference: `Patient/${child}` },
    authoredOn: now.toISOString(),
    ...(owner && { owner }),
    reasonCode: { text: asked.reason },
    input: [
      { type: part('action'), valueCode: asked.action },
      ...reference('proposed', proposed && '#proposed'),
      ...reference('seen', seen && '#seen'),
      ...reference('entered-by', asked.enteredBy),
      ...reference('on-behalf-of', asked.onBehalfOf),
    ],
  };
}

/** Whose wish it is, and who wrote it down. */
export function enteredFor({ requester, enteredBy }: AskedProposal, clock: Clock): Resource {
  const agent = (code: string, who: r4.Reference) => ({
    type: { coding: [{ system: participantTypeSystem, code }] },
    who,
  });
  return {
    resourceType: 'Provenance',
    recorded: clock.now().toISOString(),
    agent: [
      agent('author', { reference: requester }),
      agent('enterer', enteredBy === undefined ? { display: 'A program' } : { reference: enteredBy }),
    ],
  };
}
