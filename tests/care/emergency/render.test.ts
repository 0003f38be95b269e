import { describe, expect, test } from '@jest/globals';
import { extractText, getDocumentProxy, getMeta } from 'unpdf';
import { emergencyContent } from '../../../src/care/emergency/content/content.ts';
import { emergencyHtml } from '../../../src/care/emergency/render/html.ts';
import { emergencyPdf } from '../../../src/care/emergency/render/pdf.ts';
import { columnWidth, layOut, page } from '../../../src/care/emergency/render/pdf-layout.ts';
import { linesOf } from '../../../src/care/emergency/render/pdf-text.ts';
import { languages, wordsIn } from '../../../src/care/emergency/words.ts';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import * as j from '../../journeys/support/nicu-child.ts';
import * as r from './records.ts';

const now = new Date('2026-11-23T17:00:00Z');
const words = (language: string) =>
  wordsIn(language) ??
  (() => {
    throw new Error('no words');
  })();
const said = (text: string) => ({
  extension: [{ url: 'http://careweave.org/fhir/StructureDefinition/scenario-family-words', valueString: text }],
});
function content(more: Resource[] = [], language = 'en', photo?: r4.Attachment[]) {
  const record = j.record().map((one) => (photo && one.resourceType === 'Patient' ? { ...one, photo } : one));
  const scenarios = [r.scenario('s1', j.childId, ['device-failure']), r.scenario('s2', j.childId, ['power-failure'])];
  const plan = r.emergencyPlan(j.childId, ['s1', 's2', 's3']);
  const made = emergencyContent([...j.town(), ...record, ...scenarios, plan, j.accessPlan(), ...more], {
    words: words(language),
    now,
    zone: 'America/New_York',
  });
  if (!made) throw new Error('no plan');
  return made;
}
async function read(pdf: Buffer) {
  const { text, totalPages } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: true });
  return { text: text.replace(/\s+/g, ' '), pages: totalPages };
}

describe('D6 who looks after the child', () => {
  const team = (...participant: object[]): Resource => ({
    resourceType: 'CareTeam',
    id: 'works',
    status: 'active',
    subject: { reference: `Patient/${j.childId}` },
    participant,
  });
  const linesOfTeam = (language: string, ...participant: object[]) => {
    const { sections } = content([team(...participant)], language);
    return JSON.stringify(sections.find(({ code }) => code === 'people'));
  };

  test('roles in words of ours are said in the language of the plan, or not at all: that somebody works on a Task helps nobody', () => {
    const vents = { member: { reference: 'Organization/nicu-vents' }, role: [{ text: 'Works on a referral' }] };
    const lead = {
      extension: [{ url: 'http://careweave.org/fhir/StructureDefinition/lead-coordinator', valueBoolean: true }],
      member: { reference: j.lead },
      role: [{ text: 'Lead care coordinator' }],
    };
    const stated = { member: { reference: j.emergencyDoctor }, role: [{ text: 'Terapeuta respiratoria' }] };
    const told = linesOfTeam('es', vents, lead, stated);
    expect(told).not.toMatch(/Works on|Lead care/);
    expect(told).toContain('Breathe Home Supply');
    expect(told).toContain('coordinación principal');
    expect(told).toContain('Terapeuta respiratoria');
    // Not flagged as the lead, the words are all that says it.
    expect(linesOfTeam('en', { ...lead, extension: [] })).toContain('Lead care coordinator');
  });
});

