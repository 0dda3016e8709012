import { describe, expect, it } from 'vitest';
import type { CheckedVxu } from '../../../../src/hl7v2/checked-message.ts';
import { parseMessage } from '../../../../src/hl7v2/er7/message.ts';
import { checkVxu } from '../../../../src/hl7v2/guide/check-vxu.ts';
import { placeName } from '../../../../src/hl7v2/guide/finding-text.ts';
import { formatEpochDay, toEpochDay } from '../../../../src/values/epoch-day.ts';
import { testGuide } from './open-test-guide.ts';
import { sampleMsh, sampleNk1, sampleOrder, samplePd1, samplePid, sampleVxu } from './sample-messages.ts';

const asOf = toEpochDay(2024, 6, 20);

function check(text: string, day = asOf): CheckedVxu {
  const message = parseMessage(text);
  if ('kind' in message) throw new Error(message.reason);
  return checkVxu(testGuide, message, { asOf: day });
}

/** `E 101 PID-7`, in the order of the message. */
const told = (checked: CheckedVxu): readonly string[] =>
  checked.findings.map(
    ({ severity, code, location }) => `${severity} ${code} ${location ? placeName(location) : ''}`,
  );

const [orc = '', rxa = '', rxr = '', ...obxs] = sampleOrder;
const secondOrder = sampleOrder.map((one) => one.replace('F-77', 'F-78').replace('03^MMR', '21^varicella'));
const change = (segment: string, from: string, to: string): string => {
  if (!segment.includes(from)) throw new Error(`no ${from}`);
  return segment.replace(from, to);
};

describe('a VXU as the guide has it', () => {
  it('is accepted whole, with nothing told', () => {
    const checked = check(sampleVxu());
    expect(told(checked)).toEqual([]);
    if (checked.kind !== 'accepted') throw new Error('refused');
    expect(checked.nk1s).toHaveLength(1);
    expect(checked.pd1?.raw).toBe(samplePd1);
    expect(checked.orders).toHaveLength(1);
    expect(checked.orders[0]).toMatchObject({
      number: 1,
      orc: { raw: orc },
      rxa: { raw: rxa },
      rxr: { raw: rxr },
    });
    expect(checked.orders[0]?.obxs.map(({ obx }) => obx.raw)).toEqual(obxs);
    expect(checked.withoutPlace).toEqual([]);
  });

  it('may tell of a patient alone', () => {
    const checked = check(sampleVxu({ order: [] }));
    expect(checked).toMatchObject({ kind: 'accepted', orders: [], findings: [] });
  });

  it('keeps the notes of an observation with it', () => {
    const checked = check(
      sampleVxu({
        order: [...sampleOrder.slice(0, 4), 'NTE|1||watched for 15 minutes', ...sampleOrder.slice(4)],
      }),
    );
    expect(checked.kind === 'accepted' && checked.orders[0]?.obxs[0]?.notes[0]?.raw).toBe(
      'NTE|1||watched for 15 minutes',
    );
  });
});

