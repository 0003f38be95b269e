import { fail, ok } from '../../base/errors.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { currentOf } from '../stored.ts';
import { checkWritten } from '../written-here.ts';
import { aboutOf } from './chart.ts';
import { toldDecision } from './told-decision.ts';

const rule = 'reconciliation-decision';

/**
 * A Provenance that tells of a decision names what was decided about which kind of question, with a reason where it needs one, and the versions
 * of the records that it rests on: all of one child, and as they are now. What has changed since has to be looked at again (409).
 */
export const checkDecision = checkWritten(rule, 'Provenance', async (after, before, tx) => {
  const told = toldDecision(after);
  if (!told) return toldDecision(before) ? refuse(rule, 'A decision stays one.', 'Provenance.activity') : ok(undefined);
  if (before !== undefined) return refuse(rule, 'A decision is not rewritten; make another.', 'Provenance');
  const { choice, kind, sources, hasReason } = told;
  if (choice === undefined || kind === undefined) {
    return refuse(rule, 'It names a choice and a kind of their code systems.', 'Provenance.activity');
  }
  if (!hasReason && (kind === 'conflict' || choice === 'apart' || choice === 'drop')) {
    return refuse(rule, 'It says why.', 'Provenance.reason');
  }
  if (
    sources.length === 0 ||
    told.strange > 0 ||
    sources.some(({ type, version }) => version === undefined || aboutOf(type) === undefined)
  ) {
    return refuse(rule, 'It names the versions of the records that it rests on.', 'Provenance.entity');
  }
  await tx.hold(sources);
  const children = new Set<string | undefined>();
  for (const { type, id, version } of sources) {
    const stored = await tx.read(type, id);
    const isOurs = tx.changes.some((change) => change.type === type && change.id === id);
    if (!stored || stored.deleted || (stored.version !== version && !isOurs)) return changed();
    children.add(childOf(currentOf(stored)));
  }
  if (children.size === 1 && !children.has(undefined)) return ok(undefined);
  return refuse(rule, 'The records are of one child.', 'Provenance.entity');
});

export function changed() {
  return fail(
    'conflict',
    'A record has changed since it was asked about. Nothing was written; ask CarePlan/$reconcile again.',
  );
}
