import type { Actor } from '../../store/types.ts';

/**
 * Which labels the transactions of an actor may take away: of one actor object, made for the one transaction. Nobody's role and no scope does it,
 * so that no write that merely leaves a label out, by whomever, takes it away.
 */
export interface Lowering {
  /** For `$release` and for what has expired. Keys as `labelKey` writes them. */
  allow(actor: Actor, labels: ReadonlySet<string>): void;
  allows(actor: Actor, label: string): boolean;
}

export function createLowering(): Lowering {
  const allowed = new WeakMap<Actor, ReadonlySet<string>>();
  return {
    allow: (actor, labels) => {
      allowed.set(actor, labels);
    },
    allows: (actor, label) => allowed.get(actor)?.has(label) ?? false,
  };
}
