import { ok, type Result } from '../../base/errors.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { currentOf } from '../stored.ts';
import { checkWritten } from '../written-here.ts';
import { isCare } from './care-actor.ts';
import { referenceKey } from './references.ts';

const rule = 'contributor-kept';

/** Who has contributed to a plan and is named as that no more: `who`, `when`, and `reason` in words or by a code. */
export const formerContributorUrl = `${canonicalBase}/StructureDefinition/former-contributor`;

/**
 * Who has had a part in a plan does not vanish from it: not by a page that forgot the list, not by somebody who would rather be rid of a voice
 * (decision D5). Whoever is taken from the contributors stands in the plan as a former one, with the reason, and stays there.
 */
export const checkContributors = checkWritten(rule, 'CarePlan', async (after, before, tx) => {
  if (!isOfType(after, 'CarePlan')) return ok(undefined);
  const former = (after.extension ?? []).filter(({ url }) => url === formerContributorUrl);
  const bad = former.find((one) => referenceKey(whoIn(one) ?? {}) === undefined || !hasReason(one));
  if (bad !== undefined)
    return refuse(
      rule,
      'A former contributor has who it was and the reason, in words or by a code.',
      'CarePlan.extension',
    );
  // What the house loads it loads whole: a demo that was killed while it came begins anew.
  const isLoaded = tx.actor.kind === 'system' && !isCare(tx.actor);
  return isOfType(before, 'CarePlan') && !isLoaded ? checkKept(after, before, former, tx) : ok(undefined);
});

async function checkKept(
  after: r4.CarePlan,
  before: r4.CarePlan,
  former: readonly r4.Extension[],
  tx: Tx,
): Promise<Result<void>> {
  const named = new Set([...(after.contributor ?? []), ...former.map((one) => whoIn(one) ?? {})].map(referenceKey));
  for (const [at, reference] of (before.contributor ?? []).entries()) {
    const key = referenceKey(reference);
    if (key === undefined || named.has(key) || (await isGone(reference, tx))) continue;
    const text = `Who has contributed to a plan stays named in it. To take a contributor out, say who and why in the extension ${formerContributorUrl}.`;
    return refuse(rule, text, `CarePlan.contributor[${at}]`);
  }
  const kept = new Set(former.map((one) => stringifyJson(one)));
  const present = new Set((after.contributor ?? []).map(referenceKey));
  const isLost = (one: r4.Extension) =>
    one.url === formerContributorUrl && !kept.has(stringifyJson(one)) && !present.has(referenceKey(whoIn(one) ?? {}));
  if (!(before.extension ?? []).some(isLost)) return ok(undefined);
  return refuse(rule, 'That somebody has contributed, and why no more, stays in the plan.', 'CarePlan.extension');
}

function whoIn({ extension = [] }: r4.Extension): r4.Reference | undefined {
  return extension.find(({ url }) => url === 'who')?.valueReference;
}

function hasReason({ extension = [] }: r4.Extension): boolean {
  const { text, coding = [] } = extension.find(({ url }) => url === 'reason')?.valueCodeableConcept ?? {};
  return (text ?? '').trim() !== '' || coding.some(({ system, code }) => system !== undefined && code !== undefined);
}

/** The record of whoever it was has been deleted here: that is what its history says. */
async function isGone({ reference = '' }: r4.Reference, tx: Tx): Promise<boolean> {
  const [, type, id] = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/\w+)?$/.exec(reference) ?? [];
  return type !== undefined && id !== undefined && currentOf(await tx.read(type, id)) === undefined;
}
