import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import type { EmergencyContent } from '../content/types.ts';
import type { Zone } from '../scenario.ts';
import { type Block, blocksOf } from './pdf-blocks.ts';
import { indentOf, type Layout, layOut, page, type Spot } from './pdf-layout.ts';
import { drawPictures, picturesWidth } from './pdf-pictures.ts';
import { linesOf, type Measure, type Run } from './pdf-text.ts';

const require = createRequire(import.meta.url);
const fonts = {
  plain: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf'),
  bold: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf'),
};
const colors: Record<Zone, string> = { green: '#1a7f37', yellow: '#c99700', red: '#b42318' };
const inner = page.width - 2 * page.margin;

type Document = InstanceType<typeof PDFDocument>;
type Structure = ReturnType<Document['struct']>;

/**
 * The plan as a PDF: tagged, with its language and a title that names nobody, one page where that can be read, more where not. The same bytes for
 * equal content made at the same instant (`now`).
 */
export async function emergencyPdf(given: EmergencyContent, now: Date): Promise<Buffer> {
  const { words } = given;
  const doc = new PDFDocument({
    size: [page.width, page.height],
    margin: 0,
    autoFirstPage: false,
    bufferPages: true,
    pdfVersion: '1.7',
    tagged: true,
    lang: words.language,
    displayTitle: true,
    info: { Title: words.title, Creator: 'Careweave', Producer: 'Careweave', CreationDate: now, ModDate: now },
  });
  const bytes = collected(doc);
  doc.registerFont('plain', fonts.plain).registerFont('bold', fonts.bold);
  const content = printable(given, doc);
  const measureAt = (size: number): Measure => {
    return (text, bold) =>
      doc
        .font(bold ? 'bold' : 'plain')
        .fontSize(size)
        .widthOfString(text);
  };
  const root = doc.struct('Document');
  doc.addStructure(root);
  doc.addPage();
  const first = drawHead(doc, root, content, measureAt);
  const blocks = blocksOf(content);
  const layout = layOut(blocks, measureAt, { first, other: page.margin + 24 });
  for (let more = 1; more < layout.pages; more += 1) doc.addPage();
  drawBlocks(doc, root, blocks, layout);
  for (let index = 0; index < layout.pages; index += 1) drawMargins(doc, content, index, layout.pages, measureAt);
  root.end();
  doc.end();
  return bytes;
}

function collected(doc: Document): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    doc.on('data', (chunk: Buffer) => chunks.push(chunk));
    doc.on('error', reject);
    doc.on('end', () => resolve(Buffer.concat(chunks)));
  });
}

/** Letters that the font does not have stand as a box, and the page says so: nothing is left out silently. */
function printable(content: EmergencyContent, doc: Document): EmergencyContent {
  doc.font('plain');
  // pdfkit does not tell what a font has; the font inside it does.
  const { font } = (doc as unknown as { _font: { font: { hasGlyphForCodePoint(point: number): boolean } } })._font;
  let isWhole = true;
  const shown = (text: string) =>
    [...text.normalize('NFC')]
      .map((letter) => {
        if (/[\p{Cc}\p{Cf}]/u.test(letter)) return /\s/.test(letter) ? ' ' : '';
        if (font.hasGlyphForCodePoint(letter.codePointAt(0) ?? 0)) return letter;
        isWhole = false;
        return '□';
      })
      .join('');
  const through = <T>(value: T): T => {
    if (typeof value === 'string') return shown(value) as T;
    if (Array.isArray(value)) return value.map(through) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, through(one)])) as T;
  };
  const { child, summary, standing, sections } = content;
  const told = {
    ...content,
    child: through(child),
    summary: shown(summary),
    standing: through(standing),
    sections: through(sections),
  };
  return isWhole
    ? told
    : { ...told, notRecorded: content.notRecorded, summary: `${told.summary} [${content.words.unprintable}]` };
}

/** Who the child is, across the page; answers where the columns begin. */
function drawHead(
  doc: Document,
  root: Structure,
  content: EmergencyContent,
  measureAt: (size: number) => Measure,
): number {
  const { words, child, summary, asOf, standing } = content;
  let y: number = page.margin;
  const pictures = drawPictures(doc, root, content, measureAt);
  const width = inner - picturesWidth(content);
  const put = (tag: string, runs: readonly Run[], size: number, look: { color?: string; inset?: number } = {}) => {
    const { color = '#111111', inset = 0 } = look;
    const mark = doc.markStructureContent(tag);
    for (const pieces of linesOf(runs, width - 2 * inset, measureAt(size))) {
      for (const { text, bold, x } of pieces) draw(doc, text, page.margin + inset + x, y, { size, bold, color });
      y += size * 1.25;
    }
    doc.endMarkedContent();
    root.add(doc.struct(tag, {}, [mark]));
  };
  put('H1', [{ text: `${words.title} · ${words.asOf} ${asOf}`, bold: true }], 9.5);
  put('P', [{ text: child.name, bold: true }], 17);
  put('P', [{ text: child.facts.join(' · ') }], 9);
  put('P', [{ text: summary, bold: true }], 10.5);
  if (standing.isDue) {
    y += 4;
    const top = y;
    const why = [...standing.reasons, ...standing.missing].join('; ');
    put('P', [{ text: `${words.checkAgain}:`, bold: true }, { text: `${why}.` }], 9, { color: '#6e1600', inset: 5 });
    artifact(doc, () =>
      doc
        .rect(page.margin, top - 3, width, y - top + 4)
        .lineWidth(1.2)
        .stroke('#8a1c00'),
    );
    y += 5;
  }
  y = Math.max(y, pictures);
  artifact(doc, () =>
    doc
      .moveTo(page.margin, y + 2)
      .lineTo(page.width - page.margin, y + 2)
      .lineWidth(1.5)
      .stroke('#111111'),
  );
  return y + 7;
}

