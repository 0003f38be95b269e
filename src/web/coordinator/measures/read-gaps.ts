import { isOfType } from '../../../fhir/of-type.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Answer, Ask, FhirClient } from '../../shared/fhir-client.ts';
import { type Parts, partsOf } from '../../shared/parameters.ts';
import { type MeasureHead, readMeasureHeads } from './read-measures.ts';

/** Where one child stands in one rate of a measure. */
export interface ChildGap {
  measure: MeasureHead;
  group: string;
  label: string;
  status: 'open-gap' | 'prospective-gap' | 'closed-gap';
  /** Titles of the code lists of which nothing was found. */
  missing: string[];
}

type OpenGap = Omit<ChildGap, 'missing'> & { valueSets: string[] };

/** A child's gaps in every measure that asks something of children, for one calendar year. */
export async function readGaps(client: FhirClient, patientId: string, year: number): Promise<Answer<ChildGap[]>> {
  const heads = await readMeasureHeads(client);
  if (!heads.ok) return heads;
  const measures = heads.value.filter(({ hasGaps }) => hasGaps);
  const query = `subject=Patient/${patientId}&periodStart=${year}&periodEnd=${year}&isDocument=false`;
  const statuses = 'status=open-gap&status=prospective-gap&status=closed-gap';
  const answers = await client.ask(
    measures.map(({ id }): Ask => ({ method: 'GET', url: `Measure/${id}/$care-gaps?${query}&${statuses}` })),
  );
  const gaps: OpenGap[] = [];
  for (const [place, measure] of measures.entries()) {
    const answer = answers[place];
    if (!answer?.ok) return answer ?? { ok: false, trouble: { kind: 'unreachable', sentence: '' } };
    gaps.push(...gapsIn(measure, answer.value));
  }
  const titles = await titlesOf(client, [...new Set(gaps.flatMap(({ valueSets }) => valueSets))]);
  if (!titles.ok) return titles;
  return {
    ok: true,
    value: gaps.map(({ valueSets, ...gap }) => ({
      ...gap,
      missing: [...new Set(valueSets.map((url) => titles.value.get(url) ?? url))],
    })),
  };
}

function gapsIn(measure: MeasureHead, answer: Resource | undefined) {
  return partsOf(answer)
    .resources('return')
    .flatMap((bundle) => {
      const entries = (bundle as Resource & r4.Bundle).entry ?? [];
      const byName = new Map(
        entries.map(({ fullUrl, resource }) => [fullUrl ?? '', resource && ({ ...resource } as Resource)]),
      );
      return [...byName.values()].flatMap((resource) =>
        isOfType(resource, 'DetectedIssue') ? gapOf(measure, resource, byName) : [],
      );
    });
}

function gapOf(
  measure: MeasureHead,
  { modifierExtension, code, evidence }: r4.DetectedIssue,
  byName: ReadonlyMap<string, Resource | undefined>,
) {
  const status = modifierExtension?.[0]?.valueCodeableConcept?.coding?.[0]?.code;
  if (status !== 'open-gap' && status !== 'prospective-gap' && status !== 'closed-gap') return [];
  const details = evidence?.flatMap(({ detail = [] }) => detail) ?? [];
  const group = details.flatMap(({ extension = [] }) => extension.flatMap(({ valueString }) => valueString ?? []))[0];
  const valueSets = details.flatMap(({ reference = '' }) => {
    const guidance = byName.get(reference);
    if (!isOfType(guidance, 'GuidanceResponse')) return [];
    return (guidance.dataRequirement ?? []).flatMap(({ codeFilter = [] }) =>
      codeFilter.flatMap(({ valueSet }) => valueSet ?? []),
    );
  });
  const gap: OpenGap = { measure, group: group ?? '', label: code?.text ?? measure.title, status, valueSets };
  return [gap];
}

async function titlesOf(client: FhirClient, urls: readonly string[]): Promise<Answer<Map<string, string>>> {
  const titles = new Map<string, string>();
  for (let from = 0; from < urls.length; from += 30) {
    const asked = urls.slice(from, from + 30).map(encodeURIComponent);
    const found = await client.all(`ValueSet?url=${asked.join(',')}&_count=100`);
    if (!found.ok) return found;
    for (const resource of found.value) {
      const { url, title, name } = { ...resource } as Resource & r4.ValueSet;
      if (url !== undefined) titles.set(url, title ?? name ?? url);
    }
  }
  return { ok: true, value: titles };
}

/** Why: for each population of the rate whether the child counts, and what made it so. */
export async function readWhy(
  client: FhirClient,
  patientId: string,
  { measure, group }: Pick<ChildGap, 'measure' | 'group'>,
  year: number,
): Promise<Answer<Parts[]>> {
  const query = `subject=Patient/${patientId}&periodStart=${year}&periodEnd=${year}&group=${encodeURIComponent(group)}`;
  const answer = await client.get(`Measure/${measure.id}/$explain?${query}`);
  if (!answer.ok) return answer;
  return {
    ok: true,
    value: partsOf(answer.value)
      .all('group')
      .flatMap((each) => each.all('population')),
  };
}
