import { ok, type Result } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { evaluate } from '../compose/evaluate.ts';
import type { Member, OperationInput } from '../types.ts';
import { filterWords } from '../words.ts';
import { askedValueSet, countOf, flagOf, type OperationDeps, refuse } from './input.ts';

const notSupported = [
  'context',
  'contextDirection',
  'date',
  'designation',
  'excludeNotForUI',
  'excludePostCoordinated',
  'exclude-system',
  'system-version',
  'check-system-version',
  'force-system-version',
];

interface Asked {
  offset?: number;
  count?: number;
  activeOnly: boolean;
  includeDesignations: boolean;
  includeDefinition: boolean;
  filter?: string;
}

/**
 * ValueSet/$expand (FHIR R4, valueset-operation-expand.html): the codes of a value set as a flat list, whole or a page of it.
 * `total` always counts all. A set that cannot be evaluated exactly is an error, never a part.
 */
export async function expand(input: OperationInput, deps: OperationDeps): Promise<Result<Resource>> {
  const asked = readAsked(input);
  if (!asked.ok) return asked;
  const valueSet = await askedValueSet(input, deps);
  if (!valueSet.ok) return valueSet;
  const { activeOnly, filter, offset = 0, count } = asked.value;
  const wanted = { words: filterWords(filter), activeOnly };
  const members = await evaluate(valueSet.value, deps.libraryOf(input.store), wanted);
  if (!members.ok) return members;
  const page = members.value.slice(offset, count === undefined ? undefined : offset + count);
  const expansion: r4.ValueSetExpansion = {
    identifier: `urn:uuid:${newId()}`,
    timestamp: deps.now().toISOString(),
    total: members.value.length,
    offset,
    parameter: [...parametersOf(asked.value), ...versionsOf(members.value)],
  };
  if (page.length > 0) expansion.contains = page.map((member) => containsOf(member, asked.value));
  const { compose, text: _, expansion: __, ...about } = valueSet.value;
  const answer = { ...about, expansion };
  return ok(compose && asked.value.includeDefinition ? { ...answer, compose } : answer);
}

function readAsked(input: OperationInput): Result<Asked> {
  const refused = refuse(input, notSupported);
  if (!refused.ok) return refused;
  const offset = countOf(input, 'offset');
  if (!offset.ok) return offset;
  const count = countOf(input, 'count');
  if (!count.ok) return count;
  const activeOnly = flagOf(input, 'activeOnly');
  if (!activeOnly.ok) return activeOnly;
  const includeDesignations = flagOf(input, 'includeDesignations');
  if (!includeDesignations.ok) return includeDesignations;
  const includeDefinition = flagOf(input, 'includeDefinition');
  if (!includeDefinition.ok) return includeDefinition;
  const asked: Asked = {
    activeOnly: activeOnly.value,
    includeDesignations: includeDesignations.value,
    includeDefinition: includeDefinition.value,
  };
  const filter = input.parameters.text('filter');
  if (filter !== undefined) asked.filter = filter;
  if (offset.value !== undefined) asked.offset = offset.value;
  if (count.value !== undefined) asked.count = count.value;
  return ok(asked);
}

function parametersOf({
  filter,
  offset,
  count,
  activeOnly,
  includeDesignations,
}: Asked): r4.ValueSetExpansionParameter[] {
  const used: r4.ValueSetExpansionParameter[] = [
    { name: 'excludeNested', valueBoolean: true },
    { name: 'activeOnly', valueBoolean: activeOnly },
    { name: 'includeDesignations', valueBoolean: includeDesignations },
  ];
  if (filter !== undefined) used.push({ name: 'filter', valueString: filter });
  if (offset !== undefined) used.push({ name: 'offset', valueInteger: offset });
  if (count !== undefined) used.push({ name: 'count', valueInteger: count });
  return used;
}

/** Which versions of the code systems were used. */
function versionsOf(members: readonly Member[]): r4.ValueSetExpansionParameter[] {
  const used = members.flatMap(({ system, version }) => (version === undefined ? [] : [`${system}|${version}`]));
  return [...new Set(used)].sort().map((valueUri) => ({ name: 'version', valueUri }));
}

function containsOf(member: Member, { includeDesignations }: Asked): r4.ValueSetExpansionContains {
  const { system, version, code, display, designations, active, abstract } = member;
  const shown: r4.ValueSetExpansionContains = { system };
  if (abstract) shown.abstract = true;
  if (!active) shown.inactive = true;
  if (version !== undefined) shown.version = version;
  shown.code = code;
  if (display !== undefined) shown.display = display;
  if (includeDesignations && designations.length > 0) shown.designation = [...designations];
  return shown;
}