describe('the cascade of table 3-1', () => {
  it.each([
    ['a message without PID', { pid: '' }, ['E 100 PID']],
    ['PID-3 empty', { pid: change(samplePid, 'A1001^^^NORTH^MR', '') }, ['E 101 PID-3']],
    ['PID-3 without an id', { pid: change(samplePid, 'A1001^^^NORTH^MR', '^^^NORTH^MR') }, ['E 101 PID-3.1']],
    ['PID-5 empty', { pid: change(samplePid, 'Larkin^Mona^Jo^^^^L', '') }, ['E 101 PID-5']],
    ['PID-5 without a family name', { pid: change(samplePid, 'Larkin^Mona', '^Mona') }, ['E 101 PID-5.1']],
    ['PID-5 without a given name', { pid: change(samplePid, 'Larkin^Mona', 'Larkin^') }, ['E 101 PID-5.2']],
    ['PID-7 empty', { pid: change(samplePid, '20230304', '') }, ['E 101 PID-7']],
    [
      'PID-7 that nobody can read',
      { pid: change(samplePid, '20230304', 'spring') },
      ['W 102 PID-7', 'E 102 PID-7'],
    ],
    [
      'PID-7 that is no day of the calendar',
      { pid: change(samplePid, '20230304', '20230230') },
      ['E 102 PID-7'],
    ],
    ['PID-7 of a month', { pid: change(samplePid, '20230304', '202303') }, ['W 102 PID-7', 'E 102 PID-7']],
    ['PID-7 after the message', { pid: change(samplePid, '20230304', '20250304') }, ['E 102 PID-7']],
    ['PID-8 empty', { pid: change(samplePid, '|F|', '||') }, ['E 101 PID-8']],
    ['PID-8 of no table', { pid: change(samplePid, '|F|', '|Q|') }, ['E 103 PID-8']],
    ['MSH-7 empty', { msh: change(sampleMsh, '20240615101500-0400', '') }, ['E 101 MSH-7']],
    [
      'MSH-7 that nobody can read',
      { msh: change(sampleMsh, '20240615101500-0400', 'today') },
      ['W 102 MSH-7', 'E 102 MSH-7.1'],
    ],
    ['MSH-10 empty', { msh: change(sampleMsh, 'msg-1', '') }, ['E 101 MSH-10']],
  ])('refuses %s', (_, segments, expected) => {
    const checked = check(sampleVxu(segments));
    expect(checked.kind).toBe('refused');
    expect(told(checked).filter((one) => one.startsWith('E'))).toEqual(
      expected.filter((one) => one.startsWith('E')),
    );
  });

  it.each([
    ['RXA-3 empty', change(rxa, '20240615', ''), 'E 101 RXA-3'],
    ['RXA-3 that nobody can read', change(rxa, '20240615', 'MMR'), 'E 102 RXA-3'],
    ['RXA-3 after the message', change(rxa, '20240615', '20240617'), 'E 102 RXA-3'],
    ['RXA-5 empty', change(rxa, '03^MMR^CVX', ''), 'E 101 RXA-5'],
    ['RXA-5 of no vaccine', change(rxa, '03^MMR', 'ABC^ABC'), 'E 103 RXA-5.1'],
    ['RXA-5 of another system', change(rxa, '03^MMR^CVX', '03^MMR^SCT'), 'E 103 RXA-5.1'],
    ['RXA-20 of no table', change(rxa, '|CP|A', '|??|A'), 'E 103 RXA-20'],
    ['RXA-21 of no table', change(rxa, '|CP|A', '|CP|Q'), 'E 103 RXA-21'],
  ])('drops the dose alone for %s', (_, bad, expected) => {
    const checked = check(sampleVxu({ order: [orc, bad, rxr, ...obxs, ...secondOrder] }));
    expect(checked.kind === 'accepted' && checked.orders.map(({ number }) => number)).toEqual([2]);
    expect(told(checked).filter((one) => one.startsWith('E'))).toEqual([expected]);
  });

  it('drops an order that has no RXA, and names where it should be', () => {
    const checked = check(sampleVxu({ order: [...sampleOrder, orc, rxr, ...secondOrder] }));
    expect(checked.kind === 'accepted' && checked.orders.map(({ number }) => number)).toEqual([1, 3]);
    expect(checked.findings).toMatchObject([
      {
        severity: 'E',
        code: '100',
        location: { segment: 'RXA', occurrence: 2 },
        text: 'RXA is required in each ORDER, and ORDER 2 has none. This dose was not kept.',
      },
    ]);
  });

  it.each([
    ['NK1-2', change(sampleNk1, 'Larkin^Weir^Ida^^^^L', '')],
    ['NK1-3', change(sampleNk1, 'MTH^Mother^HL70063', '')],
  ])('drops an NK1 alone without %s', (place, nk1) => {
    const checked = check(sampleVxu({ nk1: `${nk1}\r${sampleNk1.replace('NK1|1', 'NK1|2')}` }));
    expect(checked.kind === 'accepted' && checked.nk1s.map(({ occurrence }) => occurrence)).toEqual([2]);
    expect(told(checked)).toEqual([`E 101 ${place}`]);
  });

  it('drops an OBX without its code, and tells', () => {
    const checked = check(sampleVxu({ order: [orc, rxa, rxr, ...obxs, 'OBX|5|ST||9|note||||||F'] }));
    expect(checked.kind === 'accepted' && checked.orders[0]?.obxs).toHaveLength(4);
    expect(told(checked)).toEqual(['E 101 OBX-3']);
  });

  it('reads a date of no meaning as empty, and tells', () => {
    const checked = check(sampleVxu({ order: [orc, change(rxa, '20250101', 'soon'), rxr, ...obxs] }));
    expect(checked.kind === 'accepted' && checked.orders[0]?.rxa.raw).toContain('|L4411||MSD');
    expect(told(checked)).toContain('E 102 RXA-16.1');
  });

  it('keeps the statement on sharing as it is where it cannot be read', () => {
    const checked = check(sampleVxu({ pd1: change(samplePd1, '|N|2024', '|maybe|2024') }));
    expect(checked.kind === 'accepted' && checked.pd1?.raw).toContain('HL70215||2024');
    expect(told(checked)).toContain('E 103 PD1-12');
  });

  it('passes over a segment out of order, a second PID and a second RXR', () => {
    const late = check(sampleVxu({ nk1: '', order: ['PV1||R', sampleNk1, ...sampleOrder] }));
    expect(late.kind === 'accepted' && late.nk1s).toEqual([]);
    expect(told(late)).toContain('E 100 NK1');
    const twice = check(sampleVxu({ pid: `${samplePid}\r${samplePid.replace('Mona', 'Lena')}` }));
    expect(twice.kind === 'accepted' && twice.pid.raw).toBe(samplePid);
    expect(told(twice)).toEqual(['E 100 PID']);
    const routes = check(sampleVxu({ order: [orc, rxa, rxr, rxr, ...obxs] }));
    expect(told(routes)).toEqual(['E 100 RXR']);
  });

  it('takes no dose behind the observations of an order for the one that the order lacks', () => {
    const checked = check(sampleVxu({ order: [orc, rxr, ...obxs, ...secondOrder.slice(1)] }));
    expect(checked.kind === 'accepted' && checked.orders.map((order) => order.orc)).toEqual([undefined]);
    expect(told(checked)).toContain('E 100 RXA');
  });

  it('keeps the other names and identifiers where one is unfit', () => {
    const pid = change(samplePid, 'A1001^^^NORTH^MR', '^^^NORTH^MR~A1001^^^NORTH^MR');
    const checked = check(sampleVxu({ pid }));
    expect(checked.kind === 'accepted' && checked.pid.raw).toContain('|A1001^^^NORTH^MR|');
    expect(told(checked)).toEqual(['E 101 PID-3.1']);
  });
});

