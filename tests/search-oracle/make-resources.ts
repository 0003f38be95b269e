import { isJson, type Json } from './leaves.ts';
import { type Making, makers } from './make-values.ts';
import type { Parameter, Published } from './published.ts';
import { type Step, stepsOf } from './steps.ts';

/** Common parameters are made for every type; `_id` and `_lastUpdated` are the server's own. */
const ownedByServer = new Set(['_id', '_lastUpdated']);

/** A resource of the type with values at the paths of some of its parameters; it need not be valid, only searchable. */
export function makeResource(published: Published, making: Making, type: string, id: string): Json {
  const resource: Json = { resourceType: type, id };
  for (const { code, alternatives, components } of published.parameters(type)) {
    if (ownedByServer.has(code) || making.random.chance(0.5)) continue;
    const paths = components.length === 0 ? alternatives : pathsOfParts(type, alternatives, components);
    if (paths.length > 0) place(published, making, resource, type, making.random.pick(paths));
  }
  return resource;
}

function pathsOfParts(type: string, alternatives: readonly string[], components: Parameter['components']): string[] {
  return components.flatMap((component) =>
    component.alternatives.flatMap((path) =>
      path.startsWith('%resource.')
        ? [`${type}.${path.slice('%resource.'.length)}`]
        : alternatives.map((base) => `${base}.${path}`),
    ),
  );
}

function place(published: Published, making: Making, resource: Json, type: string, path: string): void {
  const exists = /^\w+\.(\w+)\.exists\(\)/.exec(path);
  const steps: Step[] = exists ? [{ kind: 'child', name: exists[1] ?? '' }] : stepsOf(path).slice(1);
  descend(published, making, resource, type, steps, []);
}

/** Makes the element that the first step names below `parent`, then the rest below that one. */
function descend(
  published: Published,
  making: Making,
  parent: Json,
  context: string,
  [step, ...rest]: readonly Step[],
  targets: readonly string[],
): void {
  if (!step) return;
  if (step.kind !== 'child') throw new Error('a path begins with a name');
  const filters = rest.slice(0, rest.findIndex(({ kind }) => kind === 'child') >>> 0);
  const below = rest.slice(filters.length);
  const element = published.child(context, step.name) ?? spelledOut(published, context, step.name);
  if (!element) throw new Error(`${context} has no ${step.name}`);
  const wanted = filters.find(({ kind }) => kind === 'type');
  const resolves = filters.find(({ kind }) => kind === 'resolves');
  const choices = element.types.filter(({ code }) => isUsable(published, code, below, wanted, element.path));
  const chosen = choices.length > 0 ? making.random.pick(choices) : undefined;
  if (!chosen && element.types.length > 0) return;
  const isChoice = element.path.endsWith('[x]');
  const code = chosen?.code ?? '';
  const name = isChoice ? `${step.name.replace(/[A-Z]\w*$/, '')}${capital(code)}` : step.name;
  // Two choices of one element would be no FHIR.
  if (isChoice && Object.keys(parent).some((key) => key !== name && key.startsWith(name.slice(0, -code.length)))) {
    if (element.types.some((one) => `${name.slice(0, -code.length)}${capital(one.code)}` in parent)) return;
  }
  const isBackbone = code === '' || code === 'BackboneElement' || code === 'Element';
  const goesOn = below.length > 0;
  const values = Array.from({ length: element.isList ? 1 + making.random.below(2) : 1 }, (_, place) => {
    const context = { targets: resolves?.kind === 'resolves' ? [resolves.type] : [...(chosen?.targets ?? targets)] };
    const known = itemAt(parent[name], element.isList, place);
    const value = goesOn
      ? (known ?? {})
      : (known ?? makers[code]?.(making, { ...context, ...(element.valueSet && { valueSet: element.valueSet }) }));
    if (!isJson(value) || JSON.isRawJSON(value)) return value;
    for (const filter of filters) {
      if (filter.kind === 'where' && making.random.chance(0.8)) value[filter.name] = filter.equals;
    }
    if (goesOn) descend(published, making, value, isBackbone ? element.path : code, below, context.targets);
    return value;
  }).filter((value) => value !== undefined);
  if (values.length > 0) parent[name] = element.isList ? values : values[0];
}

/** What is there already is added to, so that the parts of a composite meet in one item. */
function itemAt(value: unknown, isList: boolean, place: number): unknown {
  return isList ? (Array.isArray(value) ? value[place] : undefined) : value;
}

const capital = (text: string) => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

function spelledOut(published: Published, context: string, name: string) {
  const bare = published.child(context, name.replace(/[A-Z]\w*$/, ''));
  const only = bare?.types.filter(({ code }) => name.endsWith(capital(code)));
  return bare && only && { ...bare, types: only };
}

function isUsable(published: Published, code: string, below: readonly Step[], wanted: Step | undefined, path: string) {
  if (wanted?.kind === 'type' && wanted.type.toLowerCase() !== code.toLowerCase()) return false;
  const [next] = below;
  if (!next) return makers[code] !== undefined;
  const context = code === 'BackboneElement' || code === 'Element' ? path : code;
  return next.kind === 'child' && published.child(context, next.name) !== undefined;
}
