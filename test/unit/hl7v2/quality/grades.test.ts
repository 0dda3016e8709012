import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../../../src/hl7v2/er7/message.ts';
import { checkVxu } from '../../../../src/hl7v2/guide/check-vxu.ts';
import { type Grade, gradeMessage } from '../../../../src/hl7v2/quality/grade-message.ts';
import { renderReport } from '../../../../src/hl7v2/quality/render-report.ts';
import { type GradedMessage, summarizeGrades } from '../../../../src/hl7v2/quality/summarize-grades.ts';
import { toMeasureReport } from '../../../../src/hl7v2/quality/to-measure-report.ts';
import { toEpochDay } from '../../../../src/values/epoch-day.ts';
import { testGuide } from '../guide/open-test-guide.ts';
import { sampleOrder, samplePid, sampleVxu } from '../guide/sample-messages.ts';

function grade(text: string, day = toEpochDay(2024, 6, 16)): Grade {
  const message = parseMessage(text);
  const detected = 'kind' in message ? undefined : checkVxu(testGuide, message, { asOf: day }).detected;
  if (!detected) throw new Error('no grade');
  return gradeMessage(testGuide, detected);
}

const field = (name: string): number => testGuide.quality.fields.findIndex((one) => one.name === name);
const summarize = (messages: readonly GradedMessage[]) =>
  summarizeGrades(testGuide.quality, testGuide.detections, messages);

describe('a message', () => {
  it('is graded by what it has, how soon it came, and what is wrong', () => {
    const { filled, of, ...rest } = grade(sampleVxu());
    expect(rest).toEqual({
      doses: 1,
      administered: 1,
      days: [1, 0, 0, 0, 0],
      timely: 1,
      judged: 3,
      faulty: 0,
      issues: {},
    });
    expect(filled).toEqual(of);
    expect(of.every((count) => count === 1)).toBe(true);
  });

  it.each([
    [toEpochDay(2024, 6, 15), [1, 0, 0, 0, 0], 1],
    [toEpochDay(2024, 6, 18), [0, 1, 0, 0, 0], 1],
    [toEpochDay(2024, 6, 19), [0, 1, 0, 0, 0], 0],
    [toEpochDay(2024, 6, 22), [0, 1, 0, 0, 0], 0],
    [toEpochDay(2024, 6, 23), [0, 0, 1, 0, 0], 0],
    [toEpochDay(2024, 7, 15), [0, 0, 0, 1, 0], 0],
    [toEpochDay(2024, 7, 16), [0, 0, 0, 0, 1], 0],
  ])('that came on day %d is late by so much', (day, days, timely) => {
    expect(grade(sampleVxu(), day)).toMatchObject({ days, timely });
  });

  it('counts what is not there, and what is wrong, apart', () => {
    const { filled, of, faulty, issues } = grade(
      sampleVxu({
        pid: samplePid.replace('2106-3^White^CDCREC', '').replace('2820101', '5550101'),
        order: sampleOrder.map((one) => one.replace('|L4411|', '||')),
      }),
    );
    expect([filled[field('race')], of[field('race')]]).toEqual([0, 1]);
    expect([filled[field('lot')], of[field('lot')]]).toEqual([0, 1]);
    expect(faulty).toBe(1);
    expect(issues).toEqual({ MQE0175: 1, MQE0339: 1 });
  });

  it('is in time with a dose of the day after', () => {
    expect(grade(sampleVxu(), toEpochDay(2024, 6, 14))).toMatchObject({ days: [1, 0, 0, 0, 0], timely: 1 });
  });

  it('is no later for a dose that another gave', () => {
    const told = sampleVxu({
      order: sampleOrder.map((one) => one.replace('00^New Record', '01^Historical')),
    });
    expect(grade(told, toEpochDay(2025, 6, 16))).toMatchObject({
      doses: 1,
      administered: 0,
      days: [0, 0, 0, 0, 0],
    });
  });

  it('is graded without a word of whom it is about', () => {
    const text = JSON.stringify(grade(sampleVxu({ pid: samplePid.replace('2820101', '5550101') })));
    for (const word of ['Larkin', 'Mona', 'A1001', '5550101', '20230304']) expect(text).not.toContain(word);
  });
});

