import type { Resource } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { isSensitiveLabel } from './categories.ts';
import type { Policy } from './compile.ts';
import { rolesOf } from './roles.ts';

/**
 * A label stays on a record whoever writes the next version (PUT, PATCH, transaction, sync, $meta-delete): what the new version leaves out of
 * the sensitive ones is put back. Only a privacy officer lowers. Answers the new version, the same object where nothing was left out.
 */
export async function keepLabels(
  before: Resource,
  after: Resource,
  tx: Tx,
  policy: Policy | undefined,
): Promise<Resource> {
  const kept = (after.meta?.security ?? []).map(keyOf);
  const missing = (before.meta?.security ?? []).filter(
    (label) => !kept.includes(keyOf(label)) && (!policy || isSensitiveLabel(policy, label.system, label.code)),
  );
  if (missing.length === 0) return after;
  const { actor } = tx;
  if (actor.kind === 'user' && (await rolesOf(tx.own, actor.id)).has('privacy-officer')) return after;
  return { ...after, meta: { ...after.meta, security: [...(after.meta?.security ?? []), ...missing] } };
}

function keyOf({ system, code }: { system?: string; code?: string }): string {
  return `${system ?? ''}|${code ?? ''}`;
}
