import type { CompositePlace, CompositeShape, PlacePart } from '../../src/fhir/search/composite-shape.ts';
import type { SearchParam } from '../../src/fhir/search/query.ts';
import type { WalkPath, WalkStep } from '../../src/fhir/search/walk-path.ts';
import {
  alternativesOf,
  type ChildrenOf,
  follow,
  pathsOf,
  type SearchParameterSource,
  splitUnion,
  targetsOf,
} from './search-parameters.ts';

interface Known {
  childrenOf: ChildrenOf;
  byUrl: ReadonlyMap<string, SearchParameterSource>;
  /** The type's parameters by code. */
  params: ReadonlyMap<string, SearchParam>;
}

/** The parts of a composite parameter as they apply to one resource type. Throws on what it cannot read: a build must not lose one. */
export function shapeOf(source: SearchParameterSource, type: string, known: Known): CompositeShape {
  const named = (source.component ?? []).map(({ definition }) => {
    const part = known.byUrl.get(definition);
    if (!part) throw new Error(`${type}.${source.code}: no SearchParameter ${definition}`);
    return part;
  });
  // R4 has the definitions of DocumentReference's `relationship` the wrong way round: what an expression leads to decides.
  const [first] = alternativesOf(source, type);
  const context = follow(first?.slice(type.length) ?? '', type, known.childrenOf)?.branches[0]?.context ?? type;
  const components = (source.component ?? []).map(({ expression }, place) => {
    const inOrder = [named[place], ...named].filter((part) => part !== undefined);
    const part = inOrder.find((one) => pathsOfPart(expression, one, type, context, known.childrenOf).length > 0);
    if (!part) throw new Error(`${type}.${source.code}: '${expression}' leads to nothing`);
    return { part, expression };
  });
  const places = alternativesOf(source, type).map((alternative): CompositePlace => {
    const branches = follow(alternative.slice(type.length), type, known.childrenOf)?.branches ?? [];
    const [place, ...more] = branches;
    if (!place || more.length > 0) throw new Error(`${type}.${source.code}: '${alternative}' is no plain path`);
    const found = components.map(({ part, expression }): PlacePart => {
      const fromRoot = isFromRoot(expression);
      const paths = pathsOfPart(expression, part, type, place.context, known.childrenOf);
      const own = ownOf(paths, fromRoot ? [] : place.steps, part, known.params);
      return own === undefined ? { paths, fromRoot } : { paths, fromRoot, own };
    });
    const key = [place.steps.join('.'), ...found.map(({ paths }) => pathNames(paths))].join(' + ');
    return { key, steps: place.steps, isSingle: !place.many, parts: found };
  });
  const parts = components.map(({ part }, at): SearchParam => {
    const paths = places.flatMap(({ steps, parts: found }) => {
      const { fromRoot = false, paths: own = [] } = found[at] ?? {};
      return own.map((path) => ({ ...path, steps: [...(fromRoot ? [] : steps), ...path.steps] }));
    });
    const param: SearchParam = { code: part.code, kind: part.type, expression: `${type}.${pathNames(paths)}`, paths };
    if (part.type === 'reference') param.targets = targetsOf(part.target ?? [], paths);
    return param;
  });
  return { parts, places };
}

const isFromRoot = (expression: string) => expression.startsWith('%resource.');

function pathsOfPart(
  expression: string,
  part: SearchParameterSource,
  type: string,
  place: string,
  childrenOf: ChildrenOf,
): WalkPath[] {
  const context = isFromRoot(expression) ? type : place;
  return splitUnion(expression).flatMap((alternative) => {
    const path = alternative.replace(/^%resource/, '').replace(/^\(\.?(.*)\)$/, '$1');
    return pathsOf(path.startsWith('.') ? path : `.${path}`, context, part.type, childrenOf) ?? [];
  });
}

function ownOf(
  paths: readonly WalkPath[],
  before: readonly WalkStep[],
  part: SearchParameterSource,
  params: ReadonlyMap<string, SearchParam>,
): string | undefined {
  const wanted = namesOf(before, paths);
  for (const { code, kind, paths: theirs = [] } of params.values()) {
    if (kind !== part.type) continue;
    const names = namesOf([], theirs);
    const isByPlace = kind === 'number' || kind === 'quantity';
    if (isByPlace ? wanted.every((name) => names.includes(name)) : names.join() === wanted.join()) return code;
  }
  return undefined;
}

/** For people who look into the definitions. */
const pathNames = (paths: readonly WalkPath[]) => paths.map(({ steps }) => steps.join('.')).join('|');

/** The paths as texts, whatever their order was. */
function namesOf(before: readonly WalkStep[], paths: readonly WalkPath[]): string[] {
  return paths.map(({ steps, target }) => JSON.stringify([[...before, ...steps], target])).sort();
}
