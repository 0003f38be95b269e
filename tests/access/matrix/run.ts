import type { Moment, PrivacyHouse } from '../support/privacy-house.ts';
import { askAll, askOne, type Brought, outwardOf } from './ask.ts';
import { type Ask, listOf, type Path, paths } from './paths.ts';
import { idOf, type Persona, typeOf } from './persona.ts';

/** Of one viewer, one path and one record: right, or what is wrong. */
export type Verdict = 'right' | 'leak' | 'wrongly hidden';

export interface Judged {
  persona: string;
  at: string;
  viewer: string;
  path: string;
  record: string;
  verdict: Verdict;
}

/** Every combination that was judged, by number, and each that was wrong. */
export interface Ledger {
  combinations: number;
  refused: number;
  byPath: Map<string, number>;
  wrong: Judged[];
  /** Totals and pages that do not agree with what is found, and hidden records that do not look like those that never were. */
  faults: string[];
}

export function newLedger(): Ledger {
  return { combinations: 0, refused: 0, byPath: new Map(), wrong: [], faults: [] };
}

/** What every request of a persona brings to somebody who sees everything. */
type Reach = ReadonlyMap<string, ReadonlySet<string>>;

export async function reachOf(house: PrivacyHouse, persona: Persona): Promise<Reach> {
  const entry = [...persona.records.keys()].map((reference) => ({ item: { reference } }));
  const subject = { reference: `Patient/${persona.patients[0]}` };
  const list = { resourceType: 'List', id: idOf(listOf(persona)), status: 'current', mode: 'working', subject, entry };
  const made = await house.as('system', 'PUT', `/${listOf(persona)}`, list);
  if (made.status >= 300) throw new Error(made.text);
  const reach = new Map<string, ReadonlySet<string>>();
  for (const path of paths) {
    const asks = path.asks(persona);
    const answers = await askAll(
      house,
      'system',
      asks.map(({ url }) => url),
    );
    for (const [at, { url }] of asks.entries()) {
      const answer = answers[at];
      if (answer?.status !== 200) throw new Error(`${path.name}: ${url} was answered ${answer?.status}`);
      if (path.tells === 'total-alone') reach.set(url, reach.get(url.replace('&_summary=count', '')) ?? new Set());
      else reach.set(url, path.tells === 'status' ? new Set([url.replace('/$meta', '')]) : answer.found);
    }
  }
  return reach;
}

interface Viewing {
  house: PrivacyHouse;
  persona: Persona;
  moment: Moment;
  viewer: string;
  sees: ReadonlySet<string>;
  reach: Reach;
  ledger: Ledger;
}

/** Judges all paths of one viewer at one moment. The clock of the house must stand there. */
export async function judgeViewer(viewing: Omit<Viewing, 'sees'>): Promise<void> {
  const { house, persona, moment, viewer } = viewing;
  const sees = new Set([...persona.records.keys()].filter((record) => moment.sees[record]?.includes(viewer)));
  const list = await house.as(viewer, 'GET', `/${listOf(persona)}`);
  if (list.status === 200) sees.add(listOf(persona));
  const all = { ...viewing, sees };
  await judgeReads(all);
  for (const path of paths) await judgePath(all, path);
  await judgePages(all);
}

/** A plain read, with and without a version that is known already: what is hidden looks like what never was, to the last header. */
async function judgeReads(viewing: Viewing): Promise<void> {
  const { house, persona, viewer, sees, ledger } = viewing;
  for (const [path, headers] of [
    ['read', {}],
    ['read, If-None-Match', { 'If-None-Match': 'W/"1"' }],
  ] as const) {
    const unknown = new Map<string, string>();
    // A version is known of what is hidden only by who has seen it before: that is where it must look like nothing.
    const asked = [...persona.records.keys()].filter((record) => path === 'read' || !sees.has(record));
    for (const record of asked) {
      const answer = await house.as(viewer, 'GET', `/${record}`, undefined, headers);
      const isFound = answer.status === 200 || answer.status === 304;
      note(viewing, path, record, sees.has(record), isFound, true);
      if (sees.has(record)) continue;
      const type = typeOf(record);
      const never =
        unknown.get(type) ?? outwardOf(await house.as(viewer, 'GET', `/${type}/zz-never`, undefined, headers));
      unknown.set(type, never);
      if (outwardOf(answer) !== never)
        ledger.faults.push(`${viewer}: ${path} of ${record} is not like that of an unknown id`);
    }
  }
}

