import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keepInline, without, withoutLabels } from '../../../src/access/labels/inline.ts';
import { labelsIn } from '../../../src/access/labels/label.ts';
import { categoriesOf } from '../../../src/access/policy/categories.ts';
import { everythingOut } from '../../../src/access/policy/everything-out.ts';
import { redactResource } from '../../../src/access/redact/resource.ts';
import { limits } from '../../../src/base/limits.ts';
import { inlineLabelUrl, labelsOfItem, withoutParts } from '../../../src/fhir/labelled-parts.ts';

/** Labels within a record (PP-34): which parts they make, and that a new version does not lose them. */
const telling = {
  rule: { ...everythingOut, hidesVersions: false, dropsNarrative: false },
  targets: { seen: new Set<string>(), hidden: new Set<string>() },
  ...{ withoutPlaces: false, today: '2026-01-01', baseUrl: 'http://careweave.test/fhir' },
};
const act = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const inline = (...codes: string[]) => ({
  extension: codes.map((code) => ({ url: inlineLabelUrl, valueCoding: { system: act, code } })),
});
const form = (...item: object[]) => ({ resourceType: 'QuestionnaireResponse', item });
const plan = (...activity: object[]) => ({ resourceType: 'CarePlan', activity });
const keep = (before: any, after: any) => keepInline(before, after, () => true) as any;
const codesOf = (record: any) => labelsIn(record).map(({ code }) => code);

describe('PP-34 the parts of a record', () => {
  const all = (record: any) => withoutParts(record, () => true) as any;

  test('PP-34 are the smallest items around a label, however deep it stands', () => {
    const deep = form(
      { linkId: 'a', item: [{ linkId: 'a.1', answer: [{ valueString: 'x', ...inline('SEX') }] }, { linkId: 'a.2' }] },
      { linkId: 'b', answer: [{ valueString: 'y', item: [{ linkId: 'b.1', ...inline('SEX') }] }] },
    );
    expect(all(deep)).toEqual(
      form({ linkId: 'a', item: [{ linkId: 'a.2' }] }, { linkId: 'b', answer: [{ valueString: 'y' }] }),
    );
  });

  test('PP-34 take with them what is within them, what is contained for them alone, and the text about the whole', () => {
    const record = {
      ...plan(
        { reference: { reference: '#gone' }, ...inline('SEX') },
        { reference: { reference: '#stays' } },
        { reference: { reference: '#gone-too' }, ...inline('SEX') },
      ),
      text: { status: 'generated', div: '<div>all of it</div>' },
      contained: [
        { resourceType: 'Task', id: 'gone', basedOn: [{ reference: '#further' }, { reference: '#both' }] },
        { resourceType: 'Task', id: 'further' },
        { resourceType: 'Task', id: 'both' },
        { resourceType: 'Task', id: 'stays', basedOn: [{ reference: '#both' }] },
        { resourceType: 'Task', id: 'gone-too' },
      ],
    };
    const told = all(record);
    expect(told.contained.map(({ id }: any) => id)).toEqual(['both', 'stays']);
    expect(told.activity).toHaveLength(1);
    expect(told.text).toBeUndefined();
  });

  test('PP-34 are asked about one by one, those within a part that stays too, and without each other', () => {
    const record = form({ linkId: 'outer', ...inline('SEX'), item: [{ linkId: 'inner', ...inline('BH') }] });
    const asked: unknown[] = [];
    const told = withoutParts(record, (part) => {
      asked.push(JSON.stringify(part).includes('inner'));
      return JSON.stringify(part).includes('"BH"');
    });
    expect([asked, told]).toEqual([[false, true], form({ linkId: 'outer', ...inline('SEX') })]);
  });

  test('PP-34 there are none where no label is, where it is on something else, and in other types', () => {
    for (const record of [
      form({ linkId: 'a' }),
      { ...form({ linkId: 'a' }), identifier: { value: '1', ...inline('SEX') } },
      { resourceType: 'Observation', component: [inline('SEX')] },
    ])
      expect(withoutParts(record, () => true)).toBe(record);
  });

  test('PP-34 of a form of any shape nothing labelled is left, and all else is', () => {
    const item: fc.Arbitrary<any> = fc.letrec((tie) => ({
      item: fc.record(
        {
          linkId: fc.string({ minLength: 1, maxLength: 3 }),
          label: fc.boolean(),
          item: fc.array(tie('item'), { maxLength: 3, depthIdentifier: 'item' }),
        },
        { requiredKeys: ['linkId', 'label'] },
      ),
    })).item;
    let at = 0;
    const made = ({ label, item: inner, linkId }: any): any => ({
      linkId: `${linkId}-${at++}`,
      ...(label && inline('SEX')),
      ...(inner?.length > 0 && { item: inner.map(made) }),
    });
    const plain = (one: any): string[] =>
      one.extension ? [] : [one.linkId, ...(one.item ?? []).flatMap((inner: any) => plain(inner))];
    const links = (one: any): string[] => [one.linkId, ...(one.item ?? []).flatMap((inner: any) => links(inner))];
    fc.assert(
      fc.property(fc.array(item, { maxLength: 4 }), (items) => {
        const record = form(...items.map(made));
        const told = withoutParts(record, () => true) as any;
        expect((told.item ?? []).flatMap(links)).toEqual(record.item.flatMap(plain));
        expect(JSON.stringify(told)).not.toContain(inlineLabelUrl);
      }),
    );
  });
});