describe('the rules over several elements', () => {
  it('count OBX-1 through the message or anew in each order, and in no other way', () => {
    const on = secondOrder.map((one) => one.replace(/^OBX\|(\d)/, (_, at) => `OBX|${Number(at) + 4}`));
    const wrong = secondOrder.map((one) => one.replace(/^OBX\|(\d)/, (_, at) => `OBX|${Number(at) + 1}`));
    expect(told(check(sampleVxu({ order: [...sampleOrder, ...on] })))).toEqual([]);
    expect(told(check(sampleVxu({ order: [...sampleOrder, ...secondOrder] })))).toEqual([]);
    expect(told(check(sampleVxu({ order: [...sampleOrder, ...wrong] })))).toEqual(['W 102 OBX-1']);
  });

  it.each([
    ['without the day it was given', obxs.filter((obx) => !obx.includes('29769-7')), ['W 100 OBX']],
    ['without a document', obxs.filter((obx) => !obx.includes('69764-9')), ['W 100 OBX', 'W 102 OBX-1']],
    [
      'by its vaccine and edition',
      obxs.flatMap((obx) =>
        obx.includes('69764-9')
          ? [
              'OBX|3|CE|30956-7^Vaccine type^LN|2|03^MMR^CVX||||||F',
              'OBX|4|DT|29768-9^Edition^LN|2|20210806||||||F',
            ]
          : [obx.replace('OBX|4', 'OBX|5')],
      ),
      [],
    ],
    ['of two sub-ids', obxs.map((obx) => obx.replace('presented^LN|2', 'presented^LN|3')), ['W 100 OBX']],
  ])('ask for a VIS: %s', (_, changed, expected) => {
    expect(told(check(sampleVxu({ order: [orc, rxa, rxr, ...changed] })))).toEqual(expected);
  });

  it.each([
    ['none is told of RXA-9, which belongs to a dose that was given', rxa, []],
    [
      'the others are told',
      change(rxa, 'RXA|0|1|20240615||', 'RXA|0|1|20240615|20240614|'),
      ['W 102 RXA-3', 'W 102 RXA-4'],
    ],
  ])('hold where RXA-20 is empty: %s', (_, sent, expected) => {
    const bare = change(sent, '|CP|A', '||A');
    expect(told(check(sampleVxu({ order: [orc, bare, rxr, ...obxs] })))).toEqual(expected);
  });

  it('name the second repetition of what may not repeat', () => {
    const twice = change(rxa, '|0.5|', '|0.5~0.7|');
    expect(check(sampleVxu({ order: [orc, twice, rxr, ...obxs] })).findings).toMatchObject([
      { severity: 'W', location: { segment: 'RXA', field: 6, repetition: 2 } },
    ]);
  });
});

