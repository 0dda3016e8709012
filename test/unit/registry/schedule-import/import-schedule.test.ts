import { describe, expect, it } from 'vitest';
import { formatSchedule } from '../../../../src/registry/schedule-import/format-schedule.ts';
import { importSchedule } from '../../../../src/registry/schedule-import/import-schedule.ts';
import { releaseVersion } from '../../../../src/registry/schedule-import/release-version.ts';
import { ScheduleImportError } from '../../../../src/registry/schedule-import/schedule-import-error.ts';
import { smallRelease } from './small-release.ts';

const antigenFile = 'AntigenSupportingData- Polio-508.xml';
const sharedFile = 'ScheduleSupportingData.xml';

describe('importing a release', () => {
  const data = importSchedule(smallRelease(), '1.0');

  it('keeps the facts in our words', () => {
    expect(data.antigens[0]).toEqual({
      antigen: 'Polio',
      immunity: {
        clinicalHistory: ['007'],
        birthDates: [{ immunityBirthDate: '1957-01-31', exclusions: [] }],
      },
      contraindications: [{ observation: '007', endAge: '8 months' }],
      vaccineContraindications: [],
      series: [
        {
          seriesName: 'Polio 1-dose',
          vaccineGroup: 'Polio',
          seriesType: 'Standard',
          equivalentSeriesGroups: ['2', '3'],
          requiredGender: [],
          defaultSeries: true,
          productPath: false,
          seriesGroup: '1',
          seriesGroupName: 'Standard',
          seriesPriority: 'A',
          maxAgeToStart: '19 years',
          indications: [],
          doses: [
            {
              ages: [{ absMinAge: '6 weeks - 4 days', minAge: '6 weeks', effectiveDate: '2016-01-01' }],
              intervals: [{ fromMostRecent: ['03', '21'], minInt: '8 weeks', intervalPriority: true }],
              allowableIntervals: [],
              preferableVaccines: [{ cvx: '10', volume: 0.5, forecastVaccineType: true }],
              allowableVaccines: [],
              inadvertentVaccines: ['02'],
              conditionalSkips: [
                {
                  context: 'Both',
                  sets: [
                    {
                      conditionLogic: 'AND',
                      conditions: [
                        {
                          type: 'Vaccine Count',
                          beginAge: '7 years',
                          doseType: 'Valid',
                          doseCountLogic: 'greater than',
                          doseCount: 0,
                        },
                      ],
                    },
                  ],
                },
              ],
              recurringDose: false,
            },
          ],
        },
      ],
    });
  });

  it('keeps no sentence, and the codes of observations', () => {
    expect(JSON.stringify(data)).not.toContain('sentence');
    expect(data.observations).toEqual([
      { code: '007', title: 'Pregnant', codedValues: [{ system: 'SNOMED', code: '77386006' }] },
    ]);
  });

  it('is written so that it reads back the same', () => {
    expect(JSON.parse(formatSchedule(data))).toEqual(data);
  });
});

function failure(files: ReadonlyMap<string, string>): ScheduleImportError {
  try {
    importSchedule(files, '1.0');
  } catch (error) {
    if (error instanceof ScheduleImportError) return error;
    throw error;
  }
  throw new Error('the import did not fail');
}

function changed(file: string, from: string, to: string): ReadonlyMap<string, string> {
  const files = smallRelease();
  const text = files.get(file) ?? '';
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
  return files.set(file, text.replace(from, to));
}

