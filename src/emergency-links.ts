import type { Redactor } from './access/redact/redactor.ts';
import { toldOne } from './access/redact/told-each.ts';
import type { Principal } from './access/types.ts';
import { asPerson } from './as-person.ts';
import type { Clock } from './base/clock.ts';
import { fail, ok } from './base/errors.ts';
import { createOpenLinks, type OpenLinks } from './care/emergency/link/open-link.ts';
import type { Operation } from './module.ts';
import type { Store } from './store/types.ts';

interface LinkHouse {
  store: Store;
  clock: Clock;
  access: { admit(principal: Principal): Promise<Principal> };
  redactor: Redactor;
}

/** Who follows a health link is told the emergency plan as its maker would be told it now, through the same doors. */
export function emergencyLinks(
  { store, clock, access, redactor }: LinkHouse,
  operations: readonly Operation[],
): OpenLinks {
  const plan = operations.find(({ name }) => name === 'emergency-plan');
  return createOpenLinks({
    store,
    clock,
    planFor: async ({ person, patientId, language, requestId }) => {
      const principal = await access.admit(asPerson(person));
      const only = (name: string) => (name === 'language' ? [language] : []);
      const parameters = { text: (name: string) => only(name)[0], texts: only, resource: () => undefined };
      const answer = await plan?.handle({ principal, store, id: patientId, parameters, requestId });
      if (!answer?.ok) return answer ?? fail('not-found', 'There is no such emergency plan here.');
      return ok(await toldOne(redactor, principal, answer.value));
    },
  });
}
