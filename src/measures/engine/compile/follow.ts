import { sameValue } from '../values/same.ts';
import type { Value } from '../values/types.ts';
import type { Compiled, Frame } from './types.ts';

/** The value of one definition that time may change, and what it was found from. */
interface Cell {
  readonly compute: Compiled;
  value: Value;
  /** Counts the values that it had, and the faults. */
  version: number;
  /** False before it was looked for, and after a fault. */
  isFound: boolean;
  /** Looked at the clock itself. */
  readsClock: boolean;
  /** The cells that it read, each with the version that it saw, in the order of the first look. */
  read: Map<Cell, number>;
  /** The moment for which it is known to be right, by number. */
  rightAt: number;
}

/**
 * Follows one child's values through time. Of each definition that may depend on the clock it is kept what was read to find it; at another moment only
 * that is found again which read the clock, or something that has become another value. So whether anything changes tomorrow costs a
 * small part of asking everything tomorrow. What cannot depend on the clock stays where a run keeps it.
 */
export class Follow {
  readonly #cells: (Cell | undefined)[] = [];
  readonly #asked: Cell;
  #reading: Cell;
  #frame: Frame;
  #moment = 0;

  constructor(frame: Frame) {
    this.#frame = frame;
    this.#asked = newCell(() => null);
    this.#reading = this.#asked;
  }

  /** What is being found looked at the clock. */
  noteClock(): void {
    this.#reading.readsClock = true;
  }

  /** The value of a definition that may depend on the clock. */
  value(slot: number, compute: Compiled): Value {
    const known = this.#cells[slot];
    const cell = known ?? newCell(compute);
    this.#cells[slot] = cell;
    try {
      this.#bringUp(cell);
    } finally {
      if (!this.#reading.read.has(cell)) this.#reading.read.set(cell, cell.version);
    }
    return cell.value;
  }

  /**
   * Goes to another moment. True when nothing that was asked for is another there, so that it need not be asked again; else what is asked for from
   * now on is counted.
   */
  moveTo(frame: Frame): boolean {
    this.#frame = frame;
    this.#moment += 1;
    if (this.#isStill(this.#asked)) return true;
    this.#asked.read = new Map();
    this.#asked.readsClock = false;
    return false;
  }

  #bringUp(cell: Cell): void {
    if (cell.rightAt === this.#moment) return;
    if (!cell.isFound || !this.#isStill(cell)) this.#find(cell);
    cell.rightAt = this.#moment;
  }

  /** In the order of reading: what was read later may have been read because of what was read before. */
  #isStill({ readsClock, read }: Cell): boolean {
    if (readsClock) return false;
    for (const [cell, version] of read) {
      try {
        this.#bringUp(cell);
      } catch {
        // Whoever asks for it now is told the fault.
        return false;
      }
      if (cell.version !== version) return false;
    }
    return true;
  }

  #find(cell: Cell): void {
    const outer = this.#reading;
    const before = cell.isFound ? cell.value : undefined;
    this.#reading = cell;
    Object.assign(cell, { read: new Map(), readsClock: false, isFound: false });
    try {
      const value = cell.compute(this.#frame);
      cell.isFound = true;
      if (before !== undefined && sameValue(before, value)) return;
      cell.value = value;
      cell.version += 1;
    } finally {
      if (!cell.isFound) cell.version += 1;
      this.#reading = outer;
    }
  }
}

function newCell(compute: Compiled): Cell {
  return { compute, value: null, version: 0, isFound: false, readsClock: false, read: new Map(), rightAt: -1 };
}
