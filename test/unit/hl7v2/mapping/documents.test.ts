import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { antigens, vaccineGroups } from '../../../../src/registry/forecasting/antigen-codes.ts';
import { tables } from './mapping.ts';

const text = readFileSync('docs/hl7v2-mapping.md', 'utf8');
/** The rows of a table, without its head. */
const rowsOf = (name: string) =>
  text
    .split(`<!-- ${name} -->`)[1]
    ?.split(`<!-- /${name} -->`)[0]
    ?.split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2);

it('docs/hl7v2-mapping.md has the fields of the mapping', () => {
  const rows = tables.fields
    .filter(({ to }) => to !== undefined)
    .map(({ field, to, note = '' }) => `| ${field} | ${to} | ${note} |`);
  expect(rowsOf('fields')).toEqual(rows);
});

it('docs/hl7v2-mapping.md has the observations of the mapping', () => {
  const rows = tables.observations.map(
    ({ code, is, to }) => `| ${code} ${is.replaceAll('-', ' ')} | ${to} |`,
  );
  expect(rowsOf('observations')?.slice(0, -1)).toEqual(rows);
});

it('every antigen that is evaluated is judged in a vaccine group that a response can tell', () => {
  for (const [antigen, [disease]] of Object.entries(antigens)) {
    const row = tables.groupOf(disease);
    expect(row, antigen).toBeDefined();
    expect(vaccineGroups[row?.group ?? '']).toBe(row?.cvx);
  }
  expect(tables.groups.map(({ group }) => group).sort()).toEqual(Object.keys(vaccineGroups).sort());
});
