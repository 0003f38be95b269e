import type { Access } from './access/access.ts';
import { visibilityOf } from './access/decide.ts';
import { bandForOthers } from './access/policy/age.ts';
import type { Directory } from './auth/launch-context/directory.ts';
import type { AuthDeps, Granted } from './auth/types.ts';
import type { Clock } from './base/clock.ts';
import type { Store } from './store/types.ts';

interface Parts {
  store: Store;
  directory: Directory;
  access: Pick<Access, 'admit' | 'policy'>;
  clock: Clock;
}

/** What the authorization server asks about a grant when it gives a token for it: the one access decision answers, by today's facts. */
export function grantHolds(parts: Parts): Required<Pick<AuthDeps, 'stillHolds' | 'mayKnow'>> {
  return {
    /**
     * SC-104: the person may still see the child, and the child is of the age at which it was granted. On the birthday that changes what
     * others may see, what was granted before it ends; whoever has a right after it grants anew (PP-04).
     */
    async stillHolds(grant) {
      const { patientId, fhirUser } = grant;
      if (patientId === undefined) return true;
      const child = await parts.directory.patient(fhirUser, patientId);
      if (!child) return false;
      const own = fhirUser.startsWith('Practitioner/') || fhirUser === `Patient/${patientId}`;
      return own || (await isOfSameAge(child.birthDate, grant, parts));
    },
    /** SC-075: may be read by this person at all. */
    async mayKnow({ fhirUser, clientId }, reference) {
      const [type, id] = reference.split('/');
      if (type === undefined || id === undefined) return false;
      const scopes = [{ level: 'user', type: '*', interactions: new Set(['r'] as const) }] as const;
      const principal = await parts.access.admit({ kind: 'user', id: fhirUser, clientId, scopes, fhirUser });
      const stored = await parts.store.readSeen(type, id, visibilityOf(principal, 'r'));
      return stored !== undefined && !stored.deleted;
    },
  };
}

async function isOfSameAge(birthDate: string | undefined, grant: Granted, { access, clock }: Parts): Promise<boolean> {
  const policy = await access.policy.get();
  if (!policy) return false;
  const bandAt = (time: Date) => bandForOthers(birthDate, policy.document, time);
  return bandAt(grant.grantedAt) === bandAt(clock.now());
}
