import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { create as openFont } from 'fontkit';
import PDFDocument, { type StructureElement } from 'pdfkit';
import type { Paper, WrittenPaper } from '../pages/paper.ts';
import { drawing, drawTable } from './draw-table.ts';
import { unpackWoff } from './unpack-woff.ts';

const require = createRequire(import.meta.url);
const openFile = (path: string) => unpackWoff(readFileSync(path));
const fonts = {
  regular: openFile(require.resolve('roboto-fontface/fonts/roboto/Roboto-Regular.woff')),
  bold: openFile(require.resolve('roboto-fontface/fonts/roboto/Roboto-Bold.woff')),
};
const known = openFont(fonts.regular);

/** US Letter, in points. */
const margins = { top: 48, bottom: 60, left: 54, right: 54 };
const codeSide = (40 / 25.4) * 72;
const languages = { en: 'en-US', es: 'es-US' } as const;

/** A tagged PDF (PDF/UA-1, ISO 14289-1), whose text is read in the order of the paper. */
export async function writePdf(paper: Paper): Promise<WrittenPaper> {
  if (!isWritable(paper)) return { kind: 'unwritable' };
  const pdf = new PDFDocument({
    size: 'LETTER',
    margins,
    pdfVersion: '1.7',
    subset: 'PDF/UA',
    tagged: true,
    displayTitle: true,
    lang: languages[paper.language],
    bufferPages: true,
    // Else one of the fonts that no file brings along would be begun with.
    font: '',
    info: { Title: paper.title, Author: paper.issuer },
  });
  const parts: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    pdf.on('data', (part: Buffer) => void parts.push(part));
    pdf.on('end', resolve);
    pdf.on('error', reject);
  });
  pdf.registerFont('regular', fonts.regular);
  pdf.registerFont('bold', fonts.bold);
  drawPaper(pdf, paper);
  numberPages(pdf, paper.pageWords);
  pdf.end();
  await ended;
  return { kind: 'pdf', bytes: Buffer.concat(parts) };
}

/** A name that would be shown as boxes is worse than none. */
function isWritable(paper: Paper): boolean {
  const { title, issued, person, facts, table, sections, sign } = paper;
  const texts = [title, issued, person, facts, ...table.head, ...table.rows.flat(), ...sign];
  for (const { heading = '', text } of sections) texts.push(heading, text);
  const letters = new Set(texts.join('').replaceAll('\n', ''));
  return [...letters].every((letter) => known.hasGlyphForCodePoint(letter.codePointAt(0) ?? 0));
}

function drawPaper(pdf: PDFDocument, paper: Paper): void {
  const root = pdf.struct('Document');
  pdf.addStructure(root);
  const say = (type: string, text: string, font: 'regular' | 'bold', size: number) =>
    root.add(
      pdf.struct(type, () => {
        pdf
          .font(font)
          .fontSize(size)
          .text(text, { width: textWidth(pdf, paper) });
        pdf.moveDown(0.3);
      }),
    );
  const top = pdf.y;
  say('H1', paper.title, 'bold', 16);
  say('P', paper.issued, 'regular', 9);
  say('P', paper.person, 'bold', 12);
  if (paper.facts !== '') say('P', paper.facts, 'regular', 9);
  drawCodes(pdf, root, paper, top);
  pdf.moveDown(0.8);
  drawTable(pdf, root, paper.table);
  for (const { heading, text } of paper.sections) {
    pdf.moveDown(0.8);
    pdf.x = margins.left;
    if (heading !== undefined) say('H2', heading, 'bold', 10);
    say('P', text, 'regular', 9);
  }
  drawSigns(pdf, root, paper.sign);
  root.end();
}

/** Codes stand at the right of the head. */
function textWidth(pdf: PDFDocument, { codes }: Paper): number {
  const whole = pdf.page.width - margins.left - margins.right;
  return whole - codes.length * (codeSide + 12);
}

function drawCodes(pdf: PDFDocument, root: StructureElement, { codes }: Paper, top: number): void {
  if (codes.length === 0) return;
  const below = pdf.y;
  codes.forEach(({ png, label }, nth) => {
    const x = pdf.page.width - margins.right - (codes.length - nth) * (codeSide + 12) + 12;
    root.add(
      pdf.struct('Figure', { alt: label, bbox: [x, top, x + codeSide, top + codeSide] }, () => {
        pdf.image(Buffer.from(png), x, top, { width: codeSide, height: codeSide });
      }),
    );
  });
  pdf.x = margins.left;
  pdf.y = Math.max(below, top + codeSide);
}

const signHeight = 56;

function drawSigns(pdf: PDFDocument, root: StructureElement, sign: readonly string[]): void {
  const bottom = pdf.page.height - margins.bottom;
  if (pdf.y + signHeight > bottom) pdf.addPage();
  const y = pdf.y + signHeight - 16;
  const width = (pdf.page.width - margins.left - margins.right) / sign.length;
  sign.forEach((words, nth) => {
    const x = margins.left + nth * width;
    drawing(pdf, () =>
      pdf
        .moveTo(x, y)
        .lineTo(x + width - 16, y)
        .lineWidth(0.5)
        .stroke(),
    );
    root.add(
      pdf.struct('P', () => {
        pdf
          .font('regular')
          .fontSize(8)
          .text(words, x, y + 3, { width: width - 16, lineBreak: false });
      }),
    );
  });
}

function numberPages(pdf: PDFDocument, pageWords: string): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    pdf.switchToPage(page);
    const words = pageWords.replace('{page}', String(page + 1)).replace('{pages}', String(count));
    // Below the margin a page would end by it.
    const { bottom } = pdf.page.margins;
    pdf.page.margins.bottom = 0;
    pdf.markContent('Artifact', { type: 'Pagination', attached: ['Bottom'] });
    pdf
      .font('regular')
      .fontSize(8)
      .text(words, margins.left, pdf.page.height - 36, { lineBreak: false });
    pdf.endMarkedContent();
    pdf.page.margins.bottom = bottom;
  }
}
