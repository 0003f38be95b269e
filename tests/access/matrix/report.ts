import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Moment } from '../support/privacy-house.ts';
import { type Persona, typeOf } from './persona.ts';
import type { Ledger } from './run.ts';

interface PolicyClass {
  grants: { types: 'any' | string[]; having?: unknown[] }[];
  without?: string[];
  hides: 'all' | string[];
  opens?: string[];
}

interface PolicyFile {
  version: string;
  effective: string;
  thresholds: { limited: number; adult: number };
  classes: Record<string, PolicyClass>;
}

function policyFile(): PolicyFile {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../../profiles/privacy/default.json'), 'utf8'));
}

/** The matrix as a privacy officer reads it: what was asked, whether anything was wrong, and who sees what of each invented child. */
export function reportOf(personas: readonly Persona[], ledger: Ledger, at: string): string {
  const policy = policyFile();
  const leaks = ledger.wrong.filter(({ verdict }) => verdict === 'leak').length;
  const lines = [
    '# Who sees what',
    '',
    `Policy ${policy.version}, in force from ${policy.effective}; limited access from ${policy.thresholds.limited}, adult at ${policy.thresholds.adult}. Made ${at}. Every person in it is invented.`,
    '',
    `**${ledger.combinations.toLocaleString('en')} combinations** of viewer, path and record were asked of a running server: **${leaks} leaks**, **${ledger.wrong.length - leaks} wrongly hidden**, **${ledger.faults.length} other faults** (totals, pages, answers that betray that something is there). ${ledger.refused.toLocaleString('en')} of them were refused before anything was looked at, because a family is not told what they would tell.`,
    '',
    '| Path | combinations |',
    '|---|---|',
    ...[...ledger.byPath].map(([path, count]) => `| ${path} | ${count} |`),
    '',
    ...ledger.wrong.map((one) => `- **${one.verdict}**: ${one.viewer}, ${one.at}, ${one.path}: ${one.record}`),
    ...ledger.faults.map((fault) => `- **fault**: ${fault}`),
    '',
    '## The classes of the policy',
    '',
    '| Class | is given | without | of these categories nothing, unless it is opened |',
    '|---|---|---|---|',
    ...Object.entries(policy.classes).map(([name, one]) => classRow(name, one)),
    '',
    'In the tables below: ● sees it; ○ the class is not given this type, or not this kind of it; × its type is given, and it is kept back by a category, an age, a court, a consent or a closed chart.',
    '',
  ];
  for (const persona of personas) lines.push(...personaLines(persona, policy));
  return `${lines.join('\n')}\n`;
}

function classRow(name: string, { grants, without = [], hides, opens = [] }: PolicyClass): string {
  const given = grants.map(({ types, having }) => {
    const all = types === 'any' ? 'everything' : types.join(', ');
    return having ? `${all} (some of them)` : all;
  });
  const hidden = hides === 'all' ? 'all categories' : hides.join(', ') || 'none';
  const but = opens.length > 0 ? `; may be opened: ${opens.join(', ')}` : '';
  return `| ${name} | ${given.join('; ') || 'nothing'} | ${without.join(', ')} | ${hidden}${but} |`;
}

function personaLines({ name, story, requirements, moments, records }: Persona, policy: PolicyFile): string[] {
  const lines = [`## ${name}`, '', story, '', `Requirements: ${requirements.join(', ')}.`, ''];
  for (const moment of moments) {
    lines.push(`### At ${moment.at}`, '');
    lines.push(
      `| | ${moment.viewers.map(({ fhirUser, class: kind }) => `${fhirUser.replace('/', '/ ')}<br>*${kind}*`).join(' | ')} |`,
    );
    lines.push(`|---|${moment.viewers.map(() => '---').join('|')}|`);
    for (const [reference, record] of records) {
      const cells = moment.viewers.map((viewer) => cellOf(reference, viewer, moment, policy));
      lines.push(`| ${titleOf(reference, record as Record<string, any>)} | ${cells.join(' | ')} |`);
    }
    lines.push('');
  }
  return lines;
}

function cellOf(reference: string, viewer: Moment['viewers'][number], moment: Moment, policy: PolicyFile): string {
  if (moment.sees[reference]?.includes(viewer.fhirUser)) return '●';
  const given = policy.classes[viewer.class];
  if (!given) return '×';
  const type = typeOf(reference);
  const isGiven = given.grants.some(({ types, having }) => !having && (types === 'any' || types.includes(type)));
  return isGiven && !(given.without ?? []).includes(type) ? '×' : '○';
}

/** The type and what the record is about, in its own words. */
function titleOf(reference: string, record: Record<string, any>): string {
  const { code, vaccineCode, medicationCodeableConcept, type, title, name, description, category } = record;
  const concept = [code, vaccineCode, medicationCodeableConcept, [type].flat()[0], [category].flat()[0]].find(
    (one) => one?.text ?? one?.coding,
  );
  const own =
    typeof title === 'string'
      ? title
      : (description?.text ?? (typeof description === 'string' ? description : undefined));
  const person = Array.isArray(name) ? [name[0]?.given, name[0]?.family].flat().join(' ') : undefined;
  const words = own ?? concept?.text ?? concept?.coding?.[0]?.display ?? person ?? reference.split('/')[1];
  const labels = (record.meta?.security ?? []).map((label: { code: string }) => label.code);
  return `${typeOf(reference)}: ${words}${labels.length > 0 ? ` \`${labels.join(' ')}\`` : ''}`.replaceAll('|', '\\|');
}