describe('a reporter', () => {
  const good = { code: 'AA', grade: grade(sampleVxu()) } as const;
  const late = { code: 'AA', grade: grade(sampleVxu(), toEpochDay(2024, 9, 1)) } as const;
  const bad = {
    code: 'AE',
    grade: grade(
      sampleVxu({
        pid: samplePid.replace('2820101', '5550101'),
        order: sampleOrder.map((one) => one.replace('|L4411|', '||')),
      }),
    ),
  } as const;

  it('passes the test with enough good messages', async () => {
    const report = await summarize(Array.from({ length: 20 }, () => good));
    expect(report).toMatchObject({ messages: 20, score: 100, acceptanceTest: { isPassed: true } });
    expect(report.timeliness).toEqual({ count: 20, of: 20, share: 1 });
  });

  it('is told what it lacks', async () => {
    const report = await summarize([...Array.from({ length: 8 }, () => good), late, bad]);
    const unmet = report.acceptanceTest.criteria.filter(({ isMet }) => !isMet).map(({ name }) => name);
    expect(unmet).toEqual(['messages', 'acceptance', 'lot given']);
    expect(report.timeliness).toEqual({ count: 9, of: 10, share: 0.9 });
    expect(report.validity).toEqual({ count: 29, of: 30, share: 29 / 30 });
    expect(report.score).toBe(96);
    expect(report.issues).toEqual([
      { code: 'MQE0175', text: 'patient phone is invalid', count: 1 },
      { code: 'MQE0339', text: 'vaccination lot number is missing', count: 1 },
    ]);
  });

  it('of whom nothing is known has no score, and passes nothing', async () => {
    const report = await summarize([]);
    expect(report.score).toBeUndefined();
    expect(report.acceptanceTest.criteria.filter(({ isMet }) => isMet)).toEqual([]);
    expect(renderReport(report, { reporter: 'North Clinic' })).toContain('nothing to score');
  });

  it('is refused messages that have no grade', async () => {
    const report = await summarize([{ code: 'AR' }, good]);
    expect(report.acceptance).toEqual({ count: 1, of: 2, share: 0.5 });
  });

  it('is described in words', async () => {
    const report = await summarize([...Array.from({ length: 8 }, () => good), late, bad]);
    const text = renderReport(report, { reporter: 'North Clinic', since: '2024-06-01' });
    expect(text).toContain('North Clinic, from 2024-06-01\n');
    expect(text).toContain('messages                10: 9 accepted, 1 with errors, 0 refused');
    expect(text).toContain('in time                 90 % (9 of 10)');
    expect(text).toContain('  MQE0339               1 vaccination lot number is missing');
    expect(text).toContain('acceptance test         not passed\n  lacks: messages');
  });

  it('is a MeasureReport', async () => {
    const report = await summarize([good, late]);
    const facts = {
      reporter: { reference: 'Organization/o1' },
      start: '2024-06-01',
      end: '2024-06-30',
      date: '2024-07-01T00:00:00Z',
    };
    const measured = toMeasureReport(report, facts);
    expect(measured).toMatchObject({
      resourceType: 'MeasureReport',
      status: 'complete',
      type: 'summary',
      reporter: { reference: 'Organization/o1' },
    });
    expect(measured.group?.find(({ code }) => code?.text === 'timeliness')).toEqual({
      code: {
        coding: [
          { system: 'https://jenner-iis.org/fhir/CodeSystem/reporter-data-quality', code: 'timeliness' },
        ],
        text: 'timeliness',
      },
      population: [
        {
          code: {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/measure-population', code: 'denominator' },
            ],
          },
          count: 2,
        },
        {
          code: {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/measure-population', code: 'numerator' },
            ],
          },
          count: 1,
        },
      ],
      measureScore: { value: 0.5, system: 'http://unitsofmeasure.org', code: '1' },
    });
  });
});
