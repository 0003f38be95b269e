import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Concept, OperationInput, SystemReader } from '../types.ts';
import { askedCodes, type OperationDeps, parametersResource, refuse } from './input.ts';
import { askedSystem } from './system-input.ts';

/** CodeSystem/$lookup (FHIR R4, codesystem-operation-lookup.html): what is known of one code. */
export async function lookup(input: OperationInput, deps: OperationDeps): Promise<Result<Resource>> {
  const refused = refuse(input, ['date', 'codeableConcept']);
  if (!refused.ok) return refused;
  const asked = askedCodes(input);
  if (!asked.ok) return asked;
  const [one] = asked.value;
  const system = await askedSystem(input, deps, { url: one?.system, version: one?.version });
  if (!system.ok) return system;
  const [concept] = await system.value.find([one?.code ?? '']);
  if (!concept) return fail('not-found', 'The code system does not have the code.');
  const { version, name, url } = system.value;
  const parts: r4.ParametersParameter[] = [{ name: 'name', valueString: name ?? url }];
  if (version !== undefined) parts.push({ name: 'version', valueString: version });
  parts.push({ name: 'display', valueString: concept.display ?? concept.code });
  parts.push(...concept.designations.map(designationPart), ...propertyParts(input, system.value, concept));
  return ok(parametersResource(parts));
}

function designationPart({ language, use, value }: Concept['designations'][number]): r4.ParametersParameter {
  const part: r4.ParametersParameter[] = [];
  if (language !== undefined) part.push({ name: 'language', valueCode: language });
  if (use !== undefined) part.push({ name: 'use', valueCoding: use });
  part.push({ name: 'value', valueString: value });
  return { name: 'designation', part };
}

/** The properties asked for by name, or all. */
function propertyParts({ parameters }: OperationInput, system: SystemReader, concept: Concept) {
  const wanted = new Set(parameters.texts('property'));
  const own = Object.entries(concept.properties);
  const all: (readonly [string, readonly string[]])[] = [...own, ['parent', concept.parents]];
  if (!own.some(([name]) => name === 'inactive')) all.push(['inactive', [String(!concept.active)]]);
  return all
    .filter(([name]) => wanted.size === 0 || wanted.has(name))
    .flatMap(([name, values]) =>
      values.map((value) => ({
        name: 'property',
        part: [{ name: 'code', valueCode: name }, valuePart(typeOf(name, system), value)],
      })),
    );
}

function typeOf(name: string, system: SystemReader): string {
  if (name === 'parent') return 'code';
  return name === 'inactive' ? 'boolean' : (system.properties.get(name) ?? 'string');
}

function valuePart(type: string, value: string): r4.ParametersParameter {
  const name = 'value';
  if (type === 'boolean' && (value === 'true' || value === 'false')) return { name, valueBoolean: value === 'true' };
  if (type === 'integer' && /^-?\d{1,9}$/.test(value)) return { name, valueInteger: Number(value) };
  if (type === 'dateTime') return { name, valueDateTime: value };
  return type === 'code' || type === 'Coding' ? { name, valueCode: value } : { name, valueString: value };
}