describe('S1.28 the printed plan', () => {
  test('is the same bytes for equal content, and other bytes as of another moment', async () => {
    const [one, two] = await Promise.all([emergencyPdf(content(), now), emergencyPdf(content(), now)]);
    expect(one.equals(two)).toBe(true);
    expect(one.equals(await emergencyPdf(content(), new Date('2026-11-23T17:01:00Z')))).toBe(false);
    expect(emergencyHtml(content())).toBe(emergencyHtml(content()));
  });

  test('is tagged, has its language and a title, and nobody’s name outside of its text', async () => {
    const pdf = await emergencyPdf(content([], 'es'), now);
    const raw = pdf.toString('latin1');
    expect(raw).toContain('/Marked true');
    expect(raw).toContain('/StructTreeRoot');
    expect(raw).toContain('/Lang (es)');
    expect(raw).toContain('/DisplayDocTitle true');
    const { info, metadata } = await getMeta(await getDocumentProxy(new Uint8Array(pdf)));
    expect(info.Title).toBe('Plan de emergencia');
    expect(JSON.stringify([info, metadata])).not.toMatch(/Juno|Pe.aloza/);
  });

  test('keeps the letters of families: Spanish, Vietnamese, Cyrillic, Arabic; and says where it cannot', async () => {
    const told = 'Se ahogó mañana · Khi bé tím tái, hãy gọi ngay · Когда синеет, звоните';
    const { text } = await read(
      await emergencyPdf(content([r.scenario('s3', j.childId, ['breathing'], said(told))]), now),
    );
    expect(text).toContain(told);
    expect(text).not.toContain('cannot be printed');
    const arabic = await read(
      await emergencyPdf(content([r.scenario('s3', j.childId, ['breathing'], said('اتصل بنا'))]), now),
    );
    expect(arabic.text.normalize('NFKC')).toMatch(/اتصل|لصتا/);
    expect(arabic.text).not.toContain('cannot be printed');
    const chinese = await read(
      await emergencyPdf(content([r.scenario('s3', j.childId, ['breathing'], said('打电话'))]), now),
    );
    expect(chinese.text).toContain('Some letters cannot be printed here');
    expect(chinese.text).toContain('□□□');
  });

  const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  const photographed = (photo: r4.Attachment[]) => content([], 'en', photo);

  test('S1.28 has the photo of the child when it is small, on the page and in the PDF; a broken or large one is left out', async () => {
    const older = {
      contentType: 'image/png',
      data: Buffer.from('no picture').toString('base64'),
      creation: '2026-01-01',
    };
    const given = photographed([older, { contentType: 'image/png', data: png, creation: '2025-01-01' }]);
    expect(given.child.photo).toEqual({ contentType: 'image/png', data: png });
    expect(emergencyHtml(given)).toContain(`<img alt="Photo of the child" src="data:image/png;base64,${png}" />`);
    const pdf = (await emergencyPdf(given, now)).toString('latin1');
    expect(pdf).toContain('/Subtype /Image');
    expect(pdf).toContain('/S /Figure');
    for (const data of [older.data, png + 'A'.repeat(200_000), Buffer.from('<svg onload="x"/>').toString('base64')])
      expect(photographed([{ contentType: 'image/png', data }]).child.photo).toBeUndefined();
  });

  test('S1.28 has a link as a code that a phone reads, with until when it can be read', async () => {
    const link = { uri: `shlink:/${'A'.repeat(300)}`, until: '2026-12-01', hasPasscode: true };
    const page = emergencyHtml({ ...content(), link });
    expect(page).toMatch(
      /<svg .*<\/svg>This plan as it is today, by phone: scan the code until 2026-12-01; it asks for the passcode\./s,
    );
    const { text, pages } = await read(await emergencyPdf({ ...content([], 'es'), link }, now));
    expect(text).toContain('escanee el código hasta el 2026-12-01');
    expect(pages).toBe(1);
  });

  test('cuts nothing: what does not fit goes on to a second page, which says whose it is; the first says that it goes on', async () => {
    const drugs = Array.from({ length: 60 }, (_, at) =>
      r.order(`many-${at}`, j.childId, `Drug number ${at}`, {
        dosageInstruction: [
          { text: `dose ${at} in the morning and in the evening, with food, and never with milk or juice` },
        ],
      }),
    );
    const { text, pages } = await read(await emergencyPdf(content(drugs), now));
    expect(pages).toBe(2);
    for (let at = 0; at < drugs.length; at += 1) expect(text).toContain(`Drug number ${at} (dose ${at} in the morning`);
    expect(text).toContain('CONTINUES ON THE NEXT PAGE');
    expect(text).toContain('Emergency plan · Juno Inés Peñaloza · born 2026-06-02 · continued');
    expect(text).toContain('Page 2 of 2');
    // What can kill stands before what is taken every day.
    expect(text.indexOf('NEVER:')).toBeLessThan(text.indexOf('Drug number 0'));
    expect(text.indexOf('Power failure')).toBeLessThan(text.indexOf('Drug number 0'));
  });

  test('every language has every word', () => {
    const shape = (value: unknown): unknown =>
      typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
        : typeof value;
    for (const language of languages) expect(shape(words(language))).toEqual(shape(words('en')));
    expect(wordsIn('es-MX')?.language).toBe('es');
    expect(wordsIn('xx')).toBeUndefined();
  });
});

