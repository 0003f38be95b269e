import { ok, type Result } from '../../base/errors.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { JobHandler } from '../../module.ts';
import type { WriteEffect } from '../../store/types.ts';
import { expiryOf } from './label.ts';

/** Takes from a record the labels whose time is over. Later than it could be hides longer, and shows nothing. */
export const labelExpiryKind = 'privacy-label-expiry';

/** Notes when the first label of a record expires. The instant is part of the key: an earlier one does not wait for a later one. */
export const noteExpiry: WriteEffect = {
  name: 'note-label-expiry',
  types: 'all',
  apply: async ({ type, id, after }, tx) => {
    const first = firstExpiry(after);
    if (first === undefined) return ok(undefined);
    const runAt = new Date(first);
    await tx.enqueue({ kind: labelExpiryKind, key: `${type}/${id}/${runAt.toISOString()}`, runAt });
    return ok(undefined);
  },
};

function firstExpiry(resource: Resource | undefined): number | undefined {
  const all = (resource?.meta?.security ?? []).map(expiryOf).filter(Number.isFinite);
  return all.length === 0 ? undefined : Math.min(...all);
}

export const expireLabels: JobHandler = {
  kind: labelExpiryKind,
  run: async ({ key }, { store, clock }): Promise<Result<void>> => {
    const [type = '', id = ''] = key.split('/');
    const actor = { kind: 'system', id: 'privacy', requestId: 'label-expiry' } as const;
    return store.transact(actor, async (tx) => {
      await tx.hold([{ type, id }]);
      const stored = await tx.read(type, id);
      if (!stored || stored.deleted) return ok(undefined);
      // The store wrote this text: its shape is known.
      const resource = parseJson(stored.json) as Resource;
      const { security = [], ...meta } = resource.meta ?? {};
      const left = security.filter((label) => expiryOf(label) > clock.now().getTime());
      if (left.length === security.length) return ok(undefined);
      const next = { ...resource, meta: { ...meta, ...(left.length > 0 && { security: left }) } };
      const written = await tx.update(next, { ifMatch: stored.version });
      return written.ok ? ok(undefined) : written;
    });
  },
};
