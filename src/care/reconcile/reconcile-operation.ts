import { visibilityOf } from '../../access/decide.ts';
import type { Policy } from '../../access/policy/compile.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { inSlices } from '../../base/in-slices.ts';
import { limits } from '../../base/limits.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Terms } from '../../terminology/terms.ts';
import { askedChild } from './asked-child.ts';
import { type FindingKind, findingKinds } from './finding.ts';
import { readChart } from './read-chart.ts';
import { type DecisionRow, rememberedOf } from './remembered.ts';
import { type Row, rowSteps } from './rows.ts';
import { type SourceName, sourceNames } from './source-names.ts';

export interface ReconcileDeps {
  clock: Clock;
  /** Absent: codes are compared as they are, without their hierarchy. */
  terms?: Terms;
  /** The privacy policy in force, for the originals of imported plans. */
  policy?: () => Promise<Policy | undefined>;
}

/**
 * `GET CarePlan/$reconcile?patient=`: what hospitals and people here say of one child twice, differently, or without an owner, a goal or an end,
 * each with its sources and what may be done about it. Nothing is changed by asking, and what is hidden from the caller takes no part.
 * Answers with Parameters (OperationDefinition/reconcile).
 */
export function reconcileOperation(deps: ReconcileDeps): Operation {
  return {
    name: 'reconcile',
    definition: `${canonicalBase}/OperationDefinition/reconcile`,
    level: 'type',
    resourceType: 'CarePlan',
    affectsState: false,
    parameters: ['patient', 'kind', 'stale-months', 'decided', '_count', 'after'],
    requires: [
      ['Patient', 'r'],
      ['CarePlan', 'ru'],
    ],
    handle: (request) => handle(request, deps),
  };
}

