import type PDFDocument from 'pdfkit';
import type { StructureElement } from 'pdfkit';
import type { PaperTable } from '../pages/paper.ts';

const pad = 4;
const size = 9;

/** A table whose rows stay whole, and whose head stands on each page; to who is read to the head is said once. */
export function drawTable(pdf: PDFDocument, root: StructureElement, table: PaperTable): void {
  const element = pdf.struct('Table');
  root.add(element);
  const head = measured(pdf, { cells: table.head, isHead: true, table });
  drawRow(pdf, element, head);
  for (const cells of table.rows) {
    const row = measured(pdf, { cells, isHead: false, table });
    if (pdf.y + row.height > pdf.page.height - pdf.page.margins.bottom) {
      pdf.addPage();
      drawing(pdf, () => drawCells(pdf, head));
    }
    drawRow(pdf, element, row);
  }
  element.end();
  pdf.x = pdf.page.margins.left;
}

type Row = { readonly cells: readonly string[]; readonly isHead: boolean; readonly table: PaperTable };

type Place = { readonly text: string; readonly x: number; readonly width: number; readonly isHead: boolean };

function placesOf(pdf: PDFDocument, { cells, isHead, table }: Row): readonly Place[] {
  const { left, right } = pdf.page.margins;
  const whole = pdf.page.width - left - right;
  const sum = table.widths.reduce((all, share) => all + share, 0);
  let x = left;
  return table.widths.map((share, nth) => {
    const width = (whole * share) / sum;
    const place = { text: cells[nth] ?? '', x, width, isHead: isHead || nth === 0 };
    x += width;
    return place;
  });
}

type Measured = Row & { readonly height: number };

/** To measure is most of what a row costs. */
function measured(pdf: PDFDocument, row: Row): Measured {
  const heights = placesOf(pdf, row).map(({ text, width, isHead }) =>
    pdf
      .font(isHead ? 'bold' : 'regular')
      .fontSize(size)
      .heightOfString(text, { width: width - 2 * pad }),
  );
  return { ...row, height: Math.max(...heights) + 2 * pad };
}

function drawRow(pdf: PDFDocument, table: StructureElement, row: Measured): void {
  const element = pdf.struct('TR');
  table.add(element);
  const top = pdf.y;
  drawing(pdf, () => ruleUnder(pdf, top + row.height));
  for (const [nth, place] of placesOf(pdf, row).entries()) {
    const scope = row.isHead ? 'Column' : 'Row';
    const isHead = row.isHead || nth === 0;
    const draw = () => drawText(pdf, place, top);
    element.add(isHead ? pdf.struct('TH', { scope }, draw) : pdf.struct('TD', draw));
  }
  element.end();
  pdf.y = top + row.height;
}

/** The same for the eye alone. */
function drawCells(pdf: PDFDocument, row: Measured): void {
  const top = pdf.y;
  ruleUnder(pdf, top + row.height);
  for (const place of placesOf(pdf, row)) drawText(pdf, place, top);
  pdf.y = top + row.height;
}

function drawText(pdf: PDFDocument, { text, x, width, isHead }: Place, top: number): void {
  pdf
    .font(isHead ? 'bold' : 'regular')
    .fontSize(size)
    .text(text, x + pad, top + pad, { width: width - 2 * pad });
}

function ruleUnder(pdf: PDFDocument, y: number): void {
  const { left, right } = pdf.page.margins;
  pdf
    .moveTo(left, y)
    .lineTo(pdf.page.width - right, y)
    .lineWidth(0.5)
    .stroke();
}

/** What is there for the eye alone. */
export function drawing(pdf: PDFDocument, draw: () => void): void {
  pdf.markContent('Artifact', { type: 'Layout' });
  draw();
  pdf.endMarkedContent();
}
