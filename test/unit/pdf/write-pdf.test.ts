import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Paper } from '../../../src/pages/paper.ts';
import { openPdfWriter } from '../../../src/pdf/threaded-pdf.ts';
import { writePdf } from '../../../src/pdf/write-pdf.ts';
import { type ReadPdf, readPdf } from './read-pdf.ts';

// A grey pixel.
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
);

const paper: Paper = {
  language: 'en',
  title: 'Official immunization record',
  issued: 'The registry · printed Nov 30, 2026',
  issuer: 'The registry',
  person: 'Łukasz Nguyễn',
  facts: 'Born Feb 1, 2021',
  codes: [],
  table: {
    head: ['Vaccine', '1', '2'],
    rows: [['Measles', 'Jan 28, 2022\nDoes not count', 'Apr 1, 2025']],
    widths: [2, 1, 1],
  },
  sections: [{ heading: 'Source', text: 'What clinics have reported.' }],
  sign: ['Signature', 'Date'],
  pageWords: 'Page {page} of {pages}',
};

async function read(of: Partial<Paper> = {}): Promise<ReadPdf> {
  const written = await writePdf({ ...paper, ...of });
  if (written.kind !== 'pdf') throw new Error(written.kind);
  return readPdf(written.bytes);
}

describe('a paper as PDF', () => {
  it('is tagged, in the order in which it is read, with its title and language', async () => {
    const { title, language, isTagged, pages } = await read();
    expect([title, language, isTagged]).toEqual([paper.title, 'en-US', true]);
    const [page] = pages;
    expect(page?.read.filter(({ words }) => words !== '')).toEqual([
      { role: 'H1', words: paper.title },
      { role: 'P', words: paper.issued },
      { role: 'P', words: paper.person },
      { role: 'P', words: paper.facts },
      { role: 'TH', words: 'Vaccine' },
      { role: 'TH', words: '1' },
      { role: 'TH', words: '2' },
      { role: 'TH', words: 'Measles' },
      { role: 'TD', words: 'Jan 28, 2022 Does not count' },
      { role: 'TD', words: 'Apr 1, 2025' },
      { role: 'H2', words: 'Source' },
      { role: 'P', words: 'What clinics have reported.' },
      { role: 'P', words: 'Signature' },
      { role: 'P', words: 'Date' },
    ]);
    expect(page?.text).toContain('Page 1 of 1');
  });

  it('repeats the head of a table on the next page for the eye alone, and keeps rows whole', async () => {
    const rows = Array.from({ length: 60 }, (_, nth) => [`Vaccine ${nth}`, 'Jan 28, 2022\nDoes not count']);
    const { pages } = await read({ table: { ...paper.table, rows } });
    expect(pages.length).toBeGreaterThan(2);
    const [, second] = pages;
    expect(second?.text.trim()).toMatch(/^Vaccine +1 +2/);
    expect(second?.read.some(({ words }) => words === 'Vaccine')).toBe(false);
    const heads = pages.flatMap((page) => page.read.filter(({ words }) => /^Vaccine \d+$/.test(words)));
    expect(heads.map(({ words }) => words)).toEqual(rows.map(([name]) => name));
    for (const page of pages) {
      const names = page.read.filter(({ words }) => /^Vaccine \d+$/.test(words)).length;
      expect(page.read.filter(({ words }) => words === 'Jan 28, 2022 Does not count')).toHaveLength(names);
    }
    expect(pages.at(-1)?.text).toContain(`Page ${pages.length} of ${pages.length}`);
  });

  it('says what a code is', async () => {
    const { pages } = await read({ codes: [{ png, label: 'QR code with 3 doses' }] });
    expect(pages[0]?.alts).toEqual(['QR code with 3 doses']);
  });

  it('says the language of its words', async () => {
    expect((await read({ language: 'es' })).language).toBe('es-US');
  });

  it.each([
    { person: '陳大文' },
    { facts: 'محمد' },
    { table: { ...paper.table, rows: [['Measles', '', '✓']] } },
    { sections: [{ text: '陳' }] },
  ])('is not written where the font has no such letter: %j', async (of) => {
    expect(await writePdf({ ...paper, ...of })).toEqual({ kind: 'unwritable' });
  });
});

describe('the thread that writes papers', () => {
  it('writes what is asked for at once, each for who asked', async () => {
    const write = openPdfWriter();
    const papers = await Promise.all(['One', 'Two'].map((title) => write({ ...paper, title })));
    const titles = papers.map(async (one) => one.kind === 'pdf' && (await readPdf(one.bytes)).title);
    expect(await Promise.all(titles)).toEqual(['One', 'Two']);
  });

  it('begins anew after it has ended, and who waited is told', async () => {
    const starts: number[] = [];
    const write = openPdfWriter(() => {
      starts.push(1);
      return new Worker('process.exit(1)', { eval: true });
    });
    for (let n = 0; n < 2; n++) await expect(write(paper)).rejects.toMatchObject({ status: 503 });
    expect(starts).toHaveLength(2);
  });

  it('refuses more than fifty that wait', async () => {
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
    const write = openPdfWriter(() => worker);
    const waiting = Array.from({ length: 50 }, () => write(paper));
    const ended = Promise.allSettled(waiting);
    await expect(write(paper)).rejects.toThrow('Too many papers');
    await worker.terminate();
    expect((await ended).every(({ status }) => status === 'rejected')).toBe(true);
  });

  it('tells a failure to who asked, and goes on', async () => {
    const write = openPdfWriter();
    const code = { png: Buffer.from('no picture'), label: 'x' };
    await expect(write({ ...paper, codes: [code] })).rejects.toThrow('a paper could not be written');
    expect((await write(paper)).kind).toBe('pdf');
  });
});
