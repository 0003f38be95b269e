import type { Interaction } from '../personality.ts';

const letterOf: Record<Interaction, string> = { read: 'r', 'search-type': 's', create: 'c', update: 'u', delete: 'd' };
const version1: Record<string, string> = { read: 'rs', write: 'cud', '*': 'cruds' };

interface ResourceScope {
  level: string;
  type: string;
  letters: string;
}

/** A SMART v1 or v2 resource scope; undefined for others, and for granular ones (`?category=…`), which are not offered. */
function parseScope(scope: string): ResourceScope | undefined {
  const match = /^(system|user|patient)\/(\*|[A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)$/.exec(scope);
  const [, level, type, permission] = match ?? [];
  if (!level || !type || !permission) return undefined;
  return { level, type, letters: version1[permission] ?? permission };
}

function within(asked: ResourceScope, ceiling: ResourceScope): boolean {
  const sameLevel = asked.level === ceiling.level;
  const typeFits = ceiling.type === '*' || ceiling.type === asked.type;
  return sameLevel && typeFits && [...asked.letters].every((letter) => ceiling.letters.includes(letter));
}

/** The scopes of `asked` that a client's ceiling allows. With `levels`, resource scopes of other levels are dropped. */
export function grantable(asked: string, ceiling: string, levels: readonly string[]): string[] {
  const allowed = ceiling.split(' ');
  return asked.split(' ').filter((scope) => {
    const parsed = parseScope(scope);
    if (!parsed) return scope !== '' && !scope.includes('/') && allowed.includes(scope);
    if (!levels.includes(parsed.level)) return false;
    return allowed.some((one) => {
      const limit = parseScope(one);
      return limit !== undefined && within(parsed, limit);
    });
  });
}

/** SMART App Launch 2, scopes for resources: does any granted scope cover this interaction on this type? */
export function scopesAllow(scopes: readonly string[], type: string, interaction: Interaction): boolean {
  return scopes.some((scope) => {
    const parsed = parseScope(scope);
    return (
      parsed !== undefined &&
      (parsed.type === '*' || parsed.type === type) &&
      parsed.letters.includes(letterOf[interaction])
    );
  });
}
