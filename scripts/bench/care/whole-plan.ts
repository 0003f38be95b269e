const base = 'http://careweave.org/fhir';

/**
 * Puts everything on one child's plan that the sections can hold and the demo town lacks: wishes, component plans, equipment, papers, a review with a copy.
 * Answers the plan's id.
 */
export async function wholePlan({ url, token }: { url: string; token: string }, childId: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
  const send = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${url}/fhir${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return JSON.parse(text);
  };
  const found = await send('GET', `/CarePlan?patient=${childId}&category=shared-plan-of-care&status=active`);
  const planId: string = found.entry[0].resource.id;
  const subject = { reference: `Patient/${childId}` };
  const mother = { reference: `RelatedPerson/${childId}-mother` };
  const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
  const kind = (code: string) => [{ coding: [{ system: `${base}/CodeSystem/careplan-category`, code }] }];
  const wish = (code: string, valueString: string) => ({
    resourceType: 'Observation',
    status: 'final',
    code: loinc(code),
    subject,
    performer: [mother],
    effectiveDateTime: '2026-11-20',
    valueString,
  });
  const component = (code: string, title: string) => ({
    resourceType: 'CarePlan',
    status: 'active',
    intent: 'plan',
    title,
    category: kind(code),
    subject,
    partOf: [{ reference: `CarePlan/${planId}` }],
    period: { start: '2026-11-20' },
  });
  const made = [
    wish('95541-9', 'Tell him before you touch the tube'),
    wish('81360-0', 'He likes trains and hates beeping'),
    wish('81362-6', 'Hold his left hand'),
    component('school', 'School plan'),
    component('home-care', 'Home nursing plan'),
    component('condition-module', 'Ventilation'),
    {
      resourceType: 'DeviceRequest',
      status: 'active',
      intent: 'order',
      codeCodeableConcept: { text: 'Suction machine' },
      subject,
      occurrencePeriod: { start: '2026-06-01', end: '2027-05-31' },
    },
    {
      resourceType: 'DocumentReference',
      status: 'current',
      type: { text: 'Advance care plan' },
      subject,
      date: '2026-09-01T10:00:00Z',
      content: [{ attachment: { contentType: 'application/pdf', title: 'Advance care plan' } }],
    },
  ];
  const entry = made.map((resource) => ({ resource, request: { method: 'POST', url: resource.resourceType } }));
  await send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  const named = (name: string) => ({ name, valueReference: mother });
  const parameter = [named('agreed'), named('copyTo')];
  await send('POST', `/CarePlan/${planId}/$review`, { resourceType: 'Parameters', parameter });
  return planId;
}
