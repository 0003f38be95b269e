/** A piece of a paragraph in one font. */
export interface Run {
  text: string;
  bold?: boolean;
}

/** A piece of a line, placed: `x` from the line's left edge, in points. */
export interface Placed {
  text: string;
  bold: boolean;
  x: number;
}

/** Width of a text in points, by the metrics of the very font it is drawn with. */
export type Measure = (text: string, bold: boolean) => number;

interface Word {
  text: string;
  bold: boolean;
  width: number;
  isRtl: boolean;
}

const rtl = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const letter = /\p{L}/u;

/**
 * Breaks runs of text into lines no wider than `width`; a word that is wider is broken between letters. Words of right-to-left scripts are put
 * in their order, each stretch by itself; a paragraph that begins with one begins at the right.
 */
export function linesOf(runs: readonly Run[], width: number, measure: Measure): Placed[][] {
  const words = runs.flatMap(({ text, bold = false }) => wordsOf(text, bold, width, measure));
  const first = runs.map(({ text }) => letter.exec(text)?.[0]).find((found) => found !== undefined);
  const beginsRight = first !== undefined && rtl.test(first) && !runs.some(({ bold }) => bold);
  const space = (bold: boolean) => measure(' ', bold);
  const lines: Word[][] = [];
  let line: Word[] = [];
  let used = 0;
  for (const word of words) {
    const gap = line.length === 0 ? 0 : space(word.bold);
    if (line.length > 0 && used + gap + word.width > width) {
      lines.push(line);
      line = [];
      used = 0;
    }
    used += (line.length === 0 ? 0 : gap) + word.width;
    line.push(word);
  }
  if (line.length > 0) lines.push(line);
  return lines.map((one) => placed(one, width, beginsRight, space, measure));
}

function wordsOf(text: string, bold: boolean, width: number, measure: Measure): Word[] {
  const found: Word[] = [];
  for (const word of text.split(/\s+/u).filter((one) => one !== '')) {
    let rest = [...word];
    while (rest.length > 0) {
      let count = rest.length;
      while (count > 1 && measure(rest.slice(0, count).join(''), bold) > width) count -= 1;
      const piece = rest.slice(0, count).join('');
      found.push({ text: piece, bold, width: measure(piece, bold), isRtl: rtl.test(piece) });
      rest = rest.slice(count);
    }
  }
  return found;
}

/** From left to right as the eye sees them; neighbors of one font are drawn as one text, so that readers find the spaces. */
function placed(
  words: readonly Word[],
  width: number,
  beginsRight: boolean,
  space: (bold: boolean) => number,
  measure: Measure,
): Placed[] {
  const ordered = beginsRight ? stretches(words).reverse().flat() : stretches(words).flat();
  const found: Placed[] = [];
  let last: Word | undefined;
  let x = 0;
  for (const word of ordered) {
    const before = found.at(-1);
    if (before && last && last.bold === word.bold && !last.isRtl && !word.isRtl) {
      before.text = `${before.text} ${word.text}`;
      x = before.x + measure(before.text, before.bold);
    } else {
      x += last ? space(word.bold) : 0;
      found.push({ text: word.text, bold: word.bold, x });
      x += word.width;
    }
    last = word;
  }
  return beginsRight ? found.map((one) => ({ ...one, x: one.x + Math.max(0, width - x) })) : found;
}

/** Stretches of one direction; words without letters go with what is before them. Those from right to left are turned round. */
function stretches(words: readonly Word[]): Word[][] {
  const found: { isRtl: boolean; words: Word[] }[] = [];
  for (const word of words) {
    const last = found.at(-1);
    if (last && (last.isRtl === word.isRtl || !letter.test(word.text))) last.words.push(word);
    else found.push({ isRtl: word.isRtl, words: [word] });
  }
  return found.map((one) => (one.isRtl ? one.words.reverse() : one.words));
}
