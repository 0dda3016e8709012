import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packIndex, unpackIndex } from '../../../src/store/sqlite/pack-index.ts';
import { resources } from '../../contract/arbitrary.ts';

it('brings index values to another thread as they are', () => {
  fc.assert(
    fc.property(resources, (all) => {
      for (const { index } of all) expect(unpackIndex(structuredClone(packIndex(index)))).toEqual(index);
    }),
  );
});