async function handle(request: OperationRequest, { clock, terms }: ReconcileDeps): Promise<Result<Resource>> {
  const asked = readAsked(request);
  if (!asked.ok) return asked;
  const { kinds, staleMonths, decided } = asked.value;
  const child = await askedChild(request);
  if (!child.ok) return child;
  const { store, principal } = request;
  const visibility = visibilityOf(principal, 'r');
  const read = await readChart(store, child.value, {
    ...{ visibility, staleMonths, now: clock.now() },
    ...(terms && { terms }),
  });
  if (!read.ok) return read;
  const { chart, pairs, plan, decisions } = read.value;
  const found = await inSlices(rowSteps(chart, rememberedOf(decisions), pairs));
  const all = found.filter(({ kind }) => kinds.includes(kind));
  const page = pageOf(all, asked.value);
  if (!page.ok) return page;
  const { rows, next } = page.value;
  const nameOf = await sourceNames(store, [...chart.byReference.values()], principal, child.value);
  const told = decided
    ? decisions.filter(({ first, second }) => isSeen(first) && (second === '' || isSeen(second)))
    : [];
  function isSeen(reference: string) {
    return chart.byReference.has(reference);
  }
  const parameter: r4.ParametersParameter[] = [
    ...(plan ? [{ name: 'plan', valueReference: { reference: `CarePlan/${plan.id ?? ''}` } }] : []),
    ...rows.map((row) => rowPart(row, nameOf)),
    ...(next === undefined ? [] : [{ name: 'next', valueString: next }]),
    ...told.map(decisionPart),
  ];
  return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

interface Asked {
  kinds: readonly FindingKind[];
  staleMonths: number;
  decided: boolean;
  count: number;
  /** The id of the last row of the page before. */
  after?: string;
}

/** Rows are in one order: a page goes on after the last of the one before, as long as that is still asked. */
function pageOf(rows: readonly Row[], { count, after }: Asked): Result<{ rows: readonly Row[]; next?: string }> {
  const last = after === undefined ? -1 : rows.findIndex(({ id }) => id === after);
  if (after !== undefined && last < 0)
    return fail('conflict', 'The record has changed since the page before: begin again without after.');
  const page = rows.slice(last + 1, last + 1 + count);
  const next = last + 1 + count < rows.length ? page.at(-1)?.id : undefined;
  return ok({ rows: page, ...(next !== undefined && { next }) });
}

function readAsked({ parameters }: OperationRequest): Result<Asked> {
  const wanted = parameters.texts('kind').flatMap((text) => text.split(','));
  if (wanted.some((kind) => !findingKinds.some((known) => known === kind))) {
    return fail('invalid', `kind has to be one of ${findingKinds.join(', ')}.`, { code: 'value' });
  }
  const staleMonths = readMonths(parameters.text('stale-months'));
  if (!staleMonths.ok) return staleMonths;
  const decided = parameters.text('decided') ?? 'false';
  if (decided !== 'true' && decided !== 'false') {
    return fail('invalid', 'decided has to be true or false.', { code: 'value' });
  }
  const kinds = wanted.length === 0 ? findingKinds : findingKinds.filter((kind) => wanted.includes(kind));
  const count = parameters.text('_count') ?? String(limits.care.reconcileRows);
  if (!/^[1-9]\d{0,3}$/.test(count) || Number(count) > limits.care.reconcileRows)
    return fail('invalid', `_count has to be from 1 to ${limits.care.reconcileRows}.`, { code: 'value' });
  const after = parameters.text('after');
  return ok({
    ...{ kinds, staleMonths: staleMonths.value, decided: decided === 'true', count: Number(count) },
    ...(after !== undefined && { after }),
  });
}

/** Asked by both operations, so that they speak of the same rows. */
export function readMonths(text: string | undefined): Result<number> {
  if (text === undefined) return ok(limits.care.staleMonths);
  return /^[1-9]\d{0,2}$/.test(text)
    ? ok(Number(text))
    : fail('invalid', 'stale-months has to be a whole number of months from 1.', { code: 'value' });
}

function rowPart(row: Row, nameOf: SourceName): r4.ParametersParameter {
  const members = row.members.map(({ reference, text, site, origin, resource, ...item }): r4.ParametersParameter => {
    const part: r4.ParametersParameter[] = [
      { name: 'record', valueReference: { reference } },
      { name: 'text', valueString: text },
      { name: 'source', valueString: nameOf(origin) },
      { name: 'mirrored', valueBoolean: site !== undefined },
    ];
    const date = item.date ?? resource.meta?.lastUpdated;
    if (date !== undefined) part.push({ name: 'date', valueDateTime: date });
    if (resource.meta?.versionId !== undefined) part.push({ name: 'version', valueString: resource.meta.versionId });
    return { name: 'member', part };
  });
  const sources = [...new Set(row.members.map(({ origin }) => nameOf(origin)))];
  return {
    name: 'row',
    part: [
      { name: 'id', valueString: row.id },
      { name: 'state', valueString: row.state },
      { name: 'kind', valueCode: row.kind },
      { name: 'about', valueCode: row.about },
      ...row.why.map((why) => ({ name: 'why', valueString: why })),
      ...sources.map((source) => ({ name: 'source', valueString: source })),
      // Nobody is led towards one side of a conflict.
      ...(row.kind === 'conflict' ? [] : [{ name: 'suggested', valueCode: row.choices[0] ?? '' }]),
      ...row.choices.map((choice) => ({ name: 'choice', valueCode: choice })),
      ...members,
    ],
  };
}

function decisionPart(row: DecisionRow): r4.ParametersParameter {
  return {
    name: 'decision',
    part: [
      { name: 'choice', valueCode: row.choice },
      { name: 'record', valueReference: { reference: row.first } },
      ...(row.second === '' ? [] : [{ name: 'record', valueReference: { reference: row.second } }]),
      { name: 'by', valueString: row.decided_by },
      { name: 'at', valueInstant: row.decided_at.toISOString() },
      { name: 'provenance', valueReference: { reference: `Provenance/${row.provenance_id}` } },
    ],
  };
}
