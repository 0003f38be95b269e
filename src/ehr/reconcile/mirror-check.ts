import { fail, ok } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isSync } from '../../store/sync-actor.ts';
import type { WriteCheck } from '../../store/types.ts';

/** Rule: what a hospital sent is changed at the hospital. Only the sync writes mirrors, and nobody else can make one. */
export const mirrorCheck: WriteCheck = {
  name: 'ehr-mirrors-are-read-only',
  types: 'all',
  async check(change, tx) {
    if (isSync(tx.actor)) return ok(undefined);
    if (change.before && isMirror(change.before)) {
      return fail(
        'unprocessable',
        'This resource mirrors a hospital record and is read-only here. Change it at the hospital, or add a resource of your own.',
        { code: 'business-rule', expression: [`${change.type}.meta.source`] },
      );
    }
    if (change.after && isMirror(change.after)) {
      return fail(
        'unprocessable',
        'A meta.source beginning with urn:careweave:site: is reserved for the sync with hospitals.',
        {
          code: 'business-rule',
          expression: [`${change.type}.meta.source`],
        },
      );
    }
    return ok(undefined);
  },
};
