import { describe, expect, it } from 'vitest';
import { requireLargeReadable, requireReadable } from '../../../src/interaction/require-readable.ts';

const textOf = (family: string) => JSON.stringify({ resourceType: 'Patient', name: [{ family }] });
const freely = () => undefined;

describe('what is about to be kept', () => {
  it.each(['Zo\u0000e', '\u001fZoe', 'Zo\be', 'Zo\fe', 'Zo\ud83d'])(
    'is refused where it holds what no FHIR string may: %j',
    async (family) => {
      const refusal = 'The resource is not FHIR JSON';
      expect(() => requireReadable(textOf(family))).toThrow(refusal);
      await expect(requireLargeReadable(textOf(family), freely)).rejects.toThrow(refusal);
    },
  );

  it('is refused where an object has no member', async () => {
    const text = JSON.stringify({ resourceType: 'Patient', name: [{ family: undefined }] });
    expect(() => requireReadable(text)).toThrow('An object must not be empty');
    await expect(requireLargeReadable(text, freely)).rejects.toThrow('An object must not be empty');
  });

  it.each(['Zoe', '{}', 'Zo"e', 'Zo\\b', 'Zo\\u0000', 'a\tb\r\nc', '💉'])(
    'may be written with escapes: %j',
    async (family) => {
      expect(() => requireReadable(textOf(family))).not.toThrow();
      await expect(requireLargeReadable(textOf(family), freely)).resolves.toBeUndefined();
    },
  );

  it.each([0, 1, 2, 3, 4, 5, 6])('is looked at wherever it is cut (%d)', async (more) => {
    const before = 1024 * 1024 - textOf('').indexOf('""') - 1 - more;
    const text = textOf(`${'x'.repeat(before)}\u0000`);
    await expect(requireLargeReadable(text, freely)).rejects.toThrow('The resource is not FHIR JSON');
  });
});
