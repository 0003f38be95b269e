import { ok } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource } from '../../fhir/types.ts';
import type { WriteConclusion } from '../../store/types.ts';
import { childOf } from '../child.ts';
import { isCurrent, memberKey } from './participants.ts';
import { teamId } from './team-content.ts';

/**
 * Remembers whom a person takes out of the child's own care team (or whose membership they end), and forgets it when somebody puts them back:
 * what people decide about a team no program undoes. Conclusions are not asked about what they write themselves, so what Tasks do to a team does
 * not count as a person's doing.
 */
export const rememberRemovedMembers: WriteConclusion = {
  name: 'remember-removed-members',
  async conclude(changes, tx) {
    if (tx.actor.kind === 'system') return ok(undefined);
    for (const { type, id, before, after } of changes) {
      const child = type === 'CareTeam' ? childOf(after ?? before) : undefined;
      if (child === undefined || id !== teamId(child) || after === undefined || isMirror(after)) continue;
      const was = membersOf(before);
      const is = membersOf(after);
      const gone = [...was].filter((key) => !is.has(key));
      const back = [...is].filter((key) => !was.has(key));
      if (gone.length > 0) {
        await tx.own.query(
          'INSERT INTO team_removed (patient_id, member) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING',
          [child, gone],
        );
      }
      if (back.length > 0)
        await tx.own.query('DELETE FROM team_removed WHERE patient_id = $1 AND member = ANY ($2)', [child, back]);
    }
    return ok(undefined);
  },
};

function membersOf(team: Resource | undefined): ReadonlySet<string> {
  if (!isOfType(team, 'CareTeam')) return new Set();
  const keys = (team.participant ?? []).filter(isCurrent).map(memberKey);
  return new Set(keys.filter((key) => key !== undefined));
}
