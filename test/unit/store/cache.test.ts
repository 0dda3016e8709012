import { afterEach, expect, it } from 'vitest';
import { openForReading, openForWriting } from '../../../src/store/sqlite/open-connections.ts';
import { useFolder } from '../../use-folder.ts';

const folder = useFolder();
const open: { close: () => void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** In KiB, below zero as SQLite has it. */
const kept = (db: ReturnType<typeof openForReading>) => db.get('PRAGMA cache_size', [])?.['cache_size'];

it.each([
  ['what is usual', {}, -32 * 1024],
  ['what the setting says', { cache: 100 }, -100 * 1024],
  ['no less than loading needs', { cache: 100, loads: true }, -256 * 1024],
  ['more than loading needs where the setting says so', { cache: 300, loads: true }, -300 * 1024],
])('a writer keeps %s', (_, options, expected) => {
  const db = openForWriting(folder.at('a.sqlite'), options);
  open.push(db);
  expect(kept(db)).toBe(expected);
});

it.each([
  ['what is usual', undefined, -32 * 1024],
  ['what the setting says', 100, -100 * 1024],
])('a reader keeps %s', (_, cache, expected) => {
  open.push(openForWriting(folder.at('a.sqlite')));
  const db = openForReading(folder.at('a.sqlite'), cache);
  open.push(db);
  expect(kept(db)).toBe(expected);
});
