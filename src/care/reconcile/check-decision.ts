import { fail, ok } from '../../base/errors.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { resourceOf } from '../stored.ts';
import { checkWritten } from '../written-here.ts';
import { aboutOf, contentHash } from './chart.ts';
import type { FindingKind } from './finding.ts';
import { readDecisions, rememberedOf } from './remembered.ts';
import type { Remembered, Side } from './rows.ts';
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
  const sides: Side[] = [];
  for (const { type, id, version } of sources) {
    const stored = await tx.read(type, id);
    const isOurs = tx.changes.some((change) => change.type === type && change.id === id);
    if (!stored || stored.deleted || (stored.version !== version && !isOurs)) return changed();
    const resource = resourceOf(stored);
    children.add(childOf(resource));
    sides.push({ reference: `${type}/${id}`, hash: contentHash(resource) });
  }
  const [child] = children;
  if (children.size !== 1 || child === undefined) {
    return refuse(rule, 'The records are of one child.', 'Provenance.entity');
  }
  // Whoever held the records before may have decided the same question.
  const remembered = rememberedOf(await readDecisions(tx.own, child));
  return isDecided(kind, sides, remembered) ? changed() : ok(undefined);
});

function isDecided(kind: FindingKind, sides: readonly Side[], remembered: Remembered): boolean {
  const [only] = sides;
  if (sides.length === 1 && only) return remembered.hasOne(kind, only);
  return sides.every((a, index) => sides.slice(index + 1).every((b) => remembered.hasPair(a, b)));
}

export function changed() {
  return fail(
    'conflict',
    'A record has changed since it was asked about. Nothing was written; ask CarePlan/$reconcile again.',
  );
}
