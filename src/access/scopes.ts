import { limits } from '../base/limits.ts';
import { bothFilters, isWithin, parseFilter, type ScopeFilter, type ScopeTypes } from './scope-filter.ts';
import type { Interaction, Scope } from './types.ts';

/**
 * SMART scopes as data. Source: SMART App Launch 2.2, "Scopes and launch context": v2 `patient/Goal.rs` (letters of `cruds` in that order,
 * at least one), granular with a filter (`patient/Observation.rs?category=…`, scope-filter.ts), and v1 `patient/Goal.read`. Anything
 * else is not understood, and so not granted.
 */
export interface ScopeSet {
  resource: GrantedScope[];
  /** `launch`, `openid`, `fhirUser` … : scopes that name no resource. */
  special: string[];
}

/** A scope that remembers in which version of the grammar it was asked for, so that it can be answered in the same one. */
export interface GrantedScope extends Scope {
  style: 'v1' | 'v2';
  /** Of a granular scope; `having` is its meaning. */
  filter?: ScopeFilter;
}

export interface ParsedScopes extends ScopeSet {
  /** What the text also held and we do not understand. Never log it as it is: it is the client's text. */
  unknown: string[];
}

const letters = ['c', 'r', 'u', 'd', 's'] as const satisfies readonly Interaction[];
const shape = /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{1,63})\.(?:(c?r?u?d?s?)|(read|write|\*))(?:\?(.+))?$/;
const specialNames: readonly string[] = [
  'launch',
  'launch/patient',
  'launch/encounter',
  'openid',
  'fhirUser',
  'profile',
];
/**
 * `launch/imagingstudy?role=…`: the app asks that the person choose a record of that type. A role is an absolute URI; what is written there and is
 * none counts as not written. Source: SMART App Launch 2.2, "Requesting context with scopes". Undefined for every other text.
 */
export function contextScope(name: string, types: ScopeTypes): { type: string; role?: string } | undefined {
  const [, lower, role = ''] = /^launch\/([a-z]{2,64})(?:\?role=(\S{1,300}))?$/.exec(name) ?? [];
  if (lower === undefined || lower === 'patient' || lower === 'encounter') return undefined;
  const type = [...(types.keys?.() ?? [])].find((one) => one.toLowerCase() === lower);
  return type === undefined ? undefined : { type, ...(/^[a-z][a-z\d+.-]*:\S+$/i.test(role) && { role }) };
}

const specialLater: readonly string[] = ['offline_access', 'online_access'];
const v1Letters: Record<string, string> = { read: 'rs', write: 'cud', '*': 'cruds' };

/** Reads a space-separated scope text. `types`: the resource types that exist, and what filters may ask of them. Never fails: see `unknown`. */
export function parseScopes(text: string, types: ScopeTypes): ParsedScopes {
  const parsed: ParsedScopes = { resource: [], special: [], unknown: [] };
  const words = [...new Set(text.split(' ').filter((word) => word !== ''))];
  for (const word of words.slice(0, limits.auth.scopes)) {
    const scope = parseScope(word, types);
    if (scope) parsed.resource.push(scope);
    else if (specialNames.includes(word) || specialLater.includes(word) || contextScope(word, types))
      parsed.special.push(word);
    else parsed.unknown.push(word);
  }
  parsed.unknown.push(...words.slice(limits.auth.scopes));
  return parsed;
}

function parseScope(word: string, types: ScopeTypes): GrantedScope | undefined {
  const match = shape.exec(word);
  const level = match?.[1];
  const type = match?.[2];
  if (!match || !type || (type !== '*' && !types.has(type))) return undefined;
  if (level !== 'patient' && level !== 'user' && level !== 'system') return undefined;
  const v1 = match[4];
  const granted = lettersOf(v1 === undefined ? (match[3] ?? '') : (v1Letters[v1] ?? ''));
  if (granted.size === 0) return undefined;
  if (match[5] === undefined) return { level, type, interactions: granted, style: v1 === undefined ? 'v2' : 'v1' };
  // Filters came with v2.
  const filter = v1 === undefined ? parseFilter(match[5], type, types) : undefined;
  return filter && { level, type, interactions: granted, style: 'v2', filter, having: filter.having };
}

function lettersOf(text: string): Set<Interaction> {
  return new Set(letters.filter((letter) => text.includes(letter)));
}

/** The canonical text: letters in the order c, r, u, d, s; a v1 scope as v1 when what is left of it still has a v1 name. */
export function formatScope(scope: GrantedScope): string {
  const kept = letters.filter((letter) => scope.interactions.has(letter)).join('');
  const v1 = Object.keys(v1Letters).find((name) => v1Letters[name] === kept);
  const filter = scope.filter ? `?${scope.filter.text}` : '';
  return `${scope.level}/${scope.type}.${scope.style === 'v1' && v1 && !filter ? v1 : kept}${filter}`;
}

export function formatScopes(set: ScopeSet): string {
  return [...new Set([...set.special, ...set.resource.map(formatScope)])].join(' ');
}

/**
 * What of `requested` lies under `ceiling`: a wildcard on either side narrows to the other's type, letters are intersected, filters both
 * hold, levels must be the same. Only ever less than either side.
 */
export function intersectScopes(requested: ScopeSet, ceiling: ScopeSet): ScopeSet {
  const granted = new Map<string, GrantedScope>();
  for (const wanted of requested.resource) {
    const overlaps = ceiling.resource.flatMap((limit) => overlapOf(wanted, limit) ?? []);
    for (const overlap of overlaps) {
      if (!overlaps.some((other) => isWider(other, overlap))) merge(granted, overlap);
    }
  }
  return {
    resource: [...granted.values()],
    // Whoever may ask for a type may ask for it in any role.
    special: requested.special.filter((name) =>
      [name, name.replace(/\?role=.*$/, '')].some((one) => ceiling.special.includes(one)),
    ),
  };
}

/** True when what one gives is given by the other anyhow, by a filter that asks less. */
function isWider(other: GrantedScope, one: GrantedScope): boolean {
  if (other.type !== one.type || other.filter?.text === one.filter?.text || !isWithin(one.filter, other.filter))
    return false;
  return [...one.interactions].every((interaction) => other.interactions.has(interaction));
}

function overlapOf(wanted: GrantedScope, limit: GrantedScope): GrantedScope | undefined {
  if (wanted.level !== limit.level) return undefined;
  if (wanted.type !== limit.type && wanted.type !== '*' && limit.type !== '*') return undefined;
  const interactions = new Set(letters.filter((l) => wanted.interactions.has(l) && limit.interactions.has(l)));
  if (interactions.size === 0) return undefined;
  const type = wanted.type === '*' ? limit.type : wanted.type;
  const filter = bothFilters(wanted.filter, limit.filter);
  return {
    level: wanted.level,
    type,
    interactions,
    style: wanted.style,
    ...(filter && { filter, having: filter.having }),
  };
}

function merge(granted: Map<string, GrantedScope>, scope: GrantedScope): void {
  const key = `${scope.style} ${scope.level}/${scope.type}?${scope.filter?.text ?? ''}`;
  const before = granted.get(key);
  const interactions = before ? new Set([...before.interactions, ...scope.interactions]) : scope.interactions;
  granted.set(key, { ...scope, interactions });
}
