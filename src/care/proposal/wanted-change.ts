import { fail, ok, type Result } from '../../base/errors.ts';
import { acceptancesOf, acceptanceUrl } from '../../fhir/goal-agreement.ts';
import { mergeResources } from '../../fhir/merge/three-way.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { isFamily } from './caller.ts';
import { isBesideType, isLineType } from './kinds.ts';
import { linesIn, withLine, withoutLine } from './plan-lines.ts';
import type { Proposal } from './proposal-task.ts';

type Plan = Resource & r4.CarePlan;

/** What accepting a proposal writes beside its Task. Each of what is there already is written only if it is still as it was read. */
interface WantedChange {
  created?: Resource;
  updated: Resource[];
  /** What the proposer is pointed to; `new`: what is created. */
  result?: string;
}

/** Where the new line will be, before it has an id. */
export const newLine = 'urn:uuid:7c1b2a60-5f0e-4c83-9f4e-3a1d6f1c0b11';

const instead =
  'Nothing was changed. Look at both, then make the change yourself in a way that fits and reject with the reason, or ask for a new proposal.';

/**
 * The change that a proposal asks for, made of what is there now. Pure. `conflict` when the line has gone, or has changed since in the very place
 * that is to change: then nothing is overwritten.
 */
export function wantedChange(
  proposal: Proposal,
  plan: Plan,
  target: Resource | undefined,
  acceptor: string,
): Result<WantedChange> {
  const { action, proposed, seen } = proposal;
  if (action === 'comment' || action === 'scenario') return ok({ updated: [] });
  if (action === 'add' && proposed) {
    const { id: _id, ...wanted } = proposed;
    const created = withAgreement({ ...wanted, resourceType: proposed.resourceType }, proposal.requester, acceptor);
    const isLine = isLineType(created.resourceType);
    return ok({ created, updated: isLine ? [withLine(plan, created.resourceType, newLine)] : [], result: newLine });
  }
  const reference = proposal.target ?? '';
  const isPlan = reference === `CarePlan/${plan.id}`;
  const isBeside = action === 'change' && isBesideType(reference.split('/')[0] ?? '');
  if (!isPlan && !isBeside && !linesIn(plan).includes(reference))
    return fail('conflict', `The line is no longer in the plan. ${instead}`, { expression: ['Task.focus'] });
  if (action === 'remove') return ok({ updated: [withoutLine(plan, reference)], result: `CarePlan/${plan.id}` });
  if (!target || !proposed)
    return fail('conflict', `The line is not there any more. ${instead}`, { expression: ['Task.focus'] });
  // Without what was seen, as in a proposal that came from elsewhere: what is wanted counts where it says something.
  const base = seen ?? onlyElements(target, proposed);
  const merged = mergeResources(ids(base, target), target, ids(proposed, target));
  if (merged.conflicts.length === 0) return ok({ updated: [merged.resource], result: reference });
  const text = `The line has changed since, where this proposal would change it: ${merged.conflicts.join(', ')}. ${instead}`;
  return fail('conflict', text, { expression: merged.conflicts });
}

const ids = (contained: Resource, { id }: Resource): Resource => ({ ...contained, id });

function onlyElements(target: Resource, proposed: Resource): Resource {
  const named = Object.entries(target).filter(([name]) => Object.hasOwn(proposed, name));
  return { ...Object.fromEntries(named), resourceType: target.resourceType };
}

/** A goal that a family asked for and somebody accepted is one that both agree to. */
function withAgreement(line: Resource, requester: string | undefined, acceptor: string): Resource {
  if (!isOfType(line, 'Goal')) return line;
  const known = acceptancesOf(line).map(({ who }) => who);
  const missing = [isFamily(requester) ? requester : undefined, acceptor].filter(
    (who) => who !== undefined && !known.includes(who),
  );
  const agreed = missing.map((who) => ({
    url: acceptanceUrl,
    extension: [
      { url: 'individual', valueReference: { reference: who } },
      { url: 'status', valueCode: 'agree' },
    ],
  }));
  return agreed.length > 0 ? { ...line, extension: [...(line.extension ?? []), ...agreed] } : line;
}
