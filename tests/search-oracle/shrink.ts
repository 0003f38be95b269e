import { fail } from '../../src/base/errors.ts';
import { createTestStore, testActor } from '../support/database.ts';
import { readResource } from './answer.ts';
import type { Asked } from './ask.ts';
import { splitOutside } from './escaping.ts';
import { isJson, type Json } from './leaves.ts';
import type { Published } from './published.ts';
import { baseUrl, oracleOver, searchServer, write } from './world.ts';

/** A disagreement in its smallest form, as a person wants to read it. */
export interface Disagreement {
  label: string;
  search: string;
  resources: Json[];
  expected: string[] | 'refused';
  found: string[] | string;
}

const sorted = (ids: Iterable<string>) => [...ids].sort();

/** Takes away alternatives, parameters, resources and elements as long as the two answers still differ. */
export async function shrink(published: Published, asked: Asked, texts: readonly string[]): Promise<Disagreement> {
  const home = await createTestStore({ baseUrl });
  const differs = async (type: string, params: Asked['params'], made: readonly string[]) => {
    let seen: Disagreement | undefined;
    await home.store.transact(testActor, async (tx) => {
      const resources = (await write(tx, made)).map(readResource);
      const expected = oracleOver(published, resources).answer(type, params);
      const found = await searchServer(home, tx, type, params);
      const left = expected ? sorted(expected) : ('refused' as const);
      const right = 'ids' in found ? sorted(found.ids) : found.refused === 'invalid' ? ('refused' as const) : left;
      if (JSON.stringify(left) !== JSON.stringify(right)) {
        const search = `${type}?${params.map(([name, value]) => `${name}=${value}`).join('&')}`;
        seen = { label: asked.label, search, resources, expected: left, found: 'ids' in found ? right : found.text };
      }
      return fail('conflict', 'Nothing stays.');
    });
    return seen;
  };
  try {
    let params = asked.params;
    let kept = [...texts];
    let last = await differs(asked.type, params, kept);
    if (!last)
      return {
        label: asked.label,
        search: JSON.stringify(params),
        resources: [],
        expected: [],
        found: 'only within the whole world',
      };
    for (let goesOn = true; goesOn; ) {
      goesOn = false;
      for (const smaller of smallerSearches(params)) {
        const still = await differs(asked.type, smaller, kept);
        if (!still) continue;
        [params, last, goesOn] = [smaller, still, true];
        break;
      }
      for (const smaller of smallerWorlds(kept)) {
        const still = await differs(asked.type, params, smaller);
        if (!still) continue;
        [kept, last, goesOn] = [smaller, still, true];
        break;
      }
    }
    return { ...last, resources: kept.map((text) => JSON.parse(text)) };
  } finally {
    await home.drop();
  }
}

function* smallerSearches(params: Asked['params']): Generator<Asked['params']> {
  if (params.length > 1) for (const one of params) yield params.filter((other) => other !== one);
  for (const [place, [name, value]] of params.entries()) {
    const values = splitOutside(value, ',');
    if (values.length < 2) continue;
    for (const one of values) yield params.with(place, [name, one]);
  }
}

function* smallerWorlds(texts: readonly string[]): Generator<string[]> {
  if (texts.length > 4) {
    yield texts.slice(texts.length >> 1);
    yield texts.slice(0, texts.length >> 1);
  }
  if (texts.length > 1) for (const one of texts) yield texts.filter((other) => other !== one);
  if (texts.length > 4) return;
  for (const [place, text] of texts.entries()) {
    for (const less of smallerValues(JSON.parse(text, keepDigits))) yield texts.with(place, JSON.stringify(less));
  }
}

const keepDigits = (_key: string, value: unknown, context: { source?: string }) =>
  typeof value === 'number' && context.source !== undefined ? JSON.rawJSON(context.source) : value;

/** Every copy with one property or item less. */
function* smallerValues(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    if (value.length > 1) for (const place of value.keys()) yield value.toSpliced(place, 1);
    for (const [place, item] of value.entries()) for (const less of smallerValues(item)) yield value.with(place, less);
  } else if (isJson(value) && !JSON.isRawJSON(value)) {
    for (const name of Object.keys(value)) {
      if (name === 'resourceType' || name === 'id') continue;
      const { [name]: gone, ...rest } = value;
      yield rest;
      for (const less of smallerValues(gone)) yield { ...value, [name]: less };
    }
  }
}
