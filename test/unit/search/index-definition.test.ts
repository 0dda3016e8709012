import { expect, it } from 'vitest';
import { indexDefinition, staleParams } from '../../../src/search/index-definition.ts';
import { baseUrl, params } from './search-world.ts';

it('draws anew the Consents of a store that knows no objections, and nothing else', () => {
  const stale = (type: string) => {
    const present = indexDefinition(params, baseUrl, type);
    return staleParams({ ...present, rules: 4 }, present).size;
  };
  expect(stale('Consent')).toBeGreaterThan(0);
  expect(stale('Patient')).toBe(0);
});
