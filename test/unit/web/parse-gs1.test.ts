import { describe, expect, it } from 'vitest';
import { hasCheckDigit, ndcOf, parseGs1 } from '../../../src/web/gs1/parse-gs1.ts';

const gs = '\u001d';
const gtin = '00349281051050';
const read = (text: string, year = 2026) => parseGs1(text, year);
const good = { gtin, lot: 'U7452AB', expiry: '2027-06-30' };

describe('a GS1 barcode of a vaccine', () => {
  it.each([
    ['as readers type it', `01${gtin}17270630${'10'}U7452AB`],
    ['the lot before the expiry, ended by a separator', `01${gtin}10U7452AB${gs}17270630`],
    ['with what tells the kind of barcode', `]d201${gtin}1727063010U7452AB`],
    ['with a separator at the front', `${gs}01${gtin}1727063010U7452AB`],
    ['with brackets as people read them', `(01)${gtin}(10)U7452AB(17)270630`],
  ])('fills product, lot and expiry: %s', (_how, text) => {
    expect(read(text)).toEqual({ kind: 'scan', scan: good });
  });

  it.each([
    ['of a reader without separators', `01${gtin}1727063010AB12321XY`, true],
    ['that is ended', `01${gtin}10AB12321XY${gs}17270630`, undefined],
    ['of a reader that sends separators', `${gs}01${gtin}1727063010AB12321XY`, undefined],
    ['in brackets', `(01)${gtin}(17)270630(10)AB12321XY`, undefined],
    ['beside its serial number', `01${gtin}1727063021XY${gs}10AB12321XY`, undefined],
    ['that ends in 21', `01${gtin}1727063010AB21`, undefined],
  ])('asks about a lot that may hold a serial number: one %s', (_how, text, isLotUnsure) => {
    const reading = read(text);
    expect(reading.kind === 'scan' && reading.scan.isLotUnsure).toBe(isLotUnsure);
  });

  it('reads a serial number, and needs no lot', () => {
    expect(read(`01${gtin}17270630${'21'}100000123`)).toEqual({
      kind: 'scan',
      scan: { gtin, expiry: '2027-06-30', serial: '100000123' },
    });
  });

  it.each([
    ['270600', '2027-06-30'],
    ['280200', '2028-02-29'],
    ['270200', '2027-02-28'],
  ])('takes day 00 of %s for the last of the month', (digits, expiry) => {
    expect(read(`01${gtin}17${digits}10A`)).toMatchObject({ scan: { expiry } });
  });

  it.each([
    [2026, '760630', '2076-06-30'],
    [2026, '770630', '1977-06-30'],
    [2051, '010630', '2101-06-30'],
    [2051, '020630', '2002-06-30'],
  ])('in %i takes two digits of a year for the nearest: %s', (year, digits, expiry) => {
    expect(read(`01${gtin}17${digits}10A`, year)).toMatchObject({ scan: { expiry } });
  });

  it.each([
    ['a wrong check digit', `01${gtin.slice(0, -1)}41727063010A`, 'check-digit'],
    ['letters in the product', '010034928105105X1727063010A', 'check-digit'],
    ['month 13', `01${gtin}1727139910A`, 'month'],
    ['month 00', `01${gtin}1727000010A`, 'month'],
    ['30 February', `01${gtin}1727023010A`, 'day'],
    ['a lot that has swallowed the expiry', `01${gtin}10U7452AB17270630`, 'separator'],
    ['a lot of more than 20 letters', `01${gtin}10${'A'.repeat(21)}${gs}17270630`, 'separator'],
    ['no product', '1727063010A', 'no-product'],
    ['no expiry', `01${gtin}`, 'no-expiry'],
    ['what is none', 'hello', 'unknown-part'],
    ['nothing', '  ', 'empty'],
    ['a control character in the lot', `01${gtin}1727063010A\u0007`, 'unknown-part'],
  ])('takes nothing of a scan with %s', (_what, text, fault) => {
    expect(read(text)).toEqual({ kind: 'fault', fault });
  });

  it('holds the NDC of an American medicine', () => {
    expect(ndcOf(gtin)).toBe('4928105105');
    expect(ndcOf('05012345678900')).toBeUndefined();
    expect(hasCheckDigit(gtin)).toBe(true);
  });
});
