import { ok } from '../../base/errors.ts';
import type { WriteConclusion } from '../../store/types.ts';
import { childOf } from '../child.ts';
import { teamId } from '../team/team-content.ts';
import { checkStillLed } from './keep-manager.ts';

/** Whoever changes a care team while several programs work with the child leaves it a lead coordinator. */
export const concludeLead: WriteConclusion = {
  name: 'one-lead-across-programs',
  async conclude(changes, tx) {
    for (const { type, id, before, after } of changes) {
      const child = type === 'CareTeam' ? childOf(after ?? before) : undefined;
      if (child === undefined || id !== teamId(child)) continue;
      const led = await checkStillLed(tx, child);
      if (!led.ok) return led;
    }
    return ok(undefined);
  },
};
