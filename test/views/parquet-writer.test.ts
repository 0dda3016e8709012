import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { encodeRuns } from '../../src/views/parquet-runs.ts';
import { parquetWriter } from '../../src/views/parquet-writer.ts';
import type { ViewColumn } from '../../src/views/view-definition.ts';

const column = (name: string, type: string, ansiType?: string): ViewColumn => ({
  name,
  path: name,
  type,
  isCollection: false,
  ...(ansiType !== undefined && { ansiType }),
});
const columns = [
  column('text', 'string'),
  column('code', 'code'),
  column('whole', 'integer'),
  column('number', 'decimal'),
  column('flag', 'boolean'),
  column('day', 'date', 'DATE'),
  column('moment', 'instant', 'TIMESTAMP'),
];

function fileOf(rows: readonly (readonly unknown[])[]): ArrayBuffer {
  const writer = parquetWriter(columns);
  for (const row of rows) writer.add(row);
  return new Uint8Array(Buffer.concat([writer.take(), writer.finish()])).buffer;
}

const sometimes = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
/** The same again and again, as codes come; long stretches of one, as after a campaign. */
const codes = fc.oneof(fc.constantFrom('03', '94', '140', ''), fc.constant('213'));
const days = fc.integer({ min: -40_000, max: 40_000 });
const isoDay = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
const row = fc.tuple(
  sometimes(fc.string({ unit: 'grapheme' })),
  sometimes(codes),
  sometimes(fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 })),
  sometimes(fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value))),
  sometimes(fc.boolean()),
  sometimes(days.map(isoDay)),
  sometimes(fc.integer({ min: 0, max: 4e12 }).map((ms) => new Date(ms).toISOString())),
);
const stretches = fc
  .array(fc.tuple(row, fc.integer({ min: 1, max: 70 })), { maxLength: 40 })
  .map((parts) => parts.flatMap(([one, times]) => Array.from({ length: times }, () => one)));

describe('the values of a Parquet file', () => {
  it('are read back as they were, by the library’s reader', async () => {
    await fc.assert(
      fc.asyncProperty(stretches, async (rows) => {
        const read = await parquetReadObjects({ file: fileOf(rows) });
        expect(read).toEqual(
          rows.map(([text, code, whole, number, flag, day, moment]) => ({
            text,
            code,
            whole,
            number,
            flag,
            day: day === null ? null : new Date(day),
            moment: moment === null ? null : new Date(moment),
          })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('have their least and greatest told, texts by their bytes', () => {
    const rows = [
      ['z', '\u{ff5e}', 5, 0.5, true, '2020-03-01', '2020-03-01T00:00:00Z'],
      [null, '\u{1f489}', -5, 0, false, '2020-02-29', '2020-02-29T00:00:00Z'],
      ['a', null, null, null, null, null, null],
    ];
    const [group] = parquetMetadata(fileOf(rows)).row_groups;
    const told = group?.columns.map(({ meta_data: meta }) => {
      const { min_value: min, max_value: max, null_count: nulls } = meta?.statistics ?? {};
      return [min, max, nulls];
    });
    expect(told).toEqual([
      ['a', 'z', 1n],
      ['\u{ff5e}', '\u{1f489}', 1n],
      [-5, 5, 1n],
      // Parquet, Statistics: the least of zero is -0.
      [-0, 0.5, 1n],
      [false, true, 1n],
      [new Date('2020-02-29'), new Date('2020-03-01'), 1n],
      [new Date('2020-02-29'), new Date('2020-03-01'), 1n],
    ]);
  });

  it('are in a dictionary where they come again, and plain where they do not', () => {
    const rows = Array.from({ length: 300 }, (_, n) => [
      `person-${n}`,
      n % 2 === 0 ? '03' : '94',
      n,
      0.5,
      true,
      '2020-03-01',
      null,
    ]);
    const [group] = parquetMetadata(fileOf(rows)).row_groups;
    expect(group?.columns.map(({ meta_data: meta }) => meta?.encodings)).toEqual([
      ['PLAIN'],
      ['PLAIN', 'RLE_DICTIONARY'],
      ['PLAIN'],
      ['PLAIN', 'RLE_DICTIONARY'],
      ['RLE'],
      ['PLAIN', 'RLE_DICTIONARY'],
      ['PLAIN'],
    ]);
  });
});

describe('runs', () => {
  it.each([
    ['nothing', [], 1, ''],
    ['a run of one value', Array(10).fill(1), 1, '1401'],
    // Parquet, Encodings: the numbers 0 to 7 in three bits.
    ['eight that differ', [0, 1, 2, 3, 4, 5, 6, 7], 3, '0388c6fa'],
    ['less than eight, filled up', [1, 0, 1], 1, '0305'],
    ['a run behind a group', [1, 0, 1, 1, 1, 1, 1, 1, ...Array(9).fill(0)], 1, '03fd1200'],
    ['a value of two bytes', Array(8).fill(300), 9, '102c01'],
    ['one value that takes no bits', Array(200).fill(0), 0, '9003'],
  ])('are of %s', (_, values, width, hex) => {
    expect(Buffer.from(encodeRuns(Int32Array.from(values), width)).toString('hex')).toBe(hex);
  });
});
