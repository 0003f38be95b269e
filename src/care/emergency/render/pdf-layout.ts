import type { Block } from './pdf-blocks.ts';
import { linesOf, type Measure, type Placed } from './pdf-text.ts';

/** A US Letter page, in points. */
export const page = { width: 612, height: 792, margin: 30, gap: 18, footer: 22 } as const;
export const columnWidth = (page.width - 2 * page.margin - page.gap) / 2;

/** One line of a block where it stands. */
export interface Spot {
  block: number;
  page: number;
  x: number;
  /** Top of the line. */
  y: number;
  height: number;
  pieces: readonly Placed[];
}

export interface Layout {
  size: number;
  pages: number;
  spots: readonly Spot[];
}

/** Sizes of letters that are tried until everything is on one page: the smallest that can still be read in a hurry is the last. */
const sizes = [9, 8.5, 8, 7.5, 7] as const;
/** What does not fit goes on to further pages, and then in letters that can be read well. */
const sizeOfSeveral = 8.5;
/** Longer paragraphs may be broken between columns. */
const linesTogether = 12;

/**
 * Two columns to a page, filled in the order of reading. Nothing is cut: what does not fit on one page goes on to the next. `tops`: where the
 * columns begin, under the head of the first page and of every other.
 */
export function layOut(
  blocks: readonly Block[],
  measureAt: (size: number) => Measure,
  tops: { first: number; other: number },
): Layout {
  for (const size of sizes) {
    const tried = layOutAt(blocks, size, measureAt(size), tops);
    if (tried.pages === 1) return tried;
  }
  return layOutAt(blocks, sizeOfSeveral, measureAt(sizeOfSeveral), tops);
}

function layOutAt(
  blocks: readonly Block[],
  size: number,
  measure: Measure,
  tops: { first: number; other: number },
): Layout {
  const bottom = page.height - page.margin - page.footer;
  const leading = size * 1.22;
  const spots: Spot[] = [];
  let at = { page: 0, column: 0, y: tops.first };
  const next = () => {
    at = at.column === 0 ? { ...at, column: 1, y: topOf(at.page) } : { page: at.page + 1, column: 0, y: tops.other };
  };
  const topOf = (of: number) => (of === 0 ? tops.first : tops.other);
  for (const [index, block] of blocks.entries()) {
    const indent = indentOf(block, size);
    const lines = linesOf(block.runs, columnWidth - indent, measure);
    const isTop = () => at.y === topOf(at.page);
    if (block.kind === 'heading' && !isTop()) at.y += size * 0.5;
    // A heading does not stand alone at the foot of a column, and what is said of a drug or a step stays together.
    const needed = (block.kind === 'heading' ? lines.length + 2 : Math.min(lines.length, linesTogether)) * leading;
    if (at.y + needed > bottom && !isTop()) next();
    for (const pieces of lines) {
      if (at.y + leading > bottom) next();
      const x = page.margin + at.column * (columnWidth + page.gap) + indent;
      spots.push({ block: index, page: at.page, x, y: at.y, height: leading, pieces });
      at.y += leading;
    }
    at.y += block.kind === 'heading' ? size * 0.25 : size * 0.15;
  }
  return { size, pages: Math.max(0, ...spots.map((spot) => spot.page)) + 1, spots };
}

export function indentOf({ kind, depth }: Block, size: number): number {
  return kind === 'heading' ? 3 : size * (0.9 + depth * 0.9);
}
