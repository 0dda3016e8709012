import { Hl7Message } from '@medplum/core';
import fc from 'fast-check';
import { Message as NodeHl7Message } from 'node-hl7-client';
import { expect, it } from 'vitest';
import { parseMessage } from '../../../../src/hl7v2/er7/message.ts';
import { componentOf, partOf, repetitionsOf, textIn } from '../../../../src/hl7v2/er7/piece.ts';

// Two libraries that were written apart from ours cut the same text into the same leaves.

const escapes = ['\\F\\', '\\S\\', '\\T\\', '\\R\\', '\\E\\', '\\X41\\'];
const leaf = fc
  .array(fc.constantFrom('a', 'B', '7', 'é', '-', '.', ...escapes), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''));
const list = <Value>(of: fc.Arbitrary<Value>, maxLength: number) => fc.array(of, { minLength: 1, maxLength });
const component = list(leaf, 3).map((leaves) => leaves.join('&'));
const repetition = list(component, 4).map((components) => components.join('^'));
const field = fc.oneof(
  { weight: 1, arbitrary: fc.constant('') },
  { weight: 3, arbitrary: list(repetition, 3).map((repetitions) => repetitions.join('~')) },
);
const segments = list(list(field, 6), 4).map((all) =>
  all.map((fields, at) => [`Z0${at}`, ...fields, 'end'].join('|')),
);
const messages = segments.map((all) =>
  ['MSH|^~\\&|A|B|||20240615||VXU^V04^VXU_V04|1|P|2.5.1', ...all].join('\r'),
);

/** Field, repetition, component and subcomponent of every leaf, and what it says. */
type Leaf = readonly [at: string, text: string];

function ours(text: string): { readonly raw: readonly Leaf[]; readonly said: readonly Leaf[] } {
  const message = parseMessage(text);
  if ('kind' in message) throw new Error(message.reason);
  const raw: Leaf[] = [];
  const said: Leaf[] = [];
  for (const segment of message.segments.slice(1)) {
    for (let at = 1; at < segment.raw.split('|').length; at++) {
      repetitionsOf(segment, at).forEach((one, r) => {
        one.raw.split('^').forEach((_, c) => {
          const piece = componentOf(one, c + 1);
          piece.raw.split('&').forEach((_text, s) => {
            const place = `${segment.name}-${at}[${r}].${c}.${s}`;
            raw.push([place, partOf(piece.raw, '&', s + 1)]);
            said.push([place, textIn(one, c + 1, s + 1) ?? '']);
          });
        });
      });
    }
  }
  return { raw, said };
}

it('finds the leaves that @medplum/core finds', () => {
  fc.assert(
    fc.property(messages, (text) => {
      const other = Hl7Message.parse(text);
      for (const [place, raw] of ours(text).raw) {
        const [, name = '', ...at] = /^(Z0\d)-(\d+)\[(\d+)\]\.(\d+)\.(\d+)$/.exec(place) ?? [];
        const [f = 0, r = 0, c = 0, s = 0] = at.map(Number);
        expect(
          other
            .getSegment(name)
            ?.getField(f)
            ?.getComponent(c + 1, s, r),
          place,
        ).toBe(raw);
      }
    }),
  );
});

it('finds what node-hl7-client finds, escapes resolved', () => {
  fc.assert(
    fc.property(messages, (text) => {
      const other = new NodeHl7Message({ text });
      for (const [place, said] of ours(text).said) {
        const [, name = '', ...at] = /^(Z0\d)-(\d+)\[(\d+)\]\.(\d+)\.(\d+)$/.exec(place) ?? [];
        const [f = 0, r = 0, c = 0, s = 0] = at.map(Number);
        const found = other.get(name).get(0).get(f).get(r).get(c).get(s);
        expect(found.toString(), place).toBe(said);
      }
    }),
  );
});
