type Coding = Record<string, unknown>;

/** Profiles, tags and security labels: sets, whose members are told apart by URL, and by system and code. */
export interface MetaSets {
  profile: string[];
  tag: Coding[];
  security: Coding[];
}

export const metaNames = ['profile', 'tag', 'security'] as const;

/** "The identity of a tag or security label is the system + code"; version and display do not count. */
export function metaKey(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item);
  const { system = null, code = null } = item as Coding;
  return JSON.stringify([system, code]);
}