describe('what stands in the plan', () => {
  const lines = (code: string, more: Resource[] = []) =>
    content(more).sections.find((section) => section.code === code)?.lines ?? [];
  test('D6 baseline is what is tagged so, never a vital sign of today', () => {
    expect(lines('baseline').map(({ label }) => label)).toEqual(['When well', 'Oxygen saturation']);
  });

  test('D6 a flag of privacy is nobody’s business; one of safety is', () => {
    const flag = (id: string, system: string, code: string, kind: string): Resource => ({
      resourceType: 'Flag',
      id,
      status: 'active',
      subject: j.child,
      category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/flag-category', code: kind }] }],
      code: { coding: [{ system, code }], text: code },
    });
    const flags = [
      flag('f1', 'http://careweave.org/fhir/CodeSystem/privacy-flag', 'court-restriction', 'clinical'),
      flag('f2', 'http://example.org/flags', 'no-nsaids', 'drug'),
      flag('f3', 'http://example.org/flags', 'bill-to', 'admin'),
    ];
    const text = JSON.stringify(lines('avoid', flags));
    // What to take care of is not what never to do.
    expect(text).toContain('"label":"TAKE CARE","text":"no-nsaids"');
    expect(text).not.toMatch(/court|bill/);
  });

  test('D6 two hospitals that say the same of a drug are told once; where they differ, both are', () => {
    const dose = (text: string) => ({ dosageInstruction: [{ text }] });
    const more = [
      r.order('same', j.childId, 'Budesonide 0.25 mg inhaled', dose('twice a day')),
      r.order('other', j.childId, 'Budesonide 0.25 mg inhaled', dose('once a day')),
    ];
    expect(lines('medications', more).map(({ facts }) => facts)).toEqual(
      expect.arrayContaining([['twice a day'], ['once a day']]),
    );
    expect(lines('medications', more)).toHaveLength(2);
  });

  test('D6 social needs are no business of an emergency room; what nothing is recorded for is named', () => {
    const hunger: Resource = {
      resourceType: 'Condition',
      id: 'hunger',
      subject: j.child,
      code: { text: 'Food insecurity' },
      category: [{ coding: [{ code: 'sdoh' }] }],
    };
    expect(JSON.stringify(lines('problems', [hunger]))).not.toContain('Food');
    expect(content().notRecorded).toEqual(['Treatment limits', 'What the family does, by zone']);
  });

  test('S1.29 a plan without the scenario for a new device says so', () => {
    const { standing } = content(
      [r.device('pump', j.childId, 'Feeding pump'), r.emergencyPlan(j.childId, [])].slice(0, 1),
    );
    expect(standing.missing).toEqual([]);
    const own = emergencyContent([...j.record(), r.emergencyPlan(j.childId)], { words: words('en'), now, zone: 'UTC' });
    expect(own?.standing.missing).toContain('It does not say what to do when this fails: Home ventilator');
    expect(own?.standing.isDue).toBe(true);
  });
});

describe('the layout', () => {
  const measure = (text: string) => text.length * 5;
  test('breaks lines at spaces, and a word that is wider than the column between letters', () => {
    const text = (runs: string) =>
      linesOf([{ text: runs }], 50, measure).map((line) => line.map((piece) => piece.text).join('|'));
    expect(text('one two three')).toEqual(['one two', 'three']);
    expect(text('abcdefghijklmno pq')).toEqual(['abcdefghij', 'klmno pq']);
    expect(text('  ')).toEqual([]);
  });

  test('never draws below the foot of a page, nor wider than a column, and loses no line', () => {
    const blocks = Array.from({ length: 400 }, (_, at) => ({
      kind: at % 9 === 0 ? ('heading' as const) : ('item' as const),
      depth: at % 2,
      runs: [{ text: `line ${at} `.repeat(1 + (at % 7)) }],
    }));
    const layout = layOut(blocks, (size) => (text) => text.length * size * 0.5, { first: 150, other: 54 });
    expect(layout.pages).toBeGreaterThan(1);
    expect(new Set(layout.spots.map(({ block }) => block)).size).toBe(blocks.length);
    for (const { y, height, x, pieces } of layout.spots) {
      expect(y + height).toBeLessThanOrEqual(page.height - page.margin - page.footer);
      const right = Math.max(...pieces.map((piece) => x + piece.x + piece.text.length * layout.size * 0.5));
      expect(right).toBeLessThanOrEqual(
        x < page.width / 2 ? page.margin + columnWidth + 0.01 : page.width - page.margin + 0.01,
      );
    }
  });
});
