import { acceptancesOf, agreementOf } from '../../../fhir/goal-agreement.ts';
import { isMirror } from '../../../fhir/mirror.ts';
import { isOfType, ofType } from '../../../fhir/of-type.ts';
import { closedTaskStates } from '../../../fhir/plan-view/actions.ts';
import { closedGoalStates } from '../../../fhir/plan-view/goals.ts';
import { conceptText, localReference } from '../../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Page } from '../family.ts';
import { isOpenWish, wishesIn } from '../wishes/wish.ts';

/** Something that waits for the reader, and the page where it is done. */
export interface Waiting {
  reference: string;
  kind: 'goal' | 'wish' | 'task' | 'form';
  text: string;
  page?: Page;
  due?: string;
}

/** What waits for the person who speaks: goals and wishes that they have not answered, Tasks that are theirs, forms that they began. */
export function waitsFor(me: string | undefined, resources: readonly Resource[]): Waiting[] {
  if (me === undefined) return [];
  const goals = ofType(resources, 'Goal')
    .filter((goal) => asksFor(goal, me))
    .map((goal): Waiting => {
      const text = conceptText(goal.description) ?? '';
      return { reference: `Goal/${goal.id}`, kind: 'goal', text, page: 'goals' };
    });
  const wishes = wishesIn(resources)
    .filter((wish) => isOpenWish(wish) && wish.requester !== me && !wish.notes.some(({ who }) => who === me))
    .map((wish): Waiting => ({ reference: wish.reference, kind: 'wish', text: wish.text, page: 'wishes' }));
  return [...goals, ...wishes, ...tasksOf(me, resources), ...formsOf(me, resources)];
}

/** A goal asks somebody who stands in it as not having answered, or of whom nobody has heard while it is only proposed. */
export function asksFor(goal: Resource & r4.Goal, me: string): boolean {
  if (closedGoalStates.has(goal.lifecycleStatus) || isMirror(goal)) return false;
  const own = acceptancesOf(goal).find(({ who }) => who === me);
  if (own) return own.answer === 'pending';
  if (localReference(goal.expressedBy) === me) return false;
  return goal.lifecycleStatus === 'proposed' && agreementOf(goal).family === 'not-asked';
}

function tasksOf(me: string, resources: readonly Resource[]): Waiting[] {
  const wishes = new Set(wishesIn(resources).map(({ reference }) => reference));
  return ofType(resources, 'Task')
    .filter((task) => localReference(task.owner) === me && !closedTaskStates.has(task.status))
    .filter((task) => !wishes.has(`Task/${task.id}`) && !asksForForm(task))
    .map((task): Waiting => {
      const text = task.description ?? conceptText(task.code) ?? '';
      const due = task.restriction?.period?.end ?? task.executionPeriod?.end;
      return { reference: `Task/${task.id}`, kind: 'task', text, ...(due !== undefined && { due }) };
    });
}

/** Forms that a Task asks for, and those that the person began. */
function formsOf(me: string, resources: readonly Resource[]): Waiting[] {
  const asked = ofType(resources, 'Task')
    .filter((task) => !closedTaskStates.has(task.status) && asksForForm(task))
    .map((task): Waiting => {
      const text = task.description ?? conceptText(task.code) ?? '';
      return { reference: `Task/${task.id}`, kind: 'form', text, page: 'forms' };
    });
  const begun = resources
    .filter((one) => isOfType(one, 'QuestionnaireResponse'))
    .filter(({ status, author }) => status === 'in-progress' && localReference(author) === me)
    .map(({ id }): Waiting => ({ reference: `QuestionnaireResponse/${id}`, kind: 'form', text: '', page: 'forms' }));
  return [...asked, ...begun];
}

function asksForForm({ input = [] }: r4.Task): boolean {
  return input.some(({ valueCanonical }) => valueCanonical !== undefined);
}
