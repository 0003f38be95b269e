import type { Typed } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';

type Plan = Resource & Typed<'CarePlan'>;
const lists = ['addresses', 'goal', 'careTeam', 'supportingInfo', 'contributor'] as const;

/**
 * The plan without references to what has been deleted here since. That is the one thing that leaves a plan by itself: there is
 * nothing behind the reference any more. What was never here (a logical reference, another server's URL) stays.
 */
export async function withoutDeleted(reader: Reader, plan: Plan): Promise<Plan> {
  const all = [
    ...lists.flatMap((list) => plan[list] ?? []),
    ...(plan.activity ?? []).map(({ reference }) => reference),
  ];
  const local = new Map(all.flatMap((reference) => parsed(reference)).map((one) => [`${one.type}/${one.id}`, one]));
  const present = new Set((await reader.readMany([...local.values()])).map(({ type, id }) => `${type}/${id}`));
  const deleted = new Set<string>();
  for (const [key, { type, id }] of local) {
    if (!present.has(key) && (await reader.read(type, id))?.deleted) deleted.add(key);
  }
  if (deleted.size === 0) return plan;
  const isLeft = (reference: r4.Reference | undefined) =>
    !deleted.has(reference?.reference?.split('/_history/')[0] ?? '');
  const left: Plan = { ...plan };
  for (const list of lists) if (left[list]) left[list] = left[list].filter(isLeft);
  if (left.activity) left.activity = left.activity.filter(({ reference }) => isLeft(reference));
  return left;
}

function parsed(reference: r4.Reference | undefined): { type: string; id: string }[] {
  const match = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/.*)?$/.exec(reference?.reference ?? '');
  return match?.[1] !== undefined && match[2] !== undefined ? [{ type: match[1], id: match[2] }] : [];
}
