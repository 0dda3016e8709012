import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/fhir/fhir-json.ts';
import { compileView } from '../../src/views/compile-view.ts';
import { parsePlainly, parserOfDigits } from '../../src/views/exact-decimals.ts';
import { readView } from '../../src/views/read-view.ts';
import { ViewError } from '../../src/views/view-definition.ts';

/**
 * The facts of the tests that SQL on FHIR publishes (FHIR/sql-on-fhir-v2, tests/, May 2026; MIT), in a form of our own:
 * below the name of a theme its resources, then its cases, which begin with `?`. A view is `of` a type, `with`
 * constants, `where`, and has `rows`; each of these has `cells` (the path of a text, or path, type, and whether it is a
 * collection), is of `each`, `each?` (or one of nulls) or `deep`, and has others beside it (`and`) or in turn (`or`).
 */
type Cell = string | readonly [path: string, type: string | null, isCollection?: boolean];
type Rows = {
  readonly each?: unknown;
  readonly 'each?'?: string;
  readonly deep?: readonly string[];
  readonly cells?: Readonly<Record<string, Cell>>;
  readonly and?: readonly Rows[];
  readonly or?: readonly Rows[];
};
type Case = {
  readonly view: {
    readonly of?: string;
    readonly with?: Readonly<Record<string, readonly (readonly [type: string, value: unknown])[]>>;
    readonly where?: readonly string[];
    readonly rows?: readonly Rows[];
  };
  readonly fails?: true;
  readonly columns?: readonly string[];
  readonly rows?: readonly (readonly unknown[])[];
  /** The columns stand in this order. */
  readonly ordered?: true;
};
type Theme = {
  readonly name: string;
  readonly resources: readonly string[];
  readonly cases: readonly Case[];
};

const file = new URL('../data/sql-on-fhir/cases.txt', import.meta.url);
const themes = readFileSync(file, 'utf8').trim().split('\n\n').map(toTheme);

function toTheme(text: string): Theme {
  const [name = '', ...lines] = text.split('\n');
  const cases = lines.filter((line) => line.startsWith('?'));
  return {
    name,
    resources: lines.filter((line) => !line.startsWith('?')),
    cases: cases.map((line) => JSON.parse(line.slice(1)) as Case),
  };
}

function toDefinition({ of, with: constants, where, rows }: Case['view']): JsonObject {
  const toConstant = ([name, values]: [string, readonly (readonly [string, unknown])[]]) => ({
    name,
    ...Object.fromEntries(values.map(([type, value]) => [`value${type}`, value])),
  });
  return {
    resourceType: 'ViewDefinition',
    status: 'active',
    resource: of,
    constant: constants && Object.entries(constants).map(([name, values]) => toConstant([name, [...values]])),
    where: where?.map((path) => ({ path })),
    select: rows?.map(toSelect),
  } as JsonObject;
}

function toSelect({ each, 'each?': eachOrNull, deep, cells, and, or }: Rows): JsonObject {
  const toColumn = ([name, cell]: [string, Cell]) => {
    const [path, type, collection] = typeof cell === 'string' ? [cell, 'string'] : cell;
    return { name, path, ...(type !== null && { type }), ...(collection !== undefined && { collection }) };
  };
  return {
    forEach: each,
    forEachOrNull: eachOrNull,
    repeat: deep,
    column: cells && Object.entries(cells).map(toColumn),
    select: and?.map(toSelect),
    unionAll: or?.map(toSelect),
  } as JsonObject;
}

async function run(view: Case['view'], resources: readonly string[]) {
  const read = readView(toDefinition(view));
  if (!read.ok) throw new ViewError(JSON.stringify(read.faults));
  const { columns, rowsOf, needsDigits } = await compileView(read.view, 'https://example.org/fhir');
  const parse = needsDigits ? await parserOfDigits() : parsePlainly;
  return {
    columns: columns.map(({ name }) => name),
    rows: resources.flatMap((text) => rowsOf(parse(text))),
  };
}

/** Rows have no order of their own; their columns are found by name. */
function sorted(columns: readonly string[], rows: readonly (readonly unknown[])[]): readonly string[] {
  const places = [...columns.keys()].sort((a, b) => ((columns[a] ?? '') < (columns[b] ?? '') ? -1 : 1));
  return rows.map((row) => JSON.stringify(places.map((place) => row[place]))).sort();
}

describe.each(themes)('SQL on FHIR: $name', ({ resources, cases }) => {
  it.each(cases.map((one, index) => [index + 1, one] as const))('case %i', async (_, one) => {
    if (one.fails) {
      await expect(run(one.view, resources)).rejects.toThrow(ViewError);
      return;
    }
    const { columns, rows } = await run(one.view, resources);
    const { columns: expected = [], rows: expectedRows = [] } = one;
    if (one.ordered) expect(columns).toEqual(expected);
    if (expectedRows.length > 0) expect([...columns].sort()).toEqual([...expected].sort());
    expect(sorted(columns, rows)).toEqual(sorted(expected, expectedRows));
  });
});

it('has all cases that are published', () => {
  expect(themes.map(({ cases }) => cases.length).reduce((sum, count) => sum + count)).toBe(134);
});
