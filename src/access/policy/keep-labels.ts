import type { Resource } from '../../fhir/types.ts';
import type { Actor } from '../../store/types.ts';
import { keepInline } from '../labels/inline.ts';
import { expiryOf, type Label, labelKey } from '../labels/label.ts';
import type { Lowering } from '../labels/lowering.ts';
import { isSensitiveLabel } from './categories.ts';
import type { Policy } from './compile.ts';

/** Who writes, and when. */
export interface Writing {
  actor: Actor;
  now: Date;
  lowering: Pick<Lowering, 'allows'>;
}

/**
 * A label stays on a record whoever writes the next version (PUT, PATCH, transaction, sync, $meta-delete): what the new version leaves out of
 * the sensitive ones is put back, and so is one of which it says that it ends earlier. Only `$release` lowers, and a label's own end (one within
 * the record has none). Answers the new version, the same object where nothing was left out.
 */
export function keepLabels(before: Resource, after: Resource, writing: Writing, policy: Policy | undefined): Resource {
  const holds = (label: Label) =>
    (!policy || isSensitiveLabel(policy, label.system, label.code)) &&
    !writing.lowering.allows(writing.actor, labelKey(label));
  return keepOwn(before, keepInline(before, after, holds), writing, policy);
}

/** Those on the record itself. */
function keepOwn(before: Resource, after: Resource, writing: Writing, policy: Policy | undefined): Resource {
  const sent = new Map<string, Label>((after.meta?.security ?? []).map((label) => [labelKey(label), label]));
  const kept = (before.meta?.security ?? []).filter((label) => {
    if (policy && !isSensitiveLabel(policy, label.system, label.code)) return false;
    const next = sent.get(labelKey(label));
    const isLess = next === undefined || expiryOf(next) < expiryOf(label);
    return isLess && !mayGo(label, writing);
  });
  if (kept.length === 0) return after;
  const names = new Set(kept.map(labelKey));
  const others = (after.meta?.security ?? []).filter((label) => !names.has(labelKey(label)));
  return { ...after, meta: { ...after.meta, security: [...others, ...kept] } };
}

function mayGo(label: Label, { actor, now, lowering }: Writing): boolean {
  return expiryOf(label) <= now.getTime() || lowering.allows(actor, labelKey(label));
}
