import type { CanonicalState } from '../../../../src/care/referral/canonical-state.ts';
import { stateOf, statusFor } from '../../../../src/care/referral/canonical-state.ts';
import type { PrivacyAnswer } from '../../../access/support/privacy-house.ts';
import type { Family } from '../../proposal/support/family.ts';

const fulfill = { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] };
export const shared = { tag: [{ system: 'http://careweave.org/fhir/CodeSystem/sharing', code: 'family-shared' }] };

/** Referrals of a family's child: from the doctor to a specialist, told to the family. Everybody asks through the public API. */
export function referring(at: Family) {
  const specialist = `${at.doctor}-specialist`;
  const post = async (type: string, body: object): Promise<string> => {
    const made = await at.house.as(at.doctor, 'POST', `/${type}`, { resourceType: type, ...body });
    if (made.status !== 201) throw new Error(made.text);
    return made.json.id;
  };
  const refer = async ({
    owner = specialist,
    task = {},
    request = {},
  }: {
    owner?: string;
    task?: object;
    request?: object;
  } = {}): Promise<string> => {
    const [subject, requester] = [{ reference: at.child }, { reference: at.doctor }];
    const wanted = { status: 'active', intent: 'order', subject, requester, code: { text: 'Cardiology' }, ...request };
    const requestId = await post('ServiceRequest', wanted);
    return post('Task', {
      ...{ meta: shared, intent: 'order', code: fulfill, for: subject, requester, owner: { reference: owner } },
      ...{ focus: { reference: `ServiceRequest/${requestId}` }, authoredOn: '2026-11-20', ...statusFor('sent') },
      ...task,
    });
  };
  const move = async (who: string, id: string, state: CanonicalState, more: object = {}): Promise<PrivacyAnswer> => {
    const { businessStatus: _was, ...task } = (await at.house.as(who, 'GET', `/Task/${id}`)).json;
    return at.house.as(who, 'PUT', `/Task/${id}`, { ...task, ...statusFor(state), ...more });
  };
  const state = async (id: string) => stateOf(await at.read(`Task/${id}`));
  /** Tasks about a referral: questions, and what tells of a delay. */
  const about = async (id: string): Promise<any[]> =>
    ((await at.read(`Task?focus=Task/${id}&_sort=_lastUpdated`)).entry ?? []).map(({ resource }: any) => resource);
  const messages = async (who: string, id: string): Promise<any[]> =>
    ((await at.house.as(who, 'GET', `/Communication?part-of=Task/${id}`)).json.entry ?? []).map(
      ({ resource }: any) => resource,
    );
  return { specialist, refer, move, state, about, messages };
}

export const text = ({ json }: { json: any }): string =>
  json?.issue?.[0]?.diagnostics ?? json?.issue?.[0]?.details?.text ?? '';