describe('PP-34 PP-31 a label within a record', () => {
  const secret = { linkId: 's', answer: [{ valueString: 'secret' }] };

  test('PP-34 is put back on the part that lost it: known by its id, by what it says, by its place in the form', () => {
    const before = form({ linkId: 'a' }, { ...secret, id: 'one', ...inline('SEX') });
    const changed = { ...secret, answer: [{ valueString: 'in other words' }] };
    for (const after of [
      form({ ...changed, linkId: 'moved', id: 'one' }, { linkId: 'a' }),
      form({ linkId: 'x', item: [secret] }),
      form({ linkId: 'a' }, changed),
      form(changed, changed),
    ]) {
      const kept = keep(before, after);
      expect(codesOf(kept)).toContain('SEX');
      expect(JSON.stringify(withoutParts(kept, () => true))).not.toMatch(/secret|in other words/);
    }
  });

  test('PP-34 goes to what is new beside a part that is not known again, and to nothing where it was taken out', () => {
    const before = plan(
      { detail: { description: 'swimming' } },
      { detail: { description: 'secret' }, ...inline('SEX') },
    );
    const swims = { detail: { description: 'swimming' } };
    expect(keep(before, plan(swims))).toEqual(plan(swims));
    const kept = keep(before, plan(swims, { detail: { description: 'the secret' } }));
    expect(withoutParts(kept, () => true)).toEqual(plan(swims));
  });

  test('PP-34 is not spread where the part comes back changed with its label', () => {
    const before = plan({ detail: { description: 'secret' }, ...inline('SEX') });
    const after = plan({ detail: { description: 'news' } }, { detail: { description: 'changed' }, ...inline('SEX') });
    expect(keep(before, after)).toEqual(after);
  });

  test('PP-34 that was on no part is put on the record itself', () => {
    const before = { resourceType: 'Observation', component: [inline('SEX', 'N')] };
    const kept = keepInline(before, { resourceType: 'Observation' }, ({ code }) => code === 'SEX');
    expect(kept.meta?.security).toEqual([{ system: act, code: 'SEX' }]);
    expect(keep(before, before)).toEqual(before);
    expect(keep(kept, kept)).toEqual(kept);
  });

  test('PP-34 within what is contained is put on the record, even where that has a list of the same name', () => {
    const asked = (...item: object[]) => ({
      ...form({ linkId: 'a' }),
      contained: [{ resourceType: 'Questionnaire', id: 'q', item }],
    });
    const kept = keep(asked({ linkId: 'a', ...inline('SEX') }), asked({ linkId: 'a' }));
    expect(kept.meta?.security).toEqual([{ system: act, code: 'SEX' }]);
  });

  test('PP-34 goes to the record where so many parts are new that nobody can tell which it is', () => {
    const items = (name: string, count: number, label: object) =>
      Array.from({ length: count }, (_, at) => ({ linkId: `${name}${at}`, ...label }));
    const most = limits.access.labelledParts / 100;
    const fewer = keep(form(...items('a', 100, inline('SEX'))), form(...items('b', most, {})));
    expect([fewer.meta, fewer.item.every((one: any) => one.extension)]).toEqual([undefined, true]);
    const more = keep(form(...items('a', 101, inline('SEX'))), form(...items('b', most, {})));
    expect(more).toEqual({ ...form(...items('b', most, {})), meta: { security: [{ system: act, code: 'SEX' }] } });
  });

  test('PP-34 never is lost by a version that says the same in any order, whatever it leaves out', () => {
    const items = fc.uniqueArray(
      fc.record({ linkId: fc.constantFrom('a', 'b', 'c'), says: fc.string(), label: fc.boolean() }),
      {
        selector: ({ says }) => says,
        maxLength: 6,
      },
    );
    const itemOf = ({ linkId, says, label }: any) => ({
      linkId,
      answer: [{ valueString: says }],
      ...(label && inline('SEX')),
    });
    fc.assert(
      fc.property(items, fc.infiniteStream(fc.nat()), (some, order) => {
        const before = form(...some.map(itemOf));
        const shuffled = some.map((one) => ({ one, at: order.next().value })).sort((a, b) => a.at - b.at);
        const after = form(...shuffled.map(({ one }) => without(itemOf(one)) as object));
        const labelled = (record: any) =>
          record.item.flatMap((item: any) =>
            labelsOfItem('QuestionnaireResponse', item).map(() => item.answer[0].valueString),
          );
        expect(labelled(keep(before, after)).toSorted()).toEqual(labelled(before).toSorted());
      }),
    );
  });

  test('PP-34 is taken from a primitive in a list, and what stands beside the others stays beside them', () => {
    const unit = { extension: [{ url: 'http://x.test/unit', valueString: 'B' }] };
    const address = { line: ['1 Way', 'B', 'C'], _line: [inline('SEX'), unit, null] };
    expect(without({ address: [address] })).toEqual({ address: [{ ...address, _line: [null, unit, null] }] });
    const alone = { line: ['1 Way', 'B'], _line: [inline('SEX'), null] };
    expect(without({ address: [alone] })).toEqual({ address: [{ line: ['1 Way', 'B'] }] });
    const told = redactResource({ resourceType: 'Patient', ...address, address: [address, alone] }, telling);
    expect(told).toEqual({
      resourceType: 'Patient',
      line: ['1 Way', 'B', 'C'],
      _line: [null, unit, null],
      address: [{ ...address, _line: [null, unit, null] }, { line: ['1 Way', 'B'] }],
    });
  });

  test('PP-34 PP-33 about what is said of the record is one too: it counts, is told to no family, and is taken away', () => {
    const policy = { types: new Map(), labels: new Map([[`${act}|SEX`, 1n]]), codes: new Map(), onlyAlone: 0n } as any;
    policy.questionnaires = { exact: new Map(), ends: [] };
    for (const meta of [inline('SEX'), { tag: [{ code: 't', ...inline('SEX') }] }, { _source: inline('SEX') }]) {
      const record = { resourceType: 'Basic', meta, code: { text: 'x' } };
      expect(categoriesOf(record as any, policy)).toBe(1n);
      expect(categoriesOf({ resourceType: 'Basic', contained: [record] } as any, policy)).toBe(1n);
      for (const rest of [redactResource(record, telling), withoutLabels(record as any, () => true)])
        expect(JSON.stringify(rest)).not.toContain(inlineLabelUrl);
    }
  });

  test('PP-34 is taken away wherever it stands, and nothing else', () => {
    const record = {
      ...form({ ...secret, ...inline('SEX', 'BH'), _linkId: inline('SEX') }),
      meta: { security: [{ system: act, code: 'SEX' }] },
    };
    expect(withoutLabels(record, ({ code }) => code === 'SEX')).toEqual({
      ...form({ ...secret, ...inline('BH') }),
      meta: {},
    });
  });
});
