import { visibilityOf } from '../../access/decide.ts';
import type { Principal } from '../../access/types.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { OperationRequest } from '../../module.ts';
import { isStaff } from '../is-staff.ts';

/**
 * The id of the child that the caller asks about. Putting records together is the care team's: for whoever does not see the child, is no member
 * of staff, or may not change this child's plan, there is no such child.
 */
export async function askedChild({ principal, store, parameters }: OperationRequest): Promise<Result<string>> {
  const asked = parameters.text('patient');
  const id = /^(?:Patient\/)?([A-Za-z0-9.-]{1,64})$/.exec(asked ?? '')?.[1];
  if (id === undefined) {
    return fail('invalid', 'patient names the child, as Patient/id.', {
      code: asked === undefined ? 'required' : 'value',
    });
  }
  const child = await store.read('Patient', id);
  const isSeen = child && !child.deleted && (await store.sees(visibilityOf(principal, 'r'), child));
  return isSeen && isStaff(principal) && mayChangePlan(principal, id)
    ? ok(id)
    : fail('not-found', 'There is no such child here.');
}

function mayChangePlan(principal: Principal, patientId: string): boolean {
  const changes = visibilityOf(principal, 'u');
  return (
    changes.kind === 'all' ||
    changes.grants.some(
      ({ types, patients, except }) =>
        (types === 'any' || types.has('CarePlan')) &&
        (patients === undefined || patients.includes(patientId)) &&
        except?.includes(patientId) !== true,
    )
  );
}
