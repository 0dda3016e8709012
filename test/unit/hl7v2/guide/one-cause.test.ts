import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../../../src/hl7v2/er7/message.ts';
import { checkVxu } from '../../../../src/hl7v2/guide/check-vxu.ts';
import { toEpochDay } from '../../../../src/values/epoch-day.ts';
import { testGuide } from './open-test-guide.ts';
import { sampleMsh, sampleNk1, sampleOrder, samplePd1, samplePid, sampleVxu } from './sample-messages.ts';

const [orc = '', rxa = '', ...rest] = sampleOrder;
const change = (segment: string, from: string, to: string): string => {
  if (!segment.includes(from)) throw new Error(`no ${from}`);
  return segment.replace(from, to);
};

/** Severity, place and text of all that is told. */
function told(segments: Parameters<typeof sampleVxu>[0]): readonly string[] {
  const message = parseMessage(sampleVxu(segments));
  if ('kind' in message) throw new Error(message.reason);
  const { findings } = checkVxu(testGuide, message, { asOf: toEpochDay(2024, 6, 20) });
  return findings.map(({ severity, text }) => `${severity} ${text}`);
}

const order = (other: string) => [orc, other, ...rest];
const phone = '^PRN^PH^^^978^2820101';

describe('one fault is told once', () => {
  it.each([
    [
      'a number where earlier guides had it',
      { pid: change(samplePid, phone, '(617)482-9931') },
      [
        'W PID-13.1 (Telephone Number) is of earlier guides, and read where component 7 is empty. Send use, area code and number in components 2, 6 and 7.',
      ],
    ],
    [
      'the same with its use, and of a contact',
      { nk1: change(sampleNk1, phone, '(617)482-9931^PRN^PH') },
      [
        'W NK1-5.1 (Telephone Number) is of earlier guides, and read where component 7 is empty. Send use, area code and number in components 2, 6 and 7.',
      ],
    ],
    [
      'a birth date in another form',
      { pid: change(samplePid, '20230304', '03/04/2023') },
      ['E PID-7 (Date/Time of Birth) "03/04/2023" is no day (YYYYMMDD). The message was not kept.'],
    ],
    [
      'a day of the dose in another form',
      { order: order(change(rxa, '20240615', '2024-06-15')) },
      [
        'E RXA-3 (Date/Time Start of Administration) "2024-06-15" is no day (YYYYMMDD). This dose was not kept.',
      ],
    ],
    [
      'a vaccine without a code',
      { order: order(change(rxa, '03^MMR^CVX', '^MMR vaccine')) },
      [
        'E RXA-5 (Administered Code) names no code, only the text "MMR vaccine"; send a code of CVX or NDC. This dose was not kept.',
      ],
    ],
    [
      'a vaccine by a word',
      { order: order(change(rxa, '03^MMR^CVX', 'MMR')) },
      [
        'E RXA-5 (Administered Code) "MMR" of no code system is no vaccine that is known; send a code of CVX or NDC. This dose was not kept.',
      ],
    ],
    [
      'no vaccine',
      { order: order(change(rxa, '03^MMR^CVX', '')) },
      ['E RXA-5 (Administered Code) is required, and is missing. This dose was not kept.'],
    ],
    [
      'an amount with its unit',
      { order: order(change(rxa, '|0.5|', '|0.5 mL|')) },
      [
        'W RXA-6 (Administered Amount) "0.5 mL" is not a number: the dose was kept, its amount was not. Send the number alone and its unit in RXA-7, or 999 where it is not known.',
      ],
    ],
    ['another version', { msh: change(sampleMsh, '|2.5.1|', '|2.4|') }, [expect.stringMatching(/^W MSH-12/)]],
    [
      'a birth that is still to come',
      { pid: change(samplePid, '20230304', '20260304') },
      ['E PID-7 (Date/Time of Birth) "20260304" lies in the future. The message was not kept.'],
    ],
  ])('%s', (_, segments, expected) => {
    expect(told(segments)).toEqual(expected);
  });

  it('again in each message: what was found unfit is not taken for fit later', () => {
    const route = order(rxa).map((one) => one.replace('C38299^Subcutaneous^NCIT', 'ZZ^Elsewhere^NCIT'));
    expect(told({ order: route }).join()).toContain('"ZZ" is not in table');
    expect(told({ order: route }).join()).toContain('"ZZ" is not in table');
  });

  it('of a code that is in no table, and of another length than theirs', () => {
    const pd1 = samplePd1.replace('|||A|', '|||QQQQQ|');
    expect(pd1).not.toBe(samplePd1);
    expect(told({ pd1 }).map((one) => one.slice(0, 45))).toEqual([
      'W PD1-16 (Immunization Registry Status) "QQQQ',
    ]);
  });

  it('but two are told twice: a number that is nowhere, and one of two codes', () => {
    const none = told({ pid: change(samplePid, phone, '^^PH') });
    expect(none.map((one) => one.slice(0, 11))).toEqual(['W PID-13.2 ']);
    const both = told({ pid: change(samplePid, phone, '(617)482-9931^^PH^^^617^4829931') });
    expect(both.map((one) => one.slice(0, 11))).toEqual(['W PID-13.1 ', 'W PID-13.2 ']);
    const names = told({ pid: change(samplePid, 'Larkin^Mona', '^') });
    expect(names.map((one) => one.slice(0, 10))).toEqual(['E PID-5.1 ', 'E PID-5.2 ']);
  });
});

describe('other delimiters', () => {
  it('are told themselves, and nothing that was sent by them is', () => {
    const text = sampleVxu()
      .replaceAll('|', '#')
      .replaceAll('^', '*')
      .replaceAll('~', '%')
      .replace('*%\\&', '*%\\$');
    const message = parseMessage(text);
    if ('kind' in message) throw new Error(message.reason);
    const { findings } = checkVxu(testGuide, message, { asOf: toEpochDay(2024, 6, 20) });
    expect(findings.map(({ text: one }) => one.slice(0, 6))).toEqual(['MSH-1 ', 'MSH-2 ']);
  });
});

describe('a dose before the birth', () => {
  const on = (day: string, more: (text: string) => string = (text) => text) =>
    told({ order: order(more(change(rxa, '20240615', day))) }).filter((one) => one.includes('RXA-3'));

  it('of long ago is not kept: nobody knows whose it was', () => {
    expect(on('19200115')).toEqual([
      'E RXA-3 (Date/Time Start of Administration) "19200115" lies more than a year before the birth (PID-7): one of the two is wrong. This dose was not kept.',
    ]);
    expect(on('20220302')[0]).toMatch(/^E/);
  });

  it('of less than a year is kept, and told', () => {
    for (const day of ['20220303', '20230303']) expect(on(day)[0]).toMatch(/^W .*before the birth/);
    expect(on('20230304').join()).not.toContain('before the birth');
  });

  it('may be taken back, whatever its day', () => {
    expect(on('19200115', (text) => change(text, '|CP|A', '|CP|D')).join()).not.toMatch(/^E/);
  });
});
