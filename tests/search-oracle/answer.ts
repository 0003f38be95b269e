import { splitOutside, unescaped } from './escaping.ts';
import { meaningful } from './kinds.ts';
import { type Json, type Leaf, leavesOf, walk } from './leaves.ts';
import { dateTest } from './match-date.ts';
import { numberTest, quantityTest } from './match-number.ts';
import { canonicalBelowTest, referenceTest, targetOf } from './match-reference.ts';
import { besideTest, textTest } from './match-text.ts';
import { ofTypeTest, tokenTest } from './match-token.ts';
import { uriTest } from './match-uri.ts';
import type { Parameter, Published } from './published.ts';
import { stepsOf } from './steps.ts';

/** The resources a search is asked of, and what of the server's surroundings a search can depend on. */
export interface World {
  published: Published;
  resources: readonly Json[];
  baseUrl: string;
  /** The system a code of this value set has. */
  systemOf(valueSet: string, code: string): string | undefined;
}

type Holds = (resource: Json) => boolean;
type Test = (leaf: Leaf) => boolean;

/** Reads JSON so that numbers keep their digits: as strings. */
export function readResource(text: string): Json {
  return JSON.parse(text, (_key, value, context: { source?: string }) =>
    typeof value === 'number' ? context.source : value,
  ) as Json;
}

export interface Oracle {
  /** Ids of the resources of the type that a search finds; undefined where a parameter has no meaning and must be refused. */
  answer(type: string, params: readonly (readonly [string, string])[]): Set<string> | undefined;
  leaves(resource: Json, parameter: Parameter): Leaf[];
  /** What one part of a composite has in a resource, over all items. */
  parts(resource: Json, parameter: Parameter, place: number): Leaf[];
}

