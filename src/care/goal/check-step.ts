import { ok } from '../../base/errors.ts';
import { isActionStep } from '../../fhir/coaching.ts';
import { refuse } from '../business-rule.ts';
import { concludeWritten } from '../written-here.ts';
import { goalAbout } from './goal-about.ts';

const rule = 'action-step';

/** A step towards a goal says what is to be done, towards which goal of the child, and who does it by when (S4.2). */
export const concludeActionStep = concludeWritten(rule, 'Task', async (after, before, tx) => {
  if (!isActionStep(after)) {
    return isActionStep(before) && after.status !== 'entered-in-error'
      ? refuse(rule, 'An action step stays one: cancel it instead.', 'Task.code')
      : ok(undefined);
  }
  if (after.status === 'entered-in-error') return ok(undefined);
  const said: [boolean, string, string][] = [
    [(after.description ?? '').trim() !== '', 'what is to be done (description)', 'description'],
    [after.owner?.reference !== undefined, 'who does it (owner)', 'owner'],
    [after.restriction?.period?.end !== undefined, 'by when (restriction.period.end)', 'restriction.period.end'],
  ];
  const missing = said.filter(([there]) => !there);
  if (missing.length > 0) {
    const names = missing.map(([, name]) => name).join(', ');
    return refuse(rule, `An action step lacks ${names}.`, `Task.${missing[0]?.[2]}`);
  }
  if ((await goalAbout(after, after.for, tx)) !== undefined) return ok(undefined);
  return refuse(rule, 'An action step is a step towards one goal of the same child, named in focus.', 'Task.focus');
});
