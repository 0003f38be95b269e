import { hash64 } from './hash.ts';

/** How names become numbers (PostgreSQL's bigint, as text), and numbers other numbers. */
export interface Numbers {
  hash(...parts: string[]): string;
  xor(left: string, right: string): string;
}

/** Works each of them out. */
export const workedOut: Numbers = { hash: hash64, xor };

/** Both numbers' bits in one number, from which either gives back the other; PostgreSQL's `#`. */
export function xor(left: string, right: string): string {
  return (BigInt(left) ^ BigInt(right)).toString();
}

/** What is so long does not come often, and would fill the memory. */
const isLong = (part: string) => part.length > 100;

interface Place {
  number?: string;
  next?: Map<string, Place>;
}

/**
 * Remembers what it has worked out, up to `most` numbers; then it begins anew. Most that a record is found by is what the record before
 * was found by: codes, their systems, the names of parameters, the child. Part by part, so that nothing is put together to be looked up.
 */
export function rememberedNumbers(most: number): Numbers {
  let hashes: Place = {};
  let xors: Place = {};
  let known = 0;
  const room = () => {
    known += 1;
    if (known < most) return;
    known = 0;
    hashes = {};
    xors = {};
  };
  return {
    hash: (...parts) => {
      if (parts.some(isLong)) return hash64(...parts);
      const place = placeOf(hashes, parts);
      if (place.number === undefined) {
        place.number = hash64(...parts);
        room();
      }
      return place.number;
    },
    xor: (left, right) => {
      // The right one is the name of a parameter, of which there are few.
      const place = placeOf(xors, [right, left]);
      if (place.number === undefined) {
        place.number = xor(left, right);
        room();
      }
      return place.number;
    },
  };
}

function placeOf(root: Place, parts: readonly string[]): Place {
  let place = root;
  for (const part of parts) {
    place.next ??= new Map();
    let next = place.next.get(part);
    if (!next) {
      next = {};
      place.next.set(part, next);
    }
    place = next;
  }
  return place;
}
