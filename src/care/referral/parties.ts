import type { r4 } from '../../fhir/types.ts';
import type { Actor } from '../../store/types.ts';
import type { Party } from './moves.ts';

const everybody: readonly Party[] = ['requester', 'performer', 'family', 'administrator'];

/**
 * As what a partner's system acts: as those for whom it acts (dialect/partners.ts), where the Task names them, and as nobody else. It is not our
 * staff, so it decides nothing for others.
 */
export function partiesOfPartner(
  actsFor: readonly string[],
  { requester, owner }: Pick<r4.Task, 'requester' | 'owner'>,
): readonly Party[] {
  const isNamed = (one: r4.Reference | undefined) => one?.reference !== undefined && actsFor.includes(one.reference);
  const named: Party[] = [];
  if (isNamed(requester)) named.push('requester');
  if (isNamed(owner)) named.push('performer');
  return named;
}

/**
 * As what the writer acts towards this referral. A person whom the Task names acts as that alone: who asks does not answer for who was asked.
 * Other staff coordinate, and write down what a party without a door here has told them; so does a partner's system. A family withdraws. Roles and
 * colleagues: check-move.ts (`asNamed`).
 */
export function partiesOf(
  { kind, id }: Pick<Actor, 'kind' | 'id'>,
  task: Pick<r4.Task, 'requester' | 'owner'>,
): readonly Party[] {
  if (kind === 'system') return everybody;
  if (kind === 'client') return ['requester', 'performer', 'administrator'];
  const isFamily = /^(Patient|RelatedPerson|Person)\//.test(id);
  const named: Party[] = [];
  if (task.requester?.reference === id) named.push('requester');
  if (task.owner?.reference === id) named.push('performer');
  if (isFamily) return [...named, 'family'];
  return named.length > 0 ? [...named, 'administrator'] : ['requester', 'performer', 'administrator'];
}