it('says what becomes of a message without a patient', () => {
  expect(check(sampleVxu({ pid: '' })).findings[0]?.text).toBe(
    'PID is required, and is missing. The message was not kept.',
  );
});

describe('what is tolerated', () => {
  it.each([
    ['an order without ORC', { order: [rxa, rxr, ...obxs] }, ['W 100 ORC']],
    [
      'an ORC without a filler id',
      { order: [change(orc, 'F-77^NORTH', ''), rxa, rxr, ...obxs] },
      ['W 101 ORC-3'],
    ],
    [
      'a route that is missing',
      { order: [orc, rxa, change(rxr, 'C38299^Subcutaneous^NCIT', ''), ...obxs] },
      ['W 101 RXR-1'],
    ],
    [
      'a route of the earlier table',
      { order: [orc, rxa, change(rxr, 'C38299^Subcutaneous^NCIT', 'SC^Subcutaneous^HL70162'), ...obxs] },
      ['W 103 RXR-1.1'],
    ],
    [
      'a race by the name of the earlier table',
      { pid: change(samplePid, 'White^CDCREC', 'White^HL70005') },
      ['W 103 PID-10.3'],
    ],
    ['a sex that later guides know', { pid: change(samplePid, '|F|', '|X|') }, ['W 103 PID-8']],
    ['a field that is not used', { pid: change(samplePid, 'PID|1||', 'PID|1|77|') }, ['W 0 PID-2']],
    [
      'an amount that is missing',
      { order: [orc, change(change(rxa, '|0.5|', '||'), 'mL^mL^UCUM', ''), rxr, ...obxs] },
      ['W 101 RXA-6'],
    ],
    ['fields after the last', { order: [orc, `${rxa}${'|'.repeat(40)}x`, rxr, ...obxs] }, []],
    ['300 fields', { order: [orc, `${rxa}${'|x'.repeat(300)}`, rxr, ...obxs] }, []],
    ['a segment of its own', { order: [...sampleOrder, 'ZZ1|1|mine'] }, []],
    ['a form feed in a text', { pid: change(samplePid, '12 Elm St', '12\f Elm\v St') }, []],
    ['an & in a name', { nk1: change(sampleNk1, 'Ida', 'Ida & Co') }, ['W 102 NK1-2.3']],
    ['names of few letters', { pid: change(samplePid, 'Larkin^Mona', "O'B^None") }, []],
    ['a dose of CPT', { order: [orc, change(rxa, '03^MMR^CVX', '90707^MMR^CPT'), rxr, ...obxs] }, []],
    [
      'a dose of an NDC without hyphens',
      { order: [orc, change(rxa, '03^MMR^CVX', '00006468100^MMR II^NDC'), rxr, ...obxs] },
      [],
    ],
    [
      'a dose of an NDC of ten digits without hyphens',
      { order: [orc, change(rxa, '03^MMR^CVX', '0006468100^MMR II^NDC'), rxr, ...obxs] },
      [],
    ],
    [
      'a vaccine in the second triplet',
      { order: [orc, change(rxa, '03^MMR^CVX', 'MMR1^MMR^99LAB^03^MMR^CVX'), rxr, ...obxs] },
      [],
    ],
    ['another version', { msh: change(sampleMsh, '|2.5.1|', '|2.4|') }, ['W 203 MSH-12']],
    [
      'an observation of no value',
      { order: [orc, rxa, rxr, ...obxs, 'OBX|5|CE|30945-0^Contraindication^LN|5|||||||F'] },
      ['W 101 OBX-5'],
    ],
  ])('%s is accepted', (_, segments, expected) => {
    const checked = check(sampleVxu(segments));
    expect(checked.kind === 'accepted' && checked.orders).toHaveLength(1);
    const others = told(checked).filter((one) => !expected.includes(one));
    expect(others.filter((one) => one.startsWith('E'))).toEqual([]);
    expect(told(checked)).toEqual(expect.arrayContaining(expected));
  });

  it('reads what stands before the first order as said of the patient', () => {
    const fact = 'OBX|1|CE|59784-9^Disease with presumed immunity^LN|1|38907003^Varicella^SCT||||||F';
    const checked = check(sampleVxu({ order: [fact, ...sampleOrder] }));
    expect(told(checked)).toEqual(['W 100 OBX']);
    if (checked.kind !== 'accepted') throw new Error('refused');
    expect(checked.orders.map(({ number }) => number)).toEqual([0, 1]);
    expect(checked.orders[0]?.rxa.raw).toBe(
      'RXA|0|1|20240615|20240615|998^No vaccine administered^CVX|999||||||||||||||NA|A',
    );
    expect(checked.orders[0]?.obxs[0]?.obx.raw).toBe(fact);
  });

  it('names what no resource is made of', () => {
    const checked = check(
      sampleVxu({ order: [...sampleOrder, 'ZZ1|1|mine', 'ZZ1|2'], pd1: `${samplePd1}|||||||x` }),
    );
    expect(checked.kind === 'accepted' && checked.withoutPlace).toEqual(['PD1[1]-25', 'ZZ1[1]', 'ZZ1[2]']);
  });
});