function drawBlocks(doc: Document, root: Structure, blocks: readonly Block[], { spots, size }: Layout): void {
  let section = root;
  let list: Structure | undefined;
  let body: Structure | undefined;
  let steps: Structure | undefined;
  for (const [index, block] of blocks.entries()) {
    const own = spots.filter((spot) => spot.block === index);
    const marks = own.map((spot, line) => drawSpot(doc, block, spot, size, line === 0));
    if (block.kind === 'heading') {
      section = doc.struct('Sect');
      root.add(section);
      section.add(doc.struct('H2', {}, marks));
      [list, body, steps] = [undefined, undefined, undefined];
      continue;
    }
    const item = doc.struct('LI');
    const inside = doc.struct('LBody');
    for (const mark of marks) inside.add(mark);
    item.add(inside);
    if (block.depth === 0 || body === undefined) {
      list ??= listIn(doc, section);
      list.add(item);
      [body, steps] = [inside, undefined];
    } else {
      steps ??= listIn(doc, body);
      steps.add(item);
    }
  }
}

function listIn(doc: Document, parent: Structure): Structure {
  const list = doc.struct('L');
  parent.add(list);
  return list;
}

function drawSpot(doc: Document, block: Block, spot: Spot, size: number, isFirst: boolean) {
  doc.switchToPage(spot.page);
  const indent = indentOf(block, size);
  const left = spot.x - indent;
  const width = (page.width - 2 * page.margin - page.gap) / 2;
  artifact(doc, () => {
    if (block.isLoud) doc.rect(left, spot.y - 1.5, width, spot.height + 1).fill('#111111');
    else if (block.kind === 'heading')
      doc
        .moveTo(left, spot.y + spot.height)
        .lineTo(left + width, spot.y + spot.height)
        .lineWidth(0.7)
        .stroke('#555555');
    if (block.zone)
      doc.rect(left + size * 0.9 * block.depth, spot.y - 0.5, size * 0.35, spot.height + 0.6).fill(colors[block.zone]);
    else if (block.kind === 'item' && isFirst)
      doc.circle(spot.x - size * 0.4, spot.y + size * 0.58, block.depth === 0 ? 1.3 : 0.8).fill('#111111');
  });
  const mark = doc.markStructureContent(block.kind === 'heading' ? 'H2' : 'LBody');
  const color = block.isLoud ? '#ffffff' : '#111111';
  for (const { text, bold, x } of spot.pieces) draw(doc, text, spot.x + x, spot.y, { size, bold, color });
  doc.endMarkedContent();
  return mark;
}

/** On every page: which it is, as of when, and that it goes on; on further pages whose they are, because pages come apart. */
function drawMargins(
  doc: Document,
  content: EmergencyContent,
  index: number,
  pages: number,
  measureAt: (size: number) => Measure,
): void {
  const { words, child, asOf } = content;
  doc.switchToPage(index);
  artifact(doc, () => {
    const goesOn = index + 1 < pages;
    const said = [words.page(index + 1, pages), `${words.asOf} ${asOf}`].join(' · ');
    const y = page.height - page.margin - 10;
    draw(doc, said, page.margin, y, { size: 7.5, bold: false, color: '#333333' });
    if (goesOn) {
      const x = page.width - page.margin - measureAt(9)(words.continues, true);
      draw(doc, words.continues, x, y - 1, { size: 9, bold: true, color: '#6e1600' });
    }
    if (index === 0) return;
    const [head = []] = linesOf(
      [{ text: `${words.title} · ${child.name} · ${child.facts[0] ?? ''} · ${words.continued}`, bold: true }],
      inner,
      measureAt(9.5),
    );
    for (const { text, bold, x } of head)
      draw(doc, text, page.margin + x, page.margin, { size: 9.5, bold, color: '#111111' });
  });
}

/** What is no content: lines, bars, page numbers. */
function artifact(doc: Document, work: () => void): void {
  doc.markContent('Artifact', { type: 'Layout' });
  work();
  doc.endMarkedContent();
}

function draw(
  doc: Document,
  text: string,
  x: number,
  y: number,
  look: { size: number; bold: boolean; color: string },
): void {
  doc
    .font(look.bold ? 'bold' : 'plain')
    .fontSize(look.size)
    .fillColor(look.color)
    .text(text, x, y, { lineBreak: false });
}
