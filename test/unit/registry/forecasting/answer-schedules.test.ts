import type { ParametersParameter } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { compileSchedule } from '../../../../src/forecast/compile-schedule.ts';
import { answerInTurns, answerSchedules } from '../../../../src/registry/forecasting/answer-schedules.ts';
import type { ClinicalRecord } from '../../../../src/registry/forecasting/clinical-record.ts';
import { answerForecast } from '../../../../src/registry/forecasting/forecast-answer.ts';
import { toKnowledgeBase } from '../../../../src/registry/forecasting/knowledge-base.ts';
import { loadKnowledgeBases } from '../../../../src/shipped/knowledge-bases.ts';
import { toDay } from '../../../cdsi/answer-case.ts';
import { type CdsiCase, readCases } from '../../../cdsi/cdsi-case.ts';
import { shippedBase } from '../../forecast/shipped-schedules.ts';

const [cdc, ...others] = loadKnowledgeBases('none');
/** One of six: each is asked of all schedules, alone and together. */
const someCases = readCases().filter((_, i) => i % 6 === 0);
const observationSystem = 'https://jenner-iis.org/fhir/CodeSystem/cdsi-observation';

function recordOf({ dateOfBirth, gender, doses = [], observations = [] }: CdsiCase): ClinicalRecord {
  const sourced = (resource: unknown, reference: string) =>
    ({ resource, reference, expression: reference }) as never;
  return {
    patient: sourced({ birthDate: dateOfBirth, gender: gender.toLowerCase() }, 'Patient/p'),
    immunizations: doses.map(({ date, cvx }, i) => {
      const vaccineCode = { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: cvx }] };
      return sourced({ status: 'completed', vaccineCode, occurrenceDateTime: date }, `Immunization/${i}`);
    }),
    clinical: observations.map(({ code, date }, i) => {
      const coded = { coding: [{ system: observationSystem, code }] };
      return sourced({ resourceType: 'Condition', code: coded, onsetDateTime: date }, `Condition/${i}`);
    }),
  };
}

function ask(
  each: CdsiCase,
  assessmentDate: string,
  knowledgeBases: Parameters<typeof answerSchedules>[0]['knowledgeBases'],
) {
  const question = { assessmentDate: toDay(assessmentDate), explain: false, includeDistant: true, notes: [] };
  return answerSchedules({ ...question, record: recordOf(each), knowledgeBases }, false).parameter ?? [];
}

const said = (parts: readonly ParametersParameter[]) =>
  parts.filter(({ name }) => name === 'evaluation' || name === 'recommendation');

describe('answers by several schedules in one call', () => {
  it.each(['as CDC dates them', '2026-11-28'])(
    'are those by each alone, over CDSi cases, %s',
    (when) => {
      for (const each of someCases) {
        const on = when === '2026-11-28' ? when : each.assessmentDate;
        const schedules = ask(each, on, [cdc, ...others]).filter(({ name }) => name === 'schedule');
        for (const [i, knowledgeBase] of [cdc, ...others].entries()) {
          const alone = said(ask(each, on, [knowledgeBase]));
          const part = schedules[i]?.part ?? [];
          expect(new Set(said(part).map((one) => JSON.stringify(one)))).toEqual(
            new Set(alone.map((one) => JSON.stringify(one))),
          );
        }
      }
    },
    120_000,
  );
});

it('reads the history anew where codes stand for something else', () => {
  const raw = toKnowledgeBase(shippedBase, compileSchedule(shippedBase));
  const reaction = {
    resourceType: 'AllergyIntolerance',
    code: { coding: [{ system: 'http://snomed.info/sct', code: '219088009' }] },
  } as const;
  const person = recordOf({ dateOfBirth: '2014-10-28', gender: 'Female' } as CdsiCase);
  const clinical = [{ resource: reaction, reference: 'AllergyIntolerance/a', expression: 'a' }] as never;
  const question = { explain: false, includeDistant: false, notes: [], assessmentDate: toDay('2026-01-15') };
  const { parameter = [] } = answerSchedules(
    { ...question, record: { ...person, clinical }, knowledgeBases: [raw, cdc] },
    false,
  );
  const groups = parameter
    .filter(({ name }) => name === 'difference')
    .map(({ part }) => part?.find(({ name }) => name === 'vaccineGroup')?.valueString);
  expect(groups).toEqual(['Meningococcal']);
});

describe('a long history', () => {
  const doses = Array.from({ length: 160 }, (_, i) => ({
    date: `${2000 + (i % 20)}-0${1 + (i % 9)}-11`,
    cvx: '146',
  }));
  const record = recordOf({ dateOfBirth: '1999-12-31', gender: 'Female', doses } as unknown as CdsiCase);
  const question = {
    record,
    assessmentDate: toDay('2026-11-28'),
    explain: false,
    includeDistant: true,
    notes: [],
  };

  it('is answered as at one stretch, and lets others in after each antigen', async () => {
    let turns = 0;
    const pace = async () => void turns++;
    const inTurns = await answerInTurns({ ...question, knowledgeBases: [cdc] }, false, pace);
    expect(inTurns).toEqual(answerForecast({ ...question, knowledgeBase: cdc }, false));
    // One an antigen, and one for each 250 verdicts besides.
    const verdicts = (inTurns.parameter ?? []).filter(({ name }) => name === 'evaluation').length;
    expect(verdicts).toBeGreaterThan(900);
    expect(turns).toBeGreaterThanOrEqual(cdc.schedule.antigens.length + 5 + Math.floor(verdicts / 250));
    const short = { ...question, record: { ...record, immunizations: record.immunizations.slice(0, 150) } };
    turns = 0;
    await answerInTurns({ ...short, knowledgeBases: [cdc] }, false, pace);
    expect(turns).toBe(0);
  });

  it('is explained as at one stretch, and lets others in after each antigen found, told and written', async () => {
    let turns = 0;
    const explained = { ...question, explain: true };
    const inTurns = await answerInTurns(
      { ...explained, knowledgeBases: [cdc] },
      false,
      async () => void turns++,
    );
    expect(inTurns).toEqual(answerForecast({ ...explained, knowledgeBase: cdc }, false));
    expect(turns).toBeGreaterThan(4 * cdc.schedule.antigens.length);
  });

  it('is answered by each of several as by it alone', async () => {
    const all = await answerInTurns(
      { ...question, knowledgeBases: [cdc, ...others] },
      false,
      async () => undefined,
    );
    const parts = (all.parameter ?? []).filter(({ name }) => name === 'schedule');
    expect(parts).toHaveLength(1 + others.length);
    for (const [i, knowledgeBase] of [cdc, ...others].entries()) {
      const alone = said(answerForecast({ ...question, knowledgeBase }, false).parameter ?? []);
      expect(
        said(parts[i]?.part ?? [])
          .map((one) => JSON.stringify(one))
          .toSorted(),
      ).toEqual(alone.map((one) => JSON.stringify(one)).toSorted());
    }
  });
});