async function judgePath(viewing: Viewing, path: Path): Promise<void> {
  const { house, persona, viewer, ledger } = viewing;
  const asks = path.asks(persona);
  const [first] = asks;
  if (!first) return;
  if (path.kind === 'refusable') {
    const { status } = await askOne(house, viewer, first.url);
    if (status === 403) {
      // The same for what is seen, what is hidden and what never was: it was refused before anything was looked at.
      for (const record of persona.records.keys()) note(viewing, path.name, record, false, false, true);
      ledger.refused += persona.records.size;
      return;
    }
  }
  const answers = await askAll(
    house,
    viewer,
    asks.map(({ url }) => url),
  );
  const expected = new Set<string>();
  const found = new Set<string>();
  for (const [at, ask] of asks.entries()) {
    const answer = answers[at];
    if (!answer) continue;
    const all = expectedOf(viewing, ask);
    for (const record of all) expected.add(record);
    // A number has no names: it is right when it is theirs.
    const isTheirs = path.tells === 'total-alone' && answer.total === all.length;
    for (const record of isTheirs ? all : foundOf(path, ask, answer)) found.add(record);
    judgeAnswer(viewing, path, ask, answer);
  }
  for (const record of persona.records.keys())
    note(viewing, path.name, record, expected.has(record), found.has(record), path.kind === 'whole');
}

function expectedOf({ sees, reach }: Viewing, { url, through = [] }: Ask): string[] {
  if (!through.every((record) => sees.has(record))) return [];
  return [...(reach.get(url) ?? [])].filter((record) => sees.has(record));
}

function foundOf({ tells }: Path, { url }: Ask, { status, found }: Brought): Iterable<string> {
  if (tells === 'status') return status === 200 ? [url.replace('/$meta', '')] : [];
  return found;
}

/** What a single answer must not do, whatever the path brings in all. */
function judgeAnswer(viewing: Viewing, path: Path, ask: Ask, answer: Brought): void {
  const { persona, viewer, sees, ledger, moment } = viewing;
  const expected = new Set(expectedOf(viewing, ask));
  for (const record of new Set([...answer.named, ...answer.found])) {
    const isHidden = persona.records.has(record) && !sees.has(record);
    const isBeside = answer.found.has(record) && persona.records.has(record) && !expected.has(record);
    if (isHidden || isBeside)
      ledger.wrong.push({
        persona: persona.name,
        at: moment.at,
        viewer,
        path: `${path.name} (${ask.url})`,
        record,
        verdict: 'leak',
      });
  }
  if (path.tells !== 'total' && path.tells !== 'total-alone') return;
  if (
    answer.status === 200 &&
    answer.total !== expected.size &&
    path.tells === 'total-alone' &&
    isOfTable(viewing, ask)
  )
    ledger.faults.push(`${viewer}, ${moment.at}: ${ask.url} says ${answer.total}, and sees ${expected.size}`);
  if (answer.status === 200 && path.tells === 'total' && answer.total !== answer.found.size)
    ledger.faults.push(`${viewer}, ${moment.at}: ${ask.url} says ${answer.total}, and has ${answer.found.size}`);
}

/** True where everything that there is of the type is a record of the persona. */
function isOfTable({ persona, reach }: Viewing, { url }: Ask): boolean {
  const all = reach.get(url.replace('&_summary=count', '')) ?? new Set();
  return [...all].every((record) => persona.records.has(record));
}

/** A walk with one record on each page: nothing is hidden between the pages, and no page is empty. */
async function judgePages(viewing: Viewing): Promise<void> {
  const { house, persona, viewer, sees, ledger, moment } = viewing;
  const found = new Set<string>();
  const expected = new Set<string>();
  const walk = paths.find(({ name }) => name === 'search by patient')?.asks(persona) ?? [];
  for (const ask of walk.slice(0, 4)) {
    for (const record of expectedOf(viewing, ask)) expected.add(record);
    let next: string | undefined = ask.url.replace('_count=200', '_count=1');
    for (let page = 0; next !== undefined && page < 50; page++) {
      const answer: Brought = await askOne(house, viewer, next);
      for (const record of answer.found) found.add(record);
      if (page > 0 && answer.found.size !== 1)
        ledger.faults.push(`${viewer}, ${moment.at}: page ${page + 1} of ${ask.url} has ${answer.found.size} records`);
      next = answer.next?.slice(`${house.url}/fhir/`.length);
    }
  }
  for (const record of persona.records.keys()) {
    if (expected.has(record) || found.has(record))
      note(viewing, 'page walk', record, expected.has(record), found.has(record), true);
    else note(viewing, 'page walk', record, false, false, true);
  }
  for (const record of found)
    if (persona.records.has(record) && !sees.has(record)) ledger.faults.push(`${viewer}: ${record} on a page`);
}

function note(
  viewing: Viewing,
  path: string,
  record: string,
  expected: boolean,
  found: boolean,
  isWhole: boolean,
): void {
  const { ledger, persona, moment, viewer } = viewing;
  ledger.combinations += 1;
  ledger.byPath.set(path, (ledger.byPath.get(path) ?? 0) + 1);
  const verdict: Verdict = found && !expected ? 'leak' : !found && expected && isWhole ? 'wrongly hidden' : 'right';
  if (verdict !== 'right') ledger.wrong.push({ persona: persona.name, at: moment.at, viewer, path, record, verdict });
}