describe('what newer releases write is read', () => {
  const doseOf = (files: ReadonlyMap<string, string>) =>
    importSchedule(files, '9.9').antigens[0]?.series[0]?.doses[0];
  it.each<[string, string, (files: ReadonlyMap<string, string>) => unknown, unknown]>([
    ['<minAge>6 weeks', '<minAge>46 Years', (files) => doseOf(files)?.ages[0]?.minAge, '46 Years'],
    [
      '<seriesType>standard',
      '<seriesType>Evaluation Only',
      (files) => importSchedule(files, '9.9').antigens[0]?.series[0]?.seriesType,
      'Evaluation Only',
    ],
    [
      '<seriesName>Polio 1-dose ',
      '<seriesName>Polio Shared Clinical Decision-Making ',
      (files) => importSchedule(files, '9.9').antigens[0]?.series[0]?.classifications,
      [{ as: 'shared-decision' }],
    ],
    [
      '<recurringDose>No',
      '<conditionalSkip><context/><set><condition/></set></conditionalSkip><recurringDose>No',
      (files) => doseOf(files)?.conditionalSkips.length,
      1,
    ],
    [
      '<recurringDose>No',
      '<allowableVaccine><vaccineType/><cvx>n/a</cvx></allowableVaccine><recurringDose>No',
      (files) => doseOf(files)?.allowableVaccines,
      [],
    ],
    ['<context>Both</context>', '', (files) => doseOf(files)?.conditionalSkips[0]?.context, 'Both'],
  ])('%s -> %s', (from, to, look, expected) => {
    expect(look(changed(antigenFile, from, to))).toEqual(expected);
  });
});

