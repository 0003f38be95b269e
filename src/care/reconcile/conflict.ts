import { likeness } from '../../fhir/plan-view/alike.ts';
import type { Resource } from '../../fhir/types.ts';
import { noKnownAllergy, type Pair } from './candidates.ts';
import { type Chart, has, type Item } from './chart.ts';
import { contradictions } from './contradictions.ts';
import type { Finding } from './finding.ts';
import { differsInDose, isSameMedicine } from './same-medicine.ts';

/**
 * Pairs that cannot both hold: orders and goals on two sides of the table of contradictions, the same order once to be done and once not,
 * one medicine in two doses, a diagnosis or allergy that one says is there and another says is not.
 */
export function findConflicts(pairs: readonly Pair[], { items }: Pick<Chart, 'items'>): Finding[] {
  const found: Finding[] = [];
  for (const [a, b] of pairs) {
    const why = conflictOf(a, b);
    if (why !== undefined) found.push({ kind: 'conflict', about: a.about, why, members: [a, b] });
  }
  return [...found, ...acrossKinds(items)];
}

function conflictOf(a: Item, b: Item): string | undefined {
  if (a.about === 'medication') {
    return isSameMedicine(a, b) && differsInDose(a, b) ? 'The same medicine is given in different doses.' : undefined;
  }
  if (a.about === 'problem' || a.about === 'allergy') return presence(a, b);
  if (doesNot(a.resource) !== doesNot(b.resource)) {
    return likeness(a.concept, b.concept) ? 'One says that it is to be done, the other that it is not.' : undefined;
  }
  return contradiction(a, b);
}

function presence(a: Item, b: Item): string | undefined {
  if (a.about === 'allergy' && isNone(a) !== isNone(b) && !isRefuted(a) && !isRefuted(b)) {
    return 'One record says that no allergy is known, another names one.';
  }
  if (isRefuted(a) === isRefuted(b)) return undefined;
  return likeness(a.concept, b.concept)
    ? 'One record says that it is there, another that it was ruled out.'
    : undefined;
}

function contradiction(a: Item, b: Item): string | undefined {
  for (const [name, side] of a.sides) {
    const other = b.sides.get(name);
    if (other !== undefined && other !== side) {
      return `They contradict each other: ${contradictions.find((one) => one.name === name)?.about}.`;
    }
  }
  return undefined;
}

/** A goal of one hospital and an order of another contradict each other as two orders do. */
function acrossKinds(items: readonly Item[]): Finding[] {
  const goals = items.filter(({ about, sides }) => about === 'goal' && sides.size > 0);
  const activities = items.filter(
    ({ about, sides, resource }) => about === 'activity' && sides.size > 0 && !doesNot(resource),
  );
  return goals.flatMap((goal) =>
    activities.flatMap((activity): Finding[] => {
      const why =
        goal.origin !== activity.origin || goal.origin === undefined ? contradiction(goal, activity) : undefined;
      return why === undefined ? [] : [{ kind: 'conflict', about: 'activity', why, members: [activity, goal] }];
    }),
  );
}

const isRefuted = ({ resource }: Item) => has(resource.verificationStatus, 'refuted');
const isNone = ({ codes }: Item) => codes.includes(noKnownAllergy);
const doesNot = (resource: Resource) => resource.doNotPerform === true;