describe('a date in the future', () => {
  const future = sampleVxu({ order: [orc, change(rxa, '20240615', '20250102'), rxr, ...obxs] });

  it.each([[toEpochDay(2024, 6, 15)], [toEpochDay(2026, 1, 1)], [toEpochDay(2031, 5, 5)]])(
    'is one on day %d',
    (day) => {
      const checked = check(future, day);
      expect(checked.kind === 'accepted' && checked.orders, formatEpochDay(day)).toEqual([]);
    },
  );

  it('is the day after, where zones may differ', () => {
    const tomorrow = sampleVxu({ order: [orc, change(rxa, '20240615', '20240616'), rxr, ...obxs] });
    expect(told(check(tomorrow, toEpochDay(2024, 6, 15)))).toEqual(['W 102 RXA-3']);
  });

  it('is not the day after, when it is read years later either', () => {
    const tomorrow = sampleVxu({ order: [orc, change(rxa, '20240615', '20240616'), rxr, ...obxs] });
    const later = sampleVxu({ order: [orc, change(rxa, '20240615', '20240617'), rxr, ...obxs] });
    expect(told(check(tomorrow, toEpochDay(2026, 1, 1)))).toEqual(['W 102 RXA-3']);
    expect(told(check(later, toEpochDay(2026, 1, 1)))).toEqual(['E 102 RXA-3']);
  });

  it('is judged by today where the clock of the sender is behind its own message', () => {
    const order = sampleOrder.map((one) => one.replaceAll('20240615', '20250102'));
    expect(told(check(sampleVxu({ order }), toEpochDay(2026, 1, 1)))).toEqual(['W 102 RXA-3']);
    expect(told(check(sampleVxu({ order }), toEpochDay(2024, 7, 1)))).toContain('E 102 RXA-3');
  });

  it('is judged by today where the clock of the sender is ahead', () => {
    const msh = change(sampleMsh, '20240615101500-0400', '20300615101500-0400');
    expect(
      told(
        check(sampleVxu({ msh, order: sampleOrder.map((one) => one.replaceAll('20240615', '20290102')) })),
      ),
    ).toContain('E 102 RXA-3');
  });
});

