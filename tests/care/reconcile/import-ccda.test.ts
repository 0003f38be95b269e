import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../../support/house.ts';

const xml = readFileSync(join(import.meta.dirname, '../../../fixtures/ccda/care-plan.xml'), 'utf8');
const subject = { reference: 'Patient/marigold' };

let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse();
  const child = (id: string, family: string, birthDate?: string) =>
    house.fhir('PUT', `/Patient/${id}`, {
      resourceType: 'Patient',
      id,
      name: [{ family, given: ['Marigold'] }],
      ...(birthDate && { birthDate }),
    });
  await child('marigold', 'Testerson', '2017-04-12');
  await child('older', 'Testerson', '2016-04-12');
  await child('unborn', 'Testerson');
  await house.fhir('PUT', '/Patient/other', {
    ...{ resourceType: 'Patient', id: 'other', birthDate: '2017-04-12', name: [{ family: 'Sample', given: ['Juno'] }] },
  });
});
afterAll(() => house.shut());

const binary = (text: string, contentType = 'text/xml') => ({
  resourceType: 'Binary',
  contentType,
  data: Buffer.from(text).toString('base64'),
});
const send = (text: string, patient = 'Patient/marigold', contentType?: string) =>
  house.fhir('POST', `/CarePlan/$import?patient=${patient}`, binary(text, contentType));
const partsOf = ({ json }: { json: any }) => json.parameter[0].part as any[];
const of = (answer: { json: any }, name: string) => partsOf(answer).filter((one) => one.name === name);
const read = async (reference: string) => (await house.fhir('GET', `/${reference.split('/_history')[0]}`)).json;
async function counts() {
  const types = ['CarePlan', 'Task', 'ServiceRequest', 'Goal', 'Condition', 'DocumentReference', 'Provenance'];
  return Promise.all(types.map(async (type) => (await house.fhir('GET', `/${type}?_summary=count`)).json.total));
}

