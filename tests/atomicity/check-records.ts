import { expect } from '@jest/globals';
import { type Lane, system } from './transactions.ts';

interface Entry {
  id: string;
  meta: { versionId: string };
  identifier?: { value: string }[];
}

/** Every match of a search, over all pages. */
async function everything(base: string, token: string, search: string): Promise<Entry[]> {
  const found: Entry[] = [];
  for (let next: string | undefined = `${base}/fhir/${search}`; next; ) {
    const answer = await fetch(next, { headers: { Authorization: `Bearer ${token}` } });
    const page: { entry?: { resource: Entry }[]; link?: { relation: string; url: string }[] } = await answer.json();
    expect([search, answer.status]).toEqual([search, 200]);
    found.push(...(page.entry ?? []).map(({ resource }) => resource));
    next = page.link?.find(({ relation }) => relation === 'next')?.url;
  }
  return found;
}

const idsOf = (entries: readonly Entry[]) => entries.map(({ id }) => id).sort();

/** Everything the clients know must be there, whole; nothing may be there in part. Answers the marks that are there. */
export async function checkRecords(base: string, token: string, lanes: readonly Lane[]): Promise<void> {
  const patients = idsOf(await everything(base, token, 'Patient?_count=1000'));
  const sent = lanes.flatMap((lane) => lane.sent);
  // What was answered is there; what is there was sent.
  expect(lanes.flatMap(({ answered }) => answered).filter((mark) => !patients.includes(mark))).toEqual([]);
  expect(patients.filter((mark) => !sent.includes(mark))).toEqual([]);
  // The other parts of the same transactions, as reads of the type and as different indexes tell them.
  expect(idsOf(await everything(base, token, 'Observation?_count=1000'))).toEqual(patients);
  expect(idsOf(await everything(base, token, `Patient?identifier=${system}|&_count=1000`))).toEqual(patients);
  expect(idsOf(await everything(base, token, 'Patient?family=lane&_count=1000'))).toEqual(patients);
  expect(idsOf(await everything(base, token, 'Observation?date=2026-01-01&_count=1000'))).toEqual(patients);
  expect(idsOf(await everything(base, token, 'Observation?subject:missing=false&_count=1000'))).toEqual(patients);
  const plans = idsOf(await everything(base, token, 'CarePlan?_count=1000'));
  expect(idsOf(await everything(base, token, 'CarePlan?status=active&_count=1000'))).toEqual(plans);
  for (const lane of lanes) await checkLane(base, token, lane, patients, plans);
}

async function checkLane(
  base: string,
  token: string,
  lane: Lane,
  patients: readonly string[],
  plans: readonly string[],
) {
  const there = lane.sent.filter((mark) => patients.includes(mark));
  const last = there.at(-1);
  if (last === undefined) return;
  // A plan is deleted by the transaction that came after it, so the last one alone is left.
  expect(plans.filter((id) => id.startsWith(`${lane.name}-`))).toEqual([last]);
  const shared = await everything(base, token, `Basic?_id=${lane.name}-one,${lane.name}-two`);
  expect(shared.map(({ identifier }) => identifier?.[0]?.value)).toEqual([last, last]);
  expect(shared.map(({ meta }) => Number(meta.versionId))).toEqual([there.length, there.length]);
  expect(await everything(base, token, `Basic?identifier=${system}|${last}`)).toHaveLength(2);
  expect(await everything(base, token, `Group?identifier=${system}|${lane.name}`)).toHaveLength(1);
  const [before] = there.slice(-2);
  if (before !== last) expect(await everything(base, token, `Basic?identifier=${system}|${before}`)).toEqual([]);
}