describe('a release that is broken or unknown stops the import, naming file, element and reason', () => {
  const dose = 'antigenSupportingData/series/seriesDose';
  it.each([
    ['<series>', '<series><dosage/>', 'antigenSupportingData/series/dosage, line 7', 'unknown element'],
    ['<series>', '<series new="1">', 'antigenSupportingData/series, line 7', 'unknown attribute "new"'],
    [
      '<minAge>6 weeks</minAge>',
      '<minAge>6 wekks</minAge>',
      `${dose}/age/minAge, line 20`,
      '"6 wekks" is no age or interval such as "12 months - 4 days"',
    ],
    [
      '<minAge>6 weeks</minAge>',
      '<minAge>6 weeks<b/></minAge>',
      `${dose}/age/minAge/b, line 20`,
      'unknown element, minAge holds text only',
    ],
    [
      '<minInt>8 weeks',
      '<minInt>8',
      `${dose}/interval[2]/minInt, line 22`,
      '"8" is no age or interval such as "12 months - 4 days"',
    ],
    [
      '20160101',
      '20161301',
      `${dose}/age/effectiveDate, line 20`,
      '"20161301" is no date of the form YYYYMMDD',
    ],
    [
      '01/31/1957',
      '31/01/1957',
      'antigenSupportingData/immunity/dateOfBirth/immunityBirthDate, line 3',
      '"31/01/1957" is no date of the form MM/DD/YYYY',
    ],
    [
      '<seriesType>standard',
      '<seriesType>optional',
      'antigenSupportingData/series/seriesType, line 12',
      'unknown value "optional", expected one of Standard, Risk, Evaluation Only',
    ],
    [
      'Vaccine Count By Age',
      'Vaccine Colour',
      `${dose}/conditionalSkip/set/condition/conditionType, line 28`,
      'unknown value "Vaccine Colour", expected one of Age, Completed Series, Interval, Vaccine Count by Age, Vaccine Count by Date, Vaccine Count by Date and Age',
    ],
    [
      '<doseType>valid',
      '<doseType>',
      `${dose}/conditionalSkip/set/condition/doseType, line 29`,
      '"doseType" must have a value',
    ],
    [
      '<seriesName>Polio 1-dose </seriesName>',
      '',
      'antigenSupportingData/series, line 7',
      'element "seriesName" is missing',
    ],
    ['<recurringDose>No</recurringDose>', '', `${dose}, line 18`, 'element "recurringDose" is missing'],
    [
      '<recurringDose>No',
      '<recurringDose>Maybe',
      `${dose}/recurringDose, line 30`,
      'unknown value "Maybe", expected one of Yes, No, Y, N',
    ],
    ['Dose 1', 'Dose 2', `${dose}/doseNumber, line 19`, 'expected "Dose 1"'],
    [
      '<fromPrevious>N',
      '<fromPrevious>Y',
      `${dose}/interval[2], line 22`,
      'an interval must be counted from exactly one thing',
    ],
    [
      '<seriesGroup>1',
      '<seriesGroup>',
      'antigenSupportingData/series/selectSeries/seriesGroup, line 16',
      '"seriesGroup" must have a value',
    ],
    ['<cvx>2</cvx>', '<cvx>OPV</cvx>', `${dose}/inadvertentVaccine/cvx, line 26`, '"OPV" is no CVX code'],
    [
      '<guidelineCode>007',
      '<guidelineCode>7',
      'antigenSupportingData/immunity/clinicalHistory/guidelineCode, line 2',
      '"7" is no observation code of three digits',
    ],
    [
      '<guidelineCode>007',
      '<guidelineCode>008',
      'antigens[0].immunity.clinicalHistory[0]',
      '"008" is no observation of this schedule',
    ],
    [
      '</selectSeries>',
      '</selectSerie>',
      'antigenSupportingData/series, line 16',
      'is not well-formed XML (unexpected close tag)',
    ],
    ['<series>\n', '<series>\nDose 3\n', 'antigenSupportingData/series, line 7', 'unexpected text "Dose 3"'],
    [
      '<seriesType>',
      '<seriesType>Risk</seriesType><seriesType>',
      'antigenSupportingData/series/seriesType[2], line 12',
      'occurs more than once',
    ],
  ])('%s -> %s', (from, to, element, reason) => {
    const error = failure(changed(antigenFile, from, to));
    expect([error.file, error.element, error.reason]).toEqual([antigenFile, element, reason]);
    expect(error.message).toBe(`${antigenFile}: ${element}: ${reason}`);
  });

  it('a file that is cut off', () => {
    const files = smallRelease();
    files.set(antigenFile, (files.get(antigenFile) ?? '').slice(0, 900));
    expect(failure(files).reason).toContain('is not well-formed XML');
  });

  it('a file that is empty', () => {
    expect(failure(smallRelease().set(antigenFile, '')).file).toBe(antigenFile);
  });

  it('a file of something else', () => {
    const error = failure(smallRelease().set('Other.xml', '<html/>'));
    expect(error.message).toBe(
      'Other.xml: html, line 1: unknown element, expected antigenSupportingData or scheduleSupportingData',
    );
  });

  it('an entity that is declared in the file', () => {
    const error = failure(smallRelease().set('Other.xml', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'));
    expect(error.reason).toBe('a document type declaration is not expected');
  });

  it('the shared file is missing', () => {
    const files = smallRelease();
    files.delete(sharedFile);
    expect(failure(files).message).toBe('ScheduleSupportingData.xml: is missing in the release');
  });

  it('the file of an antigen is missing', () => {
    const files = smallRelease();
    files.delete(antigenFile);
    expect(failure(files).message).toBe(
      'AntigenSupportingData- Polio: is missing in the release, but ScheduleSupportingData.xml names the antigen "Polio" in vaccineGroupToAntigenMap',
    );
  });

  it('an antigen comes twice', () => {
    const files = smallRelease();
    files.set('Copy.xml', files.get(antigenFile) ?? '');
    expect(failure(files).reason).toContain('"Polio" is also in');
  });

  it.each([
    [
      '<antigen>Polio</antigen></vaccineGroupMap>',
      '<antigen>Polio</antigen><antigen>Mumps</antigen></vaccineGroupMap>',
      'is missing in the release, but ScheduleSupportingData.xml names the antigen "Mumps" in vaccineGroupToAntigenMap',
    ],
    ['<name>Polio</name>', '<name>IPV</name>', 'no vaccineGroup is named "IPV"'],
    ['SNOMED', 'ICD-10', 'unknown value "ICD-10", expected one of SNOMED, CVX, CDCPHINVS'],
    ['<cvxMap><cvx>10', '<cvxMap><cvx>ten', '"ten" is no CVX code'],
    ['<conflictEndInterval>28 days</conflictEndInterval>', '', 'element "conflictEndInterval" is missing'],
  ])('in the shared file: %s -> %s', (from, to, reason) => {
    expect(failure(changed(sharedFile, from, to)).reason).toBe(reason);
  });
});

describe('the version of a release', () => {
  it.each([
    [['Release Notes 4.64.docx', 'AntigenSupportingData- Polio-508.xml', sharedFile], '4.64-508'],
    [['Release Notes 4.10.pdf', 'AntigenSupportingData- Polio.xml'], '4.10'],
    [['AntigenSupportingData- Polio-508.xml'], undefined],
    [['Release Notes 4.63.docx', 'Release Notes 4.64.docx'], undefined],
  ])('%j: %s', (names, version) => {
    expect(releaseVersion(names)).toBe(version);
  });
});
