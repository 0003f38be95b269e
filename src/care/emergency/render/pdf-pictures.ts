import type PDFDocument from 'pdfkit';
import { encode } from 'uqr';
import type { EmergencyContent } from '../content/types.ts';
import { page } from './pdf-layout.ts';
import { linesOf, type Measure } from './pdf-text.ts';

type Document = InstanceType<typeof PDFDocument>;
type Structure = ReturnType<Document['struct']>;

/** 38 mm: a phone reads the squares of a code of so many letters from a hand away. */
const side = 108;
const gap = 8;
const wordsSize = 6.5;

/** How much of the head's width the pictures take, in points. */
export function picturesWidth({ child, link }: EmergencyContent): number {
  return [child.photo, link].filter((one) => one !== undefined).length * (side + gap);
}

/** The child's face and the code that leads to the plan, at the right of the head; answers where they end. Each is a figure with its words. */
export function drawPictures(
  doc: Document,
  root: Structure,
  content: EmergencyContent,
  measureAt: (size: number) => Measure,
): number {
  const { child, link, words } = content;
  let x: number = page.width - page.margin;
  let bottom: number = page.margin;
  const figure = (alt: string, work: () => number) => {
    x -= side;
    const mark = doc.markStructureContent('Figure');
    bottom = Math.max(bottom, work());
    doc.endMarkedContent();
    root.add(doc.struct('Figure', { alt }, [mark]));
    x -= gap;
  };
  const { photo } = child;
  if (photo) {
    figure(words.photo, () => {
      doc.image(Buffer.from(photo.data, 'base64'), x, page.margin, { fit: [side, side], align: 'center' });
      return page.margin + side;
    });
  }
  if (link) {
    const said = words.link(link.until, link.hasPasscode);
    figure(said, () => {
      drawCode(doc, link.uri, x, page.margin);
      let y: number = page.margin + side + 2;
      for (const pieces of linesOf([{ text: said }], side, measureAt(wordsSize))) {
        for (const { text, x: at } of pieces)
          doc
            .font('plain')
            .fontSize(wordsSize)
            .fillColor('#111111')
            .text(text, x + at, y, { lineBreak: false });
        y += wordsSize * 1.2;
      }
      return y;
    });
  }
  return bottom;
}

/** A QR code as black squares, with the quiet zone that readers need (ISO/IEC 18004). */
function drawCode(doc: Document, text: string, left: number, top: number): void {
  const { size, data } = encode(text, { ecc: 'L', border: 2 });
  const step = side / size;
  for (const [row, cells] of data.entries())
    for (const [column, isDark] of cells.entries())
      if (isDark) doc.rect(left + column * step, top + row * step, step + 0.02, step + 0.02);
  doc.fill('#000000');
}
