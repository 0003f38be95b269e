/** What one client sends, one transaction after the other, and what it knows of them. */
export interface Lane {
  name: string;
  /** Sent, whether answered or not: the last one may be there or not. */
  sent: string[];
  answered: string[];
}

export const system = 'http://atomic.example';

/**
 * One transaction in all its kinds of change: a child, a plan and an observation are made, the lane's two shared records get a new
 * mark, the plan of the transaction before is deleted, and one resource is made only if it is not there.
 */
export function transactionOf(lane: Lane, mark: string, before: string | undefined): object {
  const put = (resource: { resourceType: string; id: string }) => ({
    fullUrl: `http://atomic.example/${resource.resourceType}/${resource.id}`,
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  });
  const identifier = [{ system, value: mark }];
  const subject = { reference: `Patient/${mark}` };
  const shared = (id: string) => put(withFields('Basic', id, { code: { text: mark }, identifier }));
  const observation = { status: 'final', code: { text: 'x' }, subject, effectiveDateTime: '2026-01-01', identifier };
  const entry: object[] = [
    put(withFields('Patient', mark, { identifier, name: [{ family: mark }] })),
    put(withFields('CarePlan', mark, { status: 'active', intent: 'plan', subject, identifier })),
    put(withFields('Observation', mark, observation)),
    shared(`${lane.name}-one`),
    shared(`${lane.name}-two`),
    {
      resource: { resourceType: 'Group', type: 'person', actual: true, identifier: [{ system, value: lane.name }] },
      request: { method: 'POST', url: 'Group', ifNoneExist: `identifier=${system}|${lane.name}` },
    },
  ];
  if (before !== undefined) entry.push({ request: { method: 'DELETE', url: `CarePlan/${before}` } });
  return { resourceType: 'Bundle', type: 'transaction', entry };
}

function withFields(resourceType: string, id: string, fields: object) {
  return { resourceType, id, ...fields };
}