it.each([
  ['MSH-9.1', change(sampleMsh, 'VXU^V04^VXU_V04', 'ADT^A04^ADT_A01'), '200'],
  ['MSH-9.2', change(sampleMsh, 'VXU^V04^VXU_V04', 'VXU^V03^VXU_V04'), '201'],
  ['MSH-11', change(sampleMsh, '|P|2.5.1', '|X|2.5.1'), '202'],
  ['MSH-11', change(sampleMsh, '|P|2.5.1', '||2.5.1'), '202'],
  ['MSH-12', change(sampleMsh, '|2.5.1|', '|2.8|'), '203'],
  ['MSH-12', change(sampleMsh, '|2.5.1|', '||'), '203'],
])('%s that is not served is refused before anything else', (place, msh, code) => {
  const checked = check(sampleVxu({ msh, pid: '' }));
  expect(checked.kind).toBe('refused');
  expect(told(checked)).toEqual([`E ${code} ${place}`]);
});

it('goes over 10,000 segments and many doses in time that grows with them alone', () => {
  const order = Array.from({ length: 1500 }, () => sampleOrder).flat();
  const start = performance.now();
  const checked = check(sampleVxu({ order }));
  expect(checked.kind === 'accepted' && checked.orders).toHaveLength(1500);
  expect(performance.now() - start).toBeLessThan(30_000);
});

describe('a message of which nothing is kept', () => {
  it.each([
    ['PID-5.2', samplePid, 'Larkin^Mona^Jo', 'Larkin'],
    ['PID-3', samplePid, 'A1001^^^NORTH^MR', '^^^NORTH^MR'],
    ['MSH-10', sampleMsh, '|M-1|', '||'],
  ])('says so, whatever of %s it was', (_, segment, from, to) => {
    const bad = segment.includes(from)
      ? change(segment, from, to)
      : segment.replace(/\|[^|]*\|P\|2\.5\.1/, '||P|2.5.1');
    const checked = check(sampleVxu().replace(segment, bad));
    expect(checked.kind).toBe('refused');
    const errors = checked.findings.filter(({ severity }) => severity === 'E');
    expect(errors.some(({ text }) => text.endsWith('The message was not kept.'))).toBe(true);
  });
});

describe('a vaccine', () => {
  it.each([
    ['that is another by its NDC', '21^Varicella^CVX^00006-4681-00^MMR II^NDC', 'W 102 RXA-5'],
    ['by CPT alone', '90707^MMR^C4', 'W 103 RXA-5'],
  ])('%s is told, and kept', (_, code, expected) => {
    const order = sampleOrder.map((one) => one.replace(/\|03\^MMR[^|]*\|/, `|${code}|`));
    const checked = check(
      [sampleMsh, samplePid, samplePd1, sampleNk1, ...order].map((one) => `${one}\r`).join(''),
    );
    expect(told(checked)).toContain(expected);
    expect(checked).toMatchObject({ kind: 'accepted', orders: [{ number: 1 }] });
  });

  it('whose two codes are of one vaccine is not', () => {
    const order = sampleOrder.map((one) =>
      one.replace(/\|03\^MMR[^|]*\|/, '|03^MMR^CVX^00006-4681-00^MMR II^NDC|'),
    );
    const checked = check(
      [sampleMsh, samplePid, samplePd1, sampleNk1, ...order].map((one) => `${one}\r`).join(''),
    );
    expect(told(checked)).toEqual([]);
  });
});
