import { expect, it } from 'vitest';
import { decodeEr7 } from '../../../../src/hl7v2/er7/decode-er7.ts';

const msh = (charset: string) => `MSH|^~\\&|||||20240615||VXU^V04|1|P|2.5.1||||||${charset}\rPID|||1||José`;
const utf8 = (text: string) => new TextEncoder().encode(text);
const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const utf16 = (text: string, isLittle: boolean) =>
  Uint8Array.from(
    `\uFEFF${text}`.split('').flatMap((character) => {
      const code = character.charCodeAt(0);
      return isLittle ? [code & 255, code >> 8] : [code >> 8, code & 255];
    }),
  );

it.each([
  ['UTF-8 that says nothing', utf8(msh('')), undefined],
  ['UTF-8 that MSH-18 declares', utf8(msh('UNICODE UTF-8')), undefined],
  ['UTF-8 that HTTP declares against MSH-18', utf8(msh('8859/1')), 'utf-8'],
  ['UTF-8 that is called ASCII', utf8(msh('ASCII')), undefined],
  ['UTF-8 with its mark', utf8(`\uFEFF${msh('')}`), undefined],
  ['Latin-1 that MSH-18 declares', latin1(msh('8859/1')), undefined],
  ['Latin-1 that HTTP declares', latin1(msh('')), 'ISO-8859-1'],
  ['UTF-16 of either order', utf16(msh(''), true), undefined],
  ['UTF-16 of the other order', utf16(msh(''), false), undefined],
])('reads %s', (_, bytes, declared) => {
  const { text, findings } = decodeEr7(bytes, declared);
  expect(text).toContain('José');
  expect(text.startsWith('MSH')).toBe(true);
  expect(findings).toEqual([]);
});

it.each([
  ['undeclared', latin1(msh('')), undefined, 'declares no character set'],
  ['called UTF-8', latin1(msh('')), 'utf-8', 'declared as utf-8'],
  ['called ASCII', latin1(msh('ASCII')), undefined, 'declared as ASCII'],
  ['of a name that nobody knows', latin1(msh('KOI-9')), undefined, '"KOI-9" is not known'],
])('reads Latin-1 %s, and tells', (_, bytes, declared, said) => {
  const { text, findings } = decodeEr7(bytes, declared);
  expect(text).toContain('José');
  expect(findings).toMatchObject([{ severity: 'W', location: { segment: 'MSH', field: 18 } }]);
  expect(findings[0]?.text).toContain(said);
});

it('reads bytes of no meaning without a fault', () => {
  expect(decodeEr7(Uint8Array.from([0xff, 0xfe, 0x00])).text).toBeTypeOf('string');
  expect(decodeEr7(Uint8Array.from([])).text).toBe('');
  expect(decodeEr7(Uint8Array.from([0x80, 0x81, 0x8d])).findings).toHaveLength(1);
});
