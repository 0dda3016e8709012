import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { addView, listViews, removeView, showView } from '../../../src/cli/view-command.ts';
import { viewsOf } from '../../../src/shipped/views.ts';
import type { Store } from '../../../src/store/contract/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { useFolder } from '../../use-folder.ts';

const folder = useFolder();
let store: Store & { close: () => Promise<void> };
let said: string[] = [];
beforeEach(async () => {
  said = [];
  store = await openSqliteStore({ path: ':memory:' });
});
afterEach(() => store.close());

const command = () => ({
  views: viewsOf(store),
  output: { write: (text: string) => said.push(...text.trim().split('\n')) },
});
const own = {
  resourceType: 'ViewDefinition',
  url: 'https://state.example/ViewDefinition/roster',
  version: '2',
  name: 'roster',
  status: 'active',
  resource: 'Patient',
  fhirVersion: ['4.0.1'],
  select: [{ column: [{ name: 'id', path: 'getResourceKey()', type: 'id' }] }],
};
function file(definition: unknown): string {
  const path = folder.at('view.json');
  writeFileSync(path, JSON.stringify(definition));
  return path;
}

it('lists what ships and what was added', async () => {
  await addView(command(), file(own));
  said = [];
  expect(await listViews(command(), false)).toBe(0);
  expect(said).toEqual([
    expect.stringMatching(/^evaluation {2}ImmunizationEvaluation, forecast {2}13 columns {2}ships/),
    expect.stringMatching(/^immunization {2}Immunization {2}25 columns {2}ships/),
    expect.stringMatching(/^patient {2}Patient {2}18 columns {2}ships {2}People/),
    expect.stringMatching(/^recommendation /),
    'roster  Patient  1 columns  added',
  ]);
});

it('adds, shows, replaces and removes', async () => {
  await addView(command(), file(own));
  expect(said).toEqual(['added roster']);
  await addView(command(), file({ ...own, title: 'Anew' }));
  said = [];
  await showView(command(), 'roster');
  expect(JSON.parse(said.join('\n'))).toEqual({ ...own, title: 'Anew' });
  const { find } = viewsOf(store);
  for (const name of ['ViewDefinition/roster', own.url, `${own.url}|2`])
    expect(await find(name)).toBeDefined();
  expect(await find(`${own.url}|1`)).toBeUndefined();
  await removeView(command(), 'roster');
  await expect(showView(command(), 'roster')).rejects.toThrow('there is no view roster');
  await expect(removeView(command(), 'roster')).rejects.toThrow('no view roster was added');
});

it('says what keeps a view from others', async () => {
  const select = [{ column: [{ name: 'names', path: 'name.given.lower()', collection: true }] }];
  await addView(command(), file({ ...own, url: undefined, select }));
  expect(said).toEqual([
    'added roster',
    'note: other runners may not run it: it has no url',
    'note: other runners may not run it: the column names has no type',
    'note: other runners may not run it: it uses lower()',
    'note: it is not flat: the column names is a collection',
  ]);
});

it.each([
  ['no JSON', '{', 'view.json'],
  ['another resource', { resourceType: 'Patient' }, 'expected a ViewDefinition'],
  ['no name', { ...own, name: undefined }, 'needs a name'],
  ['the name of one that ships', { ...own, name: 'patient' }, 'the view patient ships'],
  ['no column', { ...own, select: [{ forEach: 'name' }] }, 'must have a column'],
  ['a column twice', { ...own, select: [...own.select, ...own.select] }, 'there twice'],
  ['no FHIRPath', { ...own, where: [{ path: '@@' }] }, 'is no FHIRPath'],
  [
    'two ways to iterate',
    { ...own, select: [{ forEach: 'name', repeat: ['x'] }] },
    'only one of forEach, repeat',
  ],
  [
    'a forecast of people',
    {
      ...own,
      extension: [
        { url: 'https://jenner-iis.org/fhir/StructureDefinition/forecast-view', valueBoolean: true },
      ],
    },
    'a forecast has no Patient',
  ],
])('keeps nothing of a file with %s', async (_, definition, text) => {
  const path = file(definition);
  if (typeof definition === 'string') writeFileSync(path, definition);
  await expect(addView(command(), path)).rejects.toThrow(text);
  expect((await viewsOf(store).list()).filter(({ ships }) => !ships)).toEqual([]);
});
