import { visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { inSlices } from '../../base/in-slices.ts';
import { ofType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { refuse } from '../business-rule.ts';
import { currentOf } from '../stored.ts';
import { agentOf } from './agent-of.ts';
import { askedChild } from './asked-child.ts';
import { entriesIn, locationOf } from './bundle-answer.ts';
import { transactionOf } from './carry-out.ts';
import { changed } from './check-decision.ts';
import { type Read, readChart } from './read-chart.ts';
import { type Decision, decisionOf, readWishes } from './read-wishes.ts';
import { type ReconcileDeps, readMonths } from './reconcile-operation.ts';
import { rememberedOf } from './remembered.ts';
import { rowSteps } from './rows.ts';

/**
 * `POST CarePlan/$accept-reconciliation`: carries out what somebody decided about rows of `$reconcile`, all in one transaction, as that person and by
 * every rule that a write of theirs would meet, with a Provenance of each decision. A row that is not as it was told (409) leaves everything
 * as it was. What hospitals sent is never edited. Answers with Parameters (OperationDefinition/accept-reconciliation).
 */
export function acceptOperation(deps: ReconcileDeps): Operation {
  return {
    name: 'accept-reconciliation',
    definition: `${canonicalBase}/OperationDefinition/accept-reconciliation`,
    level: 'type',
    resourceType: 'CarePlan',
    affectsState: true,
    parameters: ['patient', 'stale-months', 'decision'],
    requires: [
      ['Patient', 'r'],
      ['CarePlan', 'ru'],
      ['Provenance', 'c'],
    ],
    handle: (request) => handle(request, deps),
  };
}

async function handle(request: OperationRequest, { clock, terms }: ReconcileDeps): Promise<Result<Resource>> {
  const { store, principal, parameters, transact } = request;
  const wishes = readWishes(parameters);
  if (!wishes.ok) return wishes;
  const staleMonths = readMonths(parameters.text('stale-months'));
  if (!staleMonths.ok) return staleMonths;
  const child = await askedChild(request);
  if (!child.ok) return child;
  const visibility = visibilityOf(principal, 'r');
  const asked = { visibility, now: clock.now(), staleMonths: staleMonths.value, ...(terms && { terms }) };
  const read = await readChart(store, child.value, asked);
  if (!read.ok) return read;
  const decisions = await matched(wishes.value, read.value, request);
  if (!decisions.ok) return decisions;
  if (!transact) return fail('not-allowed', 'Nothing can be written here.');
  const { plan } = read.value;
  const bundle = transactionOf(decisions.value, {
    ...{ patientId: child.value, now: clock.now(), agent: agentOf(principal), referred: referredIn(read.value) },
    ...(plan && { plan }),
  });
  const written = await transact(bundle);
  // Somebody was there first, with the plan or with a record of ours.
  if (!written.ok) return written.error.kind === 'precondition' ? changed() : written;
  return ok(answerOf(decisions.value, bundle, written.value));
}

function referredIn({ chart }: Read): ReadonlySet<string | undefined> {
  return new Set(ofType([...chart.byReference.values()], 'Task').map(({ focus }) => localReference(focus)));
}

type Wishes = Parameters<typeof decisionOf>[0][];

async function matched(
  wishes: Wishes,
  { chart, pairs, plan, decisions }: Read,
  request: OperationRequest,
): Promise<Result<Decision[]>> {
  const rows = await inSlices(rowSteps(chart, rememberedOf(decisions), pairs));
  const found: Decision[] = [];
  for (const wish of wishes) {
    const row = rows.find(({ id }) => id === wish.rowId);
    if (!row || row.state !== wish.state) return changed();
    const decision = decisionOf(wish, row, chart);
    if (!decision.ok) return decision;
    if ((wish.choice === 'drop' || wish.choice === 'keep-one') && !plan) {
      return refuse(
        'reconciliation-choice',
        'There is no shared plan yet that something could leave. Compose it first.',
        'choice',
      );
    }
    if (wish.owner !== undefined && !(await isThere(wish.owner, request))) {
      return refuse('reconciliation-choice', 'owner names somebody who is known here.', 'owner');
    }
    found.push(decision.value);
  }
  return ok(found);
}

async function isThere(reference: string, { store, principal }: OperationRequest): Promise<boolean> {
  const [type = '', id = ''] = reference.split('/');
  return currentOf(await store.readSeen(type, id, visibilityOf(principal, 'r'))) !== undefined;
}

/** Where everything that was written now is, decision by decision. */
function answerOf(decisions: readonly Decision[], bundle: Resource, response: Resource): Resource {
  const sent = entriesIn(bundle);
  const locations = entriesIn(response).map(({ response: told }) => locationOf(told?.location));
  const provenances = sent.flatMap(({ resource }, index) =>
    resource?.resourceType === 'Provenance' ? [locations[index]] : [],
  );
  const others = sent.flatMap(({ resource }, index) =>
    resource?.resourceType === 'Provenance' ? [] : [locations[index]],
  );
  const parameter: r4.ParametersParameter[] = [
    ...decisions.map(
      ({ row, choice }, index): r4.ParametersParameter => ({
        name: 'decided',
        part: [
          { name: 'row', valueString: row.id },
          { name: 'choice', valueCode: choice },
          ...(provenances[index] === undefined
            ? []
            : [{ name: 'provenance', valueReference: { reference: provenances[index] } }]),
        ],
      }),
    ),
    ...others.flatMap((reference) =>
      reference === undefined ? [] : [{ name: 'written', valueReference: { reference } }],
    ),
  ];
  return { resourceType: 'Parameters', parameter };
}
