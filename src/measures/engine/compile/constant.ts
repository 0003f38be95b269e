import type { Constant } from '../operators/types.ts';
import type { Value } from '../values/types.ts';
import type { Compiled, Frame } from './types.ts';

/** Code that gives the same value whatever the child. */
export function constantOf(constant: Value): Constant {
  return Object.assign(() => constant, { constant });
}

/** The value of code that does not depend on the frame; undefined when it does, or when that was not looked at. */
export function constantValue(code: Compiled): Value | undefined {
  return 'constant' in code ? (code as Constant).constant : undefined;
}

/** A frame for code that is tried at load: whatever would look at a child, a moment or a local stops it. */
const nowhere = new Proxy({} as Frame, {
  get() {
    throw new Error('not known at load');
  },
});

/**
 * Computes at load what depends on constants alone. Code that looks at the frame after all (a time without an offset, which
 * the time zone decides) or that faults stays as it is: a fault belongs to whom it happens to.
 */
export function fold(code: Compiled): Compiled {
  try {
    return constantOf(code(nowhere));
  } catch {
    return code;
  }
}
