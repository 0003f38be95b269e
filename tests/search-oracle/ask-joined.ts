import type { Oracle } from './answer.ts';
import { type Asked, type Asking, askOne, modifiersOf } from './ask.ts';
import { isJson, type Json } from './leaves.ts';
import { targetOf } from './match-reference.ts';
import type { Parameter, Published } from './published.ts';

/** One reference that is there: who refers, by which parameter, to whom. */
export interface Link {
  source: Json;
  code: string;
  /** `Type/id`. */
  target: string;
}

const isReference = ({ kind }: Parameter) => kind === 'reference';

/** Every literal reference of the world, canonicals aside: those are not followed. */
export function linksOf(published: Published, oracle: Oracle, resources: Iterable<Json>, baseUrl: string): Link[] {
  const links: Link[] = [];
  for (const source of resources) {
    for (const parameter of published.parameters(String(source.resourceType)).filter(isReference)) {
      for (const leaf of oracle.leaves(source, parameter)) {
        const target = isJson(leaf.value) ? targetOf(leaf, baseUrl)?.local : undefined;
        if (target !== undefined) links.push({ source, code: parameter.code, target });
      }
    }
  }
  return links;
}

/** Any parameter of the type, with any modifier it has. */
function askAny(asking: Asking, type: string): Asked | undefined {
  const { random, published } = asking;
  for (let tries = 0; tries < 20; tries += 1) {
    const parameter = random.pick(published.parameters(type));
    if (parameter.alternatives.length === 0) continue;
    const isMissing = random.chance(0.1) && parameter.kind !== 'composite';
    const modifier = isMissing ? 'missing' : random.pick(modifiersOf[parameter.kind] ?? ['']);
    const asked = askOne(asking, type, parameter, modifier);
    if (asked) return asked;
  }
  return undefined;
}

/** Mostly of this one resource, so that there is something to find. */
function askOf(asking: Asking, resource: Json | undefined, type: string): Asked | undefined {
  const isOfIt = resource !== undefined && asking.random.chance(0.7);
  return askAny(isOfIt ? { ...asking, byType: new Map([[type, [resource]]]) } : asking, type);
}

/** Two or three parameters at once, mostly of one resource: all must hold. */
export function askTogether(asking: Asking, type: string): Asked | undefined {
  const resource = asking.random.pick(asking.byType.get(type) ?? []);
  const count = 2 + asking.random.below(2);
  const parts = Array.from({ length: count }, () => askOf(asking, resource, type)).filter((one) => one !== undefined);
  return parts.length < 2 ? undefined : { type, params: parts.flatMap(({ params }) => params), label: 'together' };
}

/** `reference:Type.parameter=value`, up to three references deep. Source: FHIR R4, search.html#chaining. */
export function askChain(
  asking: Asking,
  type: string,
  depth = 1 + asking.random.below(3),
  from?: Json,
): Asked | undefined {
  const { random, published, links, byType } = asking;
  if (depth === 0) return askOf(asking, from, type);
  const there = links.filter(({ source }) => (from ? source === from : source.resourceType === type));
  if (there.length === 0) return undefined;
  const { code, target } = random.pick(there);
  const [targetType = '', id] = target.split('/');
  const next = byType.get(targetType)?.find((one) => one.id === id);
  const inner = askChain(asking, targetType, depth - 1, next);
  const [name, value] = inner?.params[0] ?? [];
  if (name === undefined || value === undefined) return undefined;
  const isOnly = published.parameters(type).find((one) => one.code === code)?.targets.length === 1;
  const typed = isOnly && random.chance(0.5) ? code : `${code}:${targetType}`;
  return { type, params: [[`${typed}.${name}`, value]], label: `chain ${depth}` };
}

/** `_has:Type:reference:parameter=value`, up to two deep, chains inside. Source: FHIR R4, search.html#has. */
export function askHas(
  asking: Asking,
  type: string,
  depth = 1 + asking.random.below(2),
  from?: Json,
): Asked | undefined {
  const { random, links } = asking;
  if (depth === 0) return random.chance(0.8) ? askOf(asking, from, type) : askChain(asking, type, 1, from);
  const wanted = from ? `${type}/${from.id}` : undefined;
  const there = links.filter(({ target }) => (wanted ? target === wanted : target.startsWith(`${type}/`)));
  if (there.length === 0) return undefined;
  const { source, code } = random.pick(there);
  const inner = askHas(asking, String(source.resourceType), depth - 1, source);
  const [name, value] = inner?.params[0] ?? [];
  if (name === undefined || value === undefined) return undefined;
  return { type, params: [[`_has:${source.resourceType}:${code}:${name}`, value]], label: `_has ${depth}` };
}