/** Says what a search finds by looking at every resource. Source: FHIR R4, search.html. */
export function createOracle(world: World): Oracle {
  const { published, resources, baseUrl } = world;
  const cache = new WeakMap<Json, Map<string, Leaf[]>>();
  const byType = Map.groupBy(resources, ({ resourceType }) => String(resourceType));
  const parameter = (type: string, code: string) => published.parameters(type).find((one) => one.code === code);

  function leaves(resource: Json, { kind, code, alternatives }: Parameter): Leaf[] {
    const known = cache.get(resource) ?? new Map<string, Leaf[]>();
    cache.set(resource, known);
    const found =
      known.get(code) ??
      leavesOf(published, resource, alternatives).filter(({ type }) => meaningful[kind]?.has(type) ?? true);
    known.set(code, found);
    return found;
  }

  function condition(type: string, name: string, value: string): Holds | undefined {
    if (name.startsWith('_has:')) return reverse(type, name, value);
    const dot = name.indexOf('.');
    if (dot >= 0) return chain(type, name.slice(0, dot), name.slice(dot + 1), value);
    const [code = '', modifier] = name.split(':');
    const found = parameter(type, code);
    // Text search has no elements that an oracle could look at.
    if (!found || (found.alternatives.length === 0 && found.kind !== 'special')) return undefined;
    if (found.kind === 'composite') return modifier === undefined ? composite(found, value) : undefined;
    if (modifier === 'missing') {
      if (value !== 'true' && value !== 'false') return undefined;
      return (resource) => (leaves(resource, found).length === 0) === (value === 'true');
    }
    const reversed = modifier === 'not';
    const tests = splitOutside(value, ',').map((one) => testOf(found, reversed ? undefined : modifier, one));
    if (tests.some((test) => test === undefined)) return undefined;
    return (resource) => leaves(resource, found).some((leaf) => tests.some((test) => test?.(leaf))) !== reversed;
  }

  function testOf(
    { kind, targets }: Pick<Parameter, 'kind' | 'targets'>,
    modifier: string | undefined,
    asked: string,
  ): Test | undefined {
    if (asked === '') return undefined;
    switch (`${kind}:${modifier ?? ''}`) {
      case 'token:':
        return tokenTest(asked, world.systemOf);
      case 'token:text':
        return besideTest(unescaped(asked));
      case 'token:of-type':
        return ofTypeTest(asked);
      case 'string:':
      case 'string:exact':
      case 'string:contains':
        return textTest(unescaped(asked), modifier);
      case 'date:':
        return dateTest(asked);
      case 'number:':
        return numberTest(asked);
      case 'quantity:':
        return quantityTest(asked);
      case 'uri:':
      case 'uri:above':
      case 'uri:below':
        return uriTest(asked, modifier);
      case 'reference:identifier': {
        const test = tokenTest(asked, world.systemOf);
        return test && (({ value }) => test({ type: 'Identifier', value: (value as Json | undefined)?.identifier }));
      }
      case 'reference:below':
        return canonicalBelowTest(asked, baseUrl);
      default:
        if (kind !== 'reference' || (modifier !== undefined && !byTypeName(modifier))) return undefined;
        return referenceTest(asked, { baseUrl, targets, ...(modifier !== undefined && { typeModifier: modifier }) });
    }
  }
  const byTypeName = (name: string) => published.types.includes(name);

  /** Every part must hold of one and the same item. */
  function composite({ alternatives, components }: Parameter, value: string): Holds | undefined {
    const any = splitOutside(value, ',').map((one) => {
      const parts = splitOutside(one, '$');
      const tests = components.map(({ kind }, place) => testOf({ kind, targets: [] }, undefined, parts[place] ?? ''));
      return parts.length === components.length && tests.every((test) => test !== undefined) ? tests : undefined;
    });
    if (any.some((tests) => tests === undefined)) return undefined;
    return (resource) => {
      const root = rootOf(resource);
      return itemsOf(root, alternatives).some((item) =>
        any.some((tests) =>
          components.every((component, place) =>
            partOf(root, item, component.alternatives).some((leaf) => tests?.[place]?.(leaf)),
          ),
        ),
      );
    };
  }
  const rootOf = (resource: Json): Leaf => ({ type: String(resource.resourceType), value: resource });
  const itemsOf = (root: Leaf, alternatives: readonly string[]) =>
    alternatives.flatMap((one) => walk(published, [root], stepsOf(one).slice(1)));
  const partOf = (root: Leaf, item: Leaf, paths: readonly string[]) =>
    paths.flatMap((path) =>
      path.startsWith('%resource.')
        ? walk(published, [root], stepsOf(path.slice('%resource.'.length)))
        : walk(published, [item], stepsOf(path)),
    );

  function pointsTo(resource: Json, found: Parameter): string[] {
    return leaves(resource, found).flatMap((leaf) => targetOf(leaf, baseUrl)?.local ?? []);
  }

  function chain(type: string, first: string, rest: string, value: string): Holds | undefined {
    const [code = '', typeModifier] = first.split(':');
    const found = parameter(type, code);
    if (found?.kind !== 'reference') return undefined;
    const types = typeModifier ? [typeModifier] : found.targets;
    if (typeModifier && found.targets.length > 0 && !found.targets.includes(typeModifier)) return undefined;
    const reached = types.flatMap((target) => {
      const holds = condition(target, rest, value);
      return holds ? [{ target, holds }] : [];
    });
    if (reached.length === 0) return undefined;
    const hits = new Set(
      reached.flatMap(({ target, holds }) =>
        (byType.get(target) ?? []).filter(holds).map(({ id }) => `${target}/${id}`),
      ),
    );
    return (resource) => pointsTo(resource, found).some((target) => hits.has(target));
  }

  /** `_has:Type:param:rest`. */
  function reverse(type: string, name: string, value: string): Holds | undefined {
    const [, sourceType = '', code = '', rest = ''] = /^_has:(\w+):([\w-]+):(.+)$/s.exec(name) ?? [];
    const found = parameter(sourceType, code);
    const holds = condition(sourceType, rest, value);
    if (found?.kind !== 'reference' || !holds) return undefined;
    if (found.targets.length > 0 && !found.targets.includes(type)) return undefined;
    const hits = new Set((byType.get(sourceType) ?? []).filter(holds).flatMap((source) => pointsTo(source, found)));
    return (resource) => hits.has(`${type}/${resource.id}`);
  }

  return {
    leaves,
    parts(resource, { alternatives, components }, place) {
      const root = rootOf(resource);
      return itemsOf(root, alternatives).flatMap((item) => partOf(root, item, components[place]?.alternatives ?? []));
    },
    answer(type, params) {
      const conditions = params.map(([name, value]) => condition(type, name, value));
      if (conditions.some((holds) => holds === undefined)) return undefined;
      const found = (byType.get(type) ?? []).filter((resource) => conditions.every((holds) => holds?.(resource)));
      return new Set(found.map(({ id }) => String(id)));
    },
  };
}