describe('CarePlan/$import of a C-CDA document', () => {
  const entity = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>';
  const bomb = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';
  test.each<[string, string, string | undefined, string | undefined, number]>([
    ['that is no XML', 'a plan', undefined, undefined, 400],
    ['that breaks off', xml.slice(0, 4000), undefined, undefined, 400],
    ['with a document type', xml.replace('<ClinicalDocument', `${entity}<ClinicalDocument`), undefined, undefined, 400],
    [
      'with entities in entities',
      xml.replace('<ClinicalDocument', `${bomb}<ClinicalDocument`),
      undefined,
      undefined,
      400,
    ],
    ['with an entity that nobody declared', xml.replace('Marigold', '&x;'), undefined, undefined, 400],
    ['nested too deep', `${'<a>'.repeat(500)}${'</a>'.repeat(500)}`, undefined, undefined, 400],
    ['of another standard', '<Bundle xmlns="http://hl7.org/fhir"/>', undefined, undefined, 400],
    ['in another encoding', xml.replace('encoding="UTF-8"', 'encoding="UTF-16"'), undefined, undefined, 400],
    ['of another content type', xml, undefined, 'application/pdf', 400],
    ['without the child', xml, '', undefined, 400],
    ['for a child who is not here', xml, 'Patient/never-was', undefined, 404],
    ['about a child born on another day', xml, 'Patient/older', undefined, 422],
    ['about a child of another name', xml, 'Patient/other', undefined, 422],
    ['for a child whose birth date nobody knows', xml, 'Patient/unborn', undefined, 422],
  ])('refuses one %s and writes nothing', async (_name, text, patient, type, status) => {
    const before = await counts();
    const answer = await send(text, patient, type);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toMatch(/Marigold|Testerson|passwd/);
    expect(await counts()).toEqual(before);
  });

  test('S4.27 a C-CDA Care Plan becomes a plan with its concerns, goals, interventions and outcomes, and passes our profile', async () => {
    const answer = await send(xml);
    expect({ status: answer.status, issue: answer.json.issue }).toEqual({ status: 200 });
    expect(of(answer, 'missing')).toEqual([]);
    expect(of(answer, 'conforms')[0].valueBoolean).toBe(true);
    const plan = await read(of(answer, 'plan')[0].valueReference.reference);
    expect(plan).toMatchObject({
      meta: { profile: ['http://careweave.org/fhir/StructureDefinition/imported-plan'] },
      status: 'active',
      title: 'Care plan of the Alder Falls asthma program',
      created: '2025-03-10T09:30:00-05:00',
      period: { start: '2025-03-01' },
      author: { display: 'Odette Fictional RN' },
      subject,
    });
    const [records, activities] = await Promise.all(
      (['record', 'activity'] as const).map((name) =>
        Promise.all(of(answer, name).map(({ valueReference }) => read(valueReference.reference))),
      ),
    );
    const ofType = (type: string) => (records as any[]).filter(({ resourceType }) => resourceType === type);
    const reference = ({ resourceType, id }: any) => `${resourceType}/${id}`;
    const [asthma, concern] = ofType('Condition');
    expect(ofType('Condition')).toHaveLength(2);
    expect(asthma).toMatchObject({
      code: {
        text: 'Moderate asthma & allergic rhinitis',
        coding: [
          { system: 'http://snomed.info/sct', code: '195967001' },
          { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'J45.40' },
        ],
      },
      clinicalStatus: { coding: [{ code: 'active' }] },
      verificationStatus: { coding: [{ code: 'unconfirmed' }] },
      onsetDateTime: '2021-06-01',
    });
    expect(concern.code).toEqual({ text: 'Misses school because of coughing at night' });
    expect(plan.addresses).toEqual([{ reference: reference(concern) }, { reference: reference(asthma) }]);
    const [sleep, flow] = ofType('Goal');
    expect(sleep).toMatchObject({
      description: { text: 'I want to sleep through the night and play soccer' },
      expressedBy: subject,
      addresses: [{ reference: reference(concern) }],
      startDate: '2025-03-10',
    });
    const [outcome] = ofType('Observation');
    expect(flow).toMatchObject({
      target: [{ detailRange: { low: { value: 220, code: 'L/min' } }, dueDate: '2025-09-01' }],
      achievementStatus: { coding: [{ code: 'in-progress' }] },
      statusDate: '2025-04-10',
      outcomeReference: [{ reference: reference(outcome) }],
    });
    expect(outcome).toMatchObject({ valueQuantity: { value: 195, code: 'L/min' }, effectiveDateTime: '2025-04-10' });
    const [teach, visit] = activities as any[];
    expect(teach).toMatchObject({
      resourceType: 'Task',
      description: 'Teach the spacer at school',
      extension: [{ valueReference: { reference: reference(sleep) } }],
    });
    expect(visit).toMatchObject({ resourceType: 'ServiceRequest', performer: [{ display: 'Basil Invented' }] });
    expect(ofType('AllergyIntolerance')).toMatchObject([
      {
        category: ['food'],
        code: { coding: [{ code: '762952008' }] },
        reaction: [{ severity: 'severe', manifestation: [{ text: 'Hives' }] }],
      },
    ]);
    expect(ofType('MedicationStatement')).toMatchObject([
      {
        status: 'active',
        dosage: [
          {
            text: 'Two puffs every 12 hours with the spacer',
            timing: { repeat: { frequency: 1, period: 12, periodUnit: 'h' } },
            doseAndRate: [{ doseQuantity: { value: 2 } }],
          },
        ],
      },
    ]);
    expect(ofType('CareTeam')).toMatchObject([
      {
        status: 'proposed',
        participant: [{ role: [{ text: 'Primary care physician' }], member: { display: 'Basil Invented' } }],
      },
    ]);
    expect(of(answer, 'left-out').map(({ valueString }) => valueString)).toEqual([
      'A problem is said not to be there; that stays in the original.',
      'A medicine is said not to be taken; that stays in the original.',
      'The section 8716-3 has only words, which stay in the original.',
      'A member of the team has no role.',
    ]);
    const all = JSON.stringify([plan, records, activities]);
    for (const negated of ['73211009', '"5640"']) expect(all).not.toContain(negated);
  });

  test('S4.27 keeps the document as it came, restricted, with a Provenance that leads to it from everything', async () => {
    const text = xml.replace('plan-17', 'plan-18');
    const answer = await send(text);
    const document = await read(of(answer, 'document')[0].valueReference.reference);
    expect(Buffer.from(document.content[0].attachment.data, 'base64').toString()).toBe(text);
    expect(document).toMatchObject({ subject, meta: { security: [{ code: 'R' }] } });
    for (const name of ['plan', 'activity', 'record']) {
      const target = of(answer, name)[0].valueReference.reference.split('/_history')[0];
      const { json } = await house.fhir('GET', `/Provenance?target=${target}`);
      expect(json.entry).toHaveLength(1);
      expect(json.entry[0].resource.entity[0]).toMatchObject({
        role: 'source',
        what: { reference: `DocumentReference/${document.id}` },
      });
    }
  });

  test('S4.27 lists what is missing of our profile, and makes nothing up', async () => {
    const bare = xml
      .replace('plan-17', 'plan-19')
      .replace(/<author>[\s\S]*?<\/author>/, '')
      .replace(/<documentationOf>[\s\S]*<\/documentationOf>/, '')
      .replace(
        /<component><section><templateId root="2.16.840.1.113883.10.20.22.2.60"[\s\S]*?<\/section><\/component>/,
        '',
      );
    const answer = await send(bare);
    expect(answer.status).toBe(200);
    expect(of(answer, 'conforms')[0].valueBoolean).toBe(false);
    const missing = of(answer, 'missing').map(({ valueString }) => valueString);
    for (const element of ['period', 'author', 'goal']) expect(missing.join('\n')).toContain(`CarePlan.${element}`);
    expect(missing).toHaveLength(3);
    expect((await read(of(answer, 'plan')[0].valueReference.reference)).meta.profile).toBeUndefined();
  });

  test('a restricted document restricts all that came with it', async () => {
    const answer = await send(
      xml.replace('plan-17', 'plan-20').replace('confidentialityCode code="N"', 'confidentialityCode code="R"'),
    );
    const plan = await read(of(answer, 'plan')[0].valueReference.reference);
    expect(plan.meta.security).toMatchObject([{ code: 'R' }]);
  });

  test('the same document twice is refused, also at once', async () => {
    const text = xml.replace('plan-17', 'plan-21');
    const answers = await Promise.all([send(text), send(text), send(text)]);
    expect(answers.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(1);
    expect((await send(text)).status).toBe(409);
    const { json } = await house.fhir('GET', '/CarePlan?identifier=plan-21&_summary=count');
    expect(json.total).toBe(1);
  });
});

describe('immunizations, vital signs and results of a C-CDA document', () => {
  const cvx = 'codeSystem="2.16.840.1.113883.12.292"';
  const loinc = 'codeSystem="2.16.840.1.113883.6.1"';
  const section = (code: string, title: string, ...entries: string[]) =>
    `<component><section><code code="${code}" ${loinc}/><title>${title}</title><text/>${entries.map((one) => `<entry>${one}</entry>`).join('')}</section></component>`;
  const product = (code: string) =>
    `<consumable><manufacturedProduct><manufacturedMaterial>${code}<lotNumberText>L-1</lotNumberText></manufacturedMaterial></manufacturedProduct></consumable>`;
  const vaccine = (code: string, day: string, more = '', attributes = 'moodCode="EVN"') =>
    `<substanceAdministration classCode="SBADM" ${attributes}><templateId root="2.16.840.1.113883.10.20.22.4.52"/><statusCode code="completed"/>${day && `<effectiveTime value="${day}"/>`}${product(code)}${more}</substanceAdministration>`;
  const mmr = `<code code="03" ${cvx} displayName="MMR"/>`;
  const refused = `<entryRelationship typeCode="RSON"><observation classCode="OBS" moodCode="EVN"><templateId root="2.16.840.1.113883.10.20.22.4.53"/><code code="PATOBJ" codeSystem="2.16.840.1.113883.5.8"/></observation></entryRelationship>`;
  const found = (code: string, value: string, more = '', attributes = '') =>
    `<component><observation classCode="OBS" moodCode="EVN"${attributes}><code code="${code}" ${loinc}/><statusCode code="completed"/>${value}${more}</observation></component>`;
  const panel = (time: string, ...parts: string[]) =>
    `<organizer classCode="CLUSTER" moodCode="EVN"><statusCode code="completed"/>${time && `<effectiveTime value="${time}"/>`}${parts.join('')}</organizer>`;
  const kilos = '<value xsi:type="PQ" value="24.5" unit="kg"/>';
  const with3 = (number: string, immunizations: string[], vitals: string[], results: string[]) =>
    xml
      .replace('plan-17', number)
      .replace(
        /<component><section><code code="8716-3"[\s\S]*?<\/section><\/component>/,
        section('11369-6', 'Immunizations', ...immunizations) +
          section('8716-3', 'Vital signs', ...vitals) +
          section('30954-2', 'Results', ...results),
      );
  const recordsOf = async (answer: { json: any }, type: string) => {
    const all = await Promise.all(of(answer, 'record').map(({ valueReference }) => read(valueReference.reference)));
    return all.filter(
      ({ resourceType, category }: any) => resourceType === type && (type !== 'Observation' || category),
    );
  };
  const leftOut = (answer: { json: any }) => of(answer, 'left-out').map(({ valueString }) => valueString);

  test('S4.27 what says too little, is only planned or negated makes no record, and is told', async () => {
    const odd = with3(
      'plan-30',
      [
        vaccine(mmr, ''),
        vaccine('<code nullFlavor="UNK"/>', '20180412'),
        vaccine(mmr, '20270412', '', 'moodCode="INT"'),
        '<act classCode="ACT" moodCode="EVN"/>',
      ],
      [
        panel('20250310'),
        panel('', found('29463-7', kilos)),
        panel('20250310', found('29463-7', '<value xsi:type="PQ" nullFlavor="UNK"/>')),
      ],
      [panel('20250310', found('718-7', kilos, '', ' negationInd="true"'))],
    );
    const answer = await send(odd);
    expect({ status: answer.status, issue: answer.json.issue }).toEqual({ status: 200 });
    expect(await recordsOf(answer, 'Immunization')).toEqual([]);
    expect(await recordsOf(answer, 'Observation')).toEqual([]);
    expect(leftOut(answer)).toEqual(
      expect.arrayContaining([
        'An immunization does not say which, when, or whether it was given. (2 times)',
        'An immunization is planned and not given; it stays in the original.',
        'An immunization is told in a way that is not read.',
        'A measurement has no observation that says what was found.',
        'A measurement does not say what was found, when, or that it was completed. (2 times)',
        'A measurement is negated; it stays in the original.',
      ]),
    );
  });

  test('S4.27 the rest becomes records of the child; a second document brings none of them twice', async () => {
    const range = `<interpretationCode code="L" codeSystem="2.16.840.1.113883.5.83"/><referenceRange><observationRange><value xsi:type="IVL_PQ"><low value="11.5" unit="g/dL"/><high value="15.5" unit="g/dL"/></value></observationRange></referenceRange>`;
    const text = (number: string, more: string[] = []) =>
      with3(
        number,
        [vaccine(mmr, '20180412'), vaccine(mmr, '20210412', refused, 'moodCode="EVN" negationInd="true"'), ...more],
        [
          panel(
            '202503101430-0500',
            found('29463-7', kilos),
            found('8302-2', '<value xsi:type="PQ" value="121" unit="cm"/>'),
          ),
        ],
        [panel('20250312', found('718-7', '<value xsi:type="PQ" value="10.9" unit="g/dL"/>', range))],
      );
    const answer = await send(text('plan-31'));
    expect({ status: answer.status, issue: answer.json.issue }).toEqual({ status: 200 });
    expect(await recordsOf(answer, 'Immunization')).toMatchObject([
      {
        status: 'completed',
        vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '03' }] },
        ...{ patient: subject, occurrenceDateTime: '2018-04-12', primarySource: false, lotNumber: 'L-1' },
      },
      { status: 'not-done', occurrenceDateTime: '2021-04-12', statusReason: { coding: [{ code: 'PATOBJ' }] } },
    ]);
    expect(await recordsOf(answer, 'Observation')).toMatchObject([
      {
        category: [{ coding: [{ code: 'vital-signs' }] }],
        code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
        effectiveDateTime: '2025-03-10T14:30:00-05:00',
        valueQuantity: { value: 24.5, code: 'kg' },
      },
      { code: { coding: [{ code: '8302-2' }] }, valueQuantity: { value: 121, code: 'cm' } },
      {
        category: [{ coding: [{ code: 'laboratory' }] }],
        effectiveDateTime: '2025-03-12',
        interpretation: [{ coding: [{ code: 'L' }] }],
        referenceRange: [{ low: { value: 11.5, code: 'g/dL' }, high: { value: 15.5 } }],
      },
    ]);
    const again = await send(text('plan-32', [vaccine(mmr, '20220412')]));
    expect((await recordsOf(again, 'Immunization')).map(({ occurrenceDateTime }: any) => occurrenceDateTime)).toEqual([
      '2022-04-12',
    ]);
    expect(await recordsOf(again, 'Observation')).toEqual([]);
    expect(leftOut(again)).toContain(
      'An immunization or a measurement that the record has already was not taken over again (5 times).',
    );
  });

  test('the original is restricted as long as something of it was not read; then it has the labels of what it says', async () => {
    const readable = (number: string, code: string) =>
      `<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><templateId root="2.16.840.1.113883.10.20.22.1.15"/><id root="2.16.840.1.113883.19.5" extension="${number}"/><code code="52521-2" ${loinc}/><title>Plan</title><effectiveTime value="20250310"/><confidentialityCode code="N"/><recordTarget><patientRole><id root="2.16.840.1.113883.19.5" extension="1"/><patient><name><given>Marigold</given><family>Testerson</family></name><birthTime value="20170412"/></patient></patientRole></recordTarget><component><structuredBody>${section('30954-2', 'Results', panel('20250312', found(code, '<value xsi:type="PQ" value="1" unit="mg/dL"/>')))}</structuredBody></component></ClinicalDocument>`;
    const labels = async (text: string) => {
      const answer = await send(text);
      expect({ status: answer.status, left: leftOut(answer) }).toEqual({ status: 200, left: [] });
      const document = await read(of(answer, 'document')[0].valueReference.reference);
      return document.meta.security?.map((one: any) => one.code);
    };
    expect(await labels(readable('plan-40', '718-7'))).toBeUndefined();
    expect(await labels(readable('plan-41', '3427-2'))).toEqual(['SUD']);
    // People read the words: one that no record says, and nobody knows what it tells.
    const words = (said: string) => readable('plan-42', '2345-7').replace('<text/>', `<text>${said}</text>`);
    expect(await labels(words('Value 1 mg/dL after a quarrel at home'))).toEqual(['R']);
    // A short one is an abbreviation.
    expect(
      await labels(words('Value 1 mg/dL, SI').replace('plan-42', 'plan-44').replace('20250312', '20250314')),
    ).toEqual(['R']);
    expect(
      await labels(words('Result: value 1 mg/dL').replace('plan-42', 'plan-43').replace('20250312', '20250313')),
    ).toBeUndefined();
  });
});
