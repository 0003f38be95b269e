import { may, visibilityOf } from '../../access/decide.ts';
import type { Interaction, Principal } from '../../access/types.ts';
import type { WebOrigins } from '../../auth/origins.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { Store, Visibility } from '../../store/types.ts';
import type { StatePlace } from './state-content.ts';

export interface UseParts {
  store: Store;
  origins: WebOrigins;
}

/**
 * May this principal do this with the state of this code and subject, and in which circle is it kept (SC-174)? An app has the codes that
 * were registered for it, or those whose system is one of its own web origins. What is about a child is kept among staff, or by one person of the family for themselves: what
 * one guardian's app keeps is nothing to another's (PP-07). What is about nobody is read by all users of the app and written by machines.
 * Errors: `forbidden`, the same whether there is such a state or not.
 */
export async function mayUse(
  principal: Principal,
  { code, subject }: StatePlace,
  interaction: Interaction,
  { store, origins }: UseParts,
): Promise<Result<string>> {
  const scopes = principal.scopes.filter(({ having = [] }) =>
    having.every(
      ({ param, anyOf }) =>
        param === 'code' &&
        anyOf.some((token) => token.code === code.code && (token.system === undefined || token.system === code.system)),
    ),
  );
  if (!may({ ...principal, scopes }, 'Basic', interaction)) return refused('The scopes do not allow this App State.');
  if (!(await isOfApp(principal.clientId, code, origins)))
    return refused('The code of an App State is one that the app has registered, or under its web origin.');
  if (subject === undefined) {
    const isWrite = interaction !== 'r' && interaction !== 's';
    return isWrite && principal.kind === 'user' ? refused('App State of nobody is written by machines.') : ok('all');
  }
  const isFamily = principal.kind === 'user' && !/^Practitioner\//.test(principal.fhirUser ?? '');
  // patient/ scopes are about the child of the launch alone.
  const levels = new Set(scopes.map(({ level }) => level));
  if (principal.kind === 'user' && subject === principal.fhirUser && levels.has('user')) return ok(subject);
  const [type = '', id = ''] = subject.split('/');
  if (type !== 'Patient') return refused('App State is about a patient or about who keeps it.');
  if (principal.patientId !== undefined && principal.patientId !== id)
    return refused('The token is for another patient.');
  if (!(await store.readSeen('Patient', id, patientsSeen(principal))))
    return refused('The token is for another patient.');
  return ok(isFamily ? (principal.fhirUser ?? '') : 'staff');
}

/** A code that was registered for the app; where none was, its system is one of the app's web origins. */
async function isOfApp(clientId: string, { system, code }: StatePlace['code'], origins: WebOrigins): Promise<boolean> {
  const registered = await origins.stateCodes(clientId);
  return registered.size > 0 ? registered.has(`${system}|${code}`) : (await origins.ofClient(clientId)).has(system);
}

/** The patients that the privacy policy leaves; a machine's are those of its scopes. */
function patientsSeen(principal: Principal): Visibility {
  const { kind, view } = principal;
  if (view === undefined) return kind === 'user' ? { kind: 'limited', grants: [] } : visibilityOf(principal, 'r');
  return { kind: 'limited', grants: view.grants };
}

function refused(text: string) {
  return fail('forbidden', text);
}
