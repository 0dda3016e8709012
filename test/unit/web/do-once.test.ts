import { expect, it } from 'vitest';
import { Problem } from '../../../src/fhir/problem.ts';
import { WriteUnknownError } from '../../../src/store/contract/store.ts';
import { doOnce, isSent } from '../../../src/web/site/do-once.ts';
import type { SessionNotes } from '../../../src/web/site/page-door.ts';

/** As the store keeps them: taking is done by one alone. */
function openNotes(): SessionNotes {
  const kept = new Map<string, unknown>([['form', { doses: 'new' }]]);
  return {
    keep: async () => '',
    read: async (id) => kept.get(id),
    take: async (id) => {
      const value = kept.get(id);
      kept.delete(id);
      return value;
    },
    putBack: async (id, value) => void kept.set(id, value),
  };
}

const slowly = (to: string) => () => new Promise<string>((done) => setTimeout(() => done(to), 500));
const never = () => Promise.reject(new Error('it was done twice'));

it('is done by the first of several, and the others are led where it led', async () => {
  const notes = openNotes();
  const all = await Promise.all([doOnce(notes, 'form', slowly('/a')), doOnce(notes, 'form', never)]);
  expect(all).toEqual([
    { kind: 'done', to: '/a' },
    { kind: 'before', to: '/a' },
  ]);
  expect(await doOnce(notes, 'form', never)).toEqual({ kind: 'before', to: '/a' });
  expect(await isSent(notes, 'form')).toBe(true);
});

it('is good again where it was refused', async () => {
  const notes = openNotes();
  const refused = () => Promise.reject(new Problem('busy', 'The store is full'));
  await expect(doOnce(notes, 'form', refused)).rejects.toThrow('The store is full');
  expect(await isSent(notes, 'form')).toBe(false);
  expect(await doOnce(notes, 'form', async () => '/a')).toEqual({ kind: 'done', to: '/a' });
});

it.each([
  ['the store was lost', new Problem('busy', 'lost', { cause: new WriteUnknownError('lost') })],
  ['something broke', new Error('a bug')],
])('stays used where nobody knows whether it was kept: %s', async (_what, thrown) => {
  const notes = openNotes();
  await expect(doOnce(notes, 'form', () => Promise.reject(thrown))).rejects.toBe(thrown);
  expect(await doOnce(notes, 'form', never)).toEqual({ kind: 'unknown' });
});

it('is not done by a form that nobody knows', async () => {
  expect(await doOnce(openNotes(), 'other', never)).toEqual({ kind: 'unknown' });
});
