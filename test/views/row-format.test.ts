import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { openRowWriter, parseRowFormat, type RowFormat } from '../../src/views/row-format.ts';
import { type ViewColumn, ViewError } from '../../src/views/view-definition.ts';

const column = (name: string, type?: string, more: Partial<ViewColumn> = {}): ViewColumn => ({
  name,
  path: name,
  isCollection: false,
  ...(type !== undefined && { type }),
  ...more,
});

function written(
  format: RowFormat,
  columns: readonly ViewColumn[],
  rows: readonly (readonly unknown[])[],
  header = true,
): Uint8Array {
  const writer = openRowWriter({ format, columns, header });
  // In two goes, as pages come.
  const half = Math.ceil(rows.length / 2);
  for (const row of rows.slice(0, half)) writer.add(row);
  const first = writer.take();
  for (const row of rows.slice(half)) writer.add(row);
  return Buffer.concat([first, writer.take(), writer.finish()]);
}
const textOf = (...given: Parameters<typeof written>) => Buffer.from(written(...given)).toString('utf8');
const fileOf = (bytes: Uint8Array) => new Uint8Array(bytes).buffer;

describe('CSV', () => {
  const columns = [column('a', 'string'), column('b', 'integer')];

  it('has a header, CRLF, and quotes where a field needs them', () => {
    const rows = [
      ['plain', 1],
      ['a "quoted", one', 2],
      ['two\nlines', 3],
      [' blanks ', 4],
    ];
    expect(textOf('csv', columns, rows)).toBe(
      'a,b\r\nplain,1\r\n"a ""quoted"", one",2\r\n"two\nlines",3\r\n" blanks ",4\r\n',
    );
  });

  it('tells null from an empty text', () => {
    expect(
      textOf(
        'csv',
        columns,
        [
          [null, null],
          ['', 0],
        ],
        false,
      ),
    ).toBe(',\r\n"",0\r\n');
  });

  it('has a header without rows, and may be without it', () => {
    expect(textOf('csv', columns, [])).toBe('a,b\r\n');
    expect(textOf('csv', columns, [], false)).toBe('');
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['+cmd', "'+cmd"],
    ["-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"],
    ['\t=1', "'\t=1"],
    ['+1 617-555-0143', '+1 617-555-0143'],
    ['-12.5', '-12.5'],
    ["O'Brien", "O'Brien"],
  ])('has no formula: %j', (text, field) => {
    const read = textOf('csv', [column('a')], [[text]], false);
    expect(read).toBe(`${field}\r\n`);
  });

  it('leaves numbers what they are', () => {
    expect(textOf('csv', columns, [['x', -5]], false)).toBe('x,-5\r\n');
  });
});

describe('JSON', () => {
  it('is one array, and NDJSON an object a line', () => {
    const columns = [column('a', 'string')];
    expect(JSON.parse(textOf('json', columns, []))).toEqual([]);
    expect(JSON.parse(textOf('json', columns, [['x'], [null], ['y']]))).toEqual([
      { a: 'x' },
      { a: null },
      { a: 'y' },
    ]);
    expect(textOf('ndjson', columns, [['x'], ['y']])).toBe('{"a":"x"}\n{"a":"y"}\n');
  });
});

describe('Parquet', () => {
  const columns = [
    column('text', 'string'),
    column('whole', 'positiveInt'),
    column('number', 'decimal'),
    column('flag', 'boolean'),
    column('day', 'date', { ansiType: 'DATE' }),
    column('moment', 'instant', { ansiType: 'TIMESTAMP WITH TIME ZONE' }),
    column('stated', 'date'),
    column('list', 'string', { isCollection: true }),
  ];
  const rows = [
    ['é', 3, 0.5, true, '2020-02-29', '2020-02-29T12:00:00-05:00', '2020-02', ['a', 'b']],
    [null, null, null, null, '2020-02', '2020-02-29', null, []],
  ];

  it('has the types of the columns, and null for what is less than a day or moment', async () => {
    const read = await parquetReadObjects({ file: fileOf(written('parquet', columns, rows)) });
    expect(JSON.parse(JSON.stringify(read))).toEqual([
      {
        text: 'é',
        whole: 3,
        number: 0.5,
        flag: true,
        day: '2020-02-29T00:00:00.000Z',
        moment: '2020-02-29T17:00:00.000Z',
        stated: '2020-02',
        list: '["a","b"]',
      },
      expect.objectContaining({ day: null, moment: null, stated: null, list: '[]' }),
    ]);
  });

  it('is a whole file without rows', async () => {
    expect(await parquetReadObjects({ file: fileOf(written('parquet', columns, [])) })).toEqual([]);
  });

  it('holds no more than a row group in memory', () => {
    const many = Array.from({ length: 45_000 }, (_, n) => [`t${n}`, n]);
    const two = [column('text', 'string'), column('n', 'integer')];
    const writer = openRowWriter({ format: 'parquet', columns: two, header: true });
    for (const row of many) writer.add(row);
    const first = writer.take();
    expect(first.length).toBeGreaterThan(100_000);
    const file = fileOf(Buffer.concat([first, writer.finish()]));
    expect(parquetMetadata(file).row_groups.map(({ num_rows: rows }) => Number(rows))).toEqual([
      20_000, 20_000, 5000,
    ]);
  });
});

describe('a writer whose table is whole', () => {
  it.each<RowFormat>(['json', 'ndjson', 'csv', 'parquet'])('begins the next one: %s', (format) => {
    const columns = [column('a', 'string'), column('b', 'integer')];
    const writer = openRowWriter({ format, columns, header: true });
    const table = (...rows: readonly (readonly unknown[])[]) => {
      for (const row of rows) writer.add(row);
      return Buffer.concat([writer.take(), writer.finish()]).toString('hex');
    };
    const first = table(['x', 1], ['y', null]);
    expect(table(['z', 2])).not.toBe(first);
    expect(table()).toBe(Buffer.from(written(format, columns, [])).toString('hex'));
    expect(table(['x', 1], ['y', null])).toBe(first);
  });
});

describe('a value that its column cannot hold', () => {
  it.each([
    ['boolean', 'true'],
    ['integer', '3'],
    ['integer', 1.5],
    ['integer', 2 ** 40],
    ['decimal', '1'],
  ])('of %s is told: %j', (type, value) => {
    expect(() => written('parquet', [column('c', type)], [[value]])).toThrow(ViewError);
    expect(() => written('csv', [column('c', type)], [[value]])).toThrow(/the column c holds/);
  });
});

it.each([
  ['csv', 'csv'],
  ['text/csv', 'csv'],
  ['PARQUET', 'parquet'],
  ['application/vnd.apache.parquet', 'parquet'],
  ['application/x-ndjson', 'ndjson'],
  ['json', 'json'],
  ['application/fhir+json', undefined],
  ['toString', undefined],
])('a format by its name: %s', (name, format) => {
  expect(parseRowFormat(name)).toBe(format);
});
