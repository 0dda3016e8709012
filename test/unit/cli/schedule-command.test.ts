import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diffOf, importScheduleFrom, listSchedules } from '../../../src/cli/schedule-command.ts';
import { followedSchedules } from '../../../src/registry/forecasting/followed-schedules.ts';
import { answerForecast } from '../../../src/registry/forecasting/forecast-answer.ts';
import { readSchedules, removeSchedule, scheduleKeeper } from '../../../src/shipped/kept-schedules.ts';
import { loadKnowledgeBases } from '../../../src/shipped/knowledge-bases.ts';
import type { Store } from '../../../src/store/contract/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import type { EpochDay } from '../../../src/values/epoch-day.ts';
import { parseEpochDay } from '../../../src/values/partial-date.ts';
import { smallRelease } from '../registry/schedule-import/small-release.ts';

const dayOf = (text: string) => parseEpochDay(text) as EpochDay;
const today = dayOf('2026-11-29');

describe('schedule list', () => {
  const listed = (day: string) =>
    listSchedules({ knowledgeBases: loadKnowledgeBases('none') }, dayOf(day))
      .trim()
      .split('\n');

  it('says which is followed', () => {
    expect(listed('2026-01-31')).toEqual([
      '4.64-508, followed unless another is asked for',
      'USA-AAP|2026-01',
      'USA-MA-DPH|2026-01',
    ]);
  });

  it('says of what no season is dated any more', () => {
    const [, ...warnings] = listed('2026-07-01').filter((line, i) => i === 0 || line.startsWith(' '));
    expect(warnings.filter((line) => line.includes(' 4.64-508 '))).toHaveLength(2);
    expect(warnings[0]).toMatch(/^ {2}warning: .*Influenza after 2025-07-01 to 2026-06-30/);
  });

  it('says from when one is in effect', () => {
    expect(listed('2026-01-20')).toContain(
      '  warning: Schedule USA-AAP 2026-01 is in effect only from 2026-01-26',
    );
  });
});

describe('schedule diff', () => {
  it('tells where two differ, and no more', () => {
    const lines = diffOf(loadKnowledgeBases('none'), ['4.64', 'USA-AAP'], today).trim().split('\n');
    expect(lines.filter((line) => line.includes(' > Measles > '))).toEqual([
      'antigens > Measles > series > Measles 2-dose series > doses > 1 > preferableVaccines > 94 > beginAge: "4 years" -> "12 months"',
      'antigens > Measles > series > Measles 2-dose series > doses > 2 > preferableVaccines > 94 > beginAge: "4 years" -> "12 months"',
    ]);
    expect(lines.filter((line) => /HepB|Polio|HPV/.test(line))).toEqual([]);
    expect(lines.at(-1)).toBe(`USA-CDC-CDSI|4.64-508 and USA-AAP|2026-01: ${lines.length - 1} differences`);
  });

  it('finds nothing between a schedule and itself', () => {
    expect(diffOf(loadKnowledgeBases('none'), ['USA-AAP', 'USA-AAP|2026-01'], today)).toBe(
      'USA-AAP|2026-01 and USA-AAP|2026-01: 0 differences\n',
    );
  });
});

const config = { data: 'none', schedule: undefined, scheduleStates: new Map<string, string>() };

describe('schedule import', () => {
  let directory = '';
  let store: Store;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'jenner-schedule-'));
    for (const [name, text] of smallRelease()) writeFileSync(join(directory, name), text);
    store = await openSqliteStore({ path: ':memory:' });
  });
  afterEach(async () => {
    rmSync(directory, { recursive: true });
    await store.close();
  });

  const importFrom = async (path: string, version?: string) => {
    const lines: string[] = [];
    const keeper = scheduleKeeper(store, config);
    await importScheduleFrom({
      path,
      keeper,
      today,
      log: (line) => lines.push(line),
      ...(version !== undefined && { version }),
    });
    return lines;
  };
  const run = (version?: string) => importFrom(directory, version);
  const names = async (wanted = config) =>
    (await readSchedules(store, wanted)).knowledgeBases.map(({ name }) => name);
  const shipped = ['USA-CDC-CDSI|4.64-508', 'USA-AAP|2026-01', 'USA-MA-DPH|2026-01'];

  const writeOverlay = (name: string, more: object = {}) => {
    const path = join(directory, name);
    writeFileSync(
      path,
      JSON.stringify({
        id: 'USA-XX',
        version: 'autumn',
        base: { id: 'USA-CDC-CDSI', from: '4.64', to: '4.64' },
        authorities: [{ code: 'XX', name: 'Department of X' }],
        changes: [],
        ...more,
      }),
    );
    return path;
  };

  const season = {
    operation: 'set-season',
    target: { antigen: 'Influenza' },
    value: { dated: [], repeats: { from: '07-01', to: '06-30' } },
    reason: 'r',
    source: 's',
  };

  const breakInStore = () => {
    const record = { collection: 'schedule', key: 'overlay USA-XX|autumn', value: '{"base":' };
    return store.writeRecords([{ kind: 'put', record }]);
  };

  it('keeps a schedule named by the version of the release notes, and says so in one line', async () => {
    writeFileSync(join(directory, 'Release Notes 4.70.docx'), '');
    expect(await run()).toEqual([
      'Schedule 4.70-508: 1 antigens, 1 series, 1 doses, 1 vaccines, 1 vaccine conflicts, 1 vaccine groups, 1 observations',
    ]);
    expect(await names()).toEqual(['USA-CDC-CDSI|4.70-508', ...shipped]);
  });

  it('keeps several versions side by side', async () => {
    await run('1.0');
    await run('1.1');
    expect((await names()).slice(1, 3)).toEqual(['USA-CDC-CDSI|1.1', 'USA-CDC-CDSI|1.0']);
  });

  it('keeps an overlay, whatever its version is called', async () => {
    expect(await importFrom(writeOverlay('xx.json'))).toEqual(['Overlay USA-XX|autumn: 0 changes']);
    await importFrom(writeOverlay('xx.json', { version: 'autumn 2' }));
    expect(await names()).toEqual([...shipped, 'USA-XX|autumn 2', 'USA-XX|autumn']);
  });

  describe('of the next year', () => {
    const coming = { version: '2027', effective: '2027-08-01' };
    beforeEach(async () => {
      await importFrom(writeOverlay('xx.json', { version: '2026', effective: '2026-08-01' }));
    });
    const followedOn = async (day: string) => {
      const settings = await readSchedules(store, { ...config, schedule: 'USA-XX' } as never);
      return followedSchedules(settings, dayOf(day)).map(({ name }) => name);
    };

    it('is followed from the day on which it is in effect', async () => {
      expect(await importFrom(writeOverlay('next.json', coming))).toEqual([
        'Overlay USA-XX|2027: 0 changes',
        '  followed from 2027-08-01 on; until then USA-XX|2026',
      ]);
      expect(await followedOn('2027-07-31')).toEqual(['USA-XX|2026']);
      expect(await followedOn('2027-08-01')).toEqual(['USA-XX|2027']);
      expect(await followedOn('2025-01-01')).toEqual(['USA-XX|2026']);
    });

    it('goes before one of a name that sorts later', async () => {
      const lines = await importFrom(writeOverlay('s.json', { version: 'spring', effective: '2026-03-01' }));
      expect(lines[1]).toBe('  warning: not followed unless it is named: USA-XX|2026 is later');
      const settings = await readSchedules(store, config);
      expect(listSchedules(settings, today)).toContain('USA-XX|2026, followed where USA-XX is asked for\n');
      expect(listSchedules(settings, today)).toMatch(/^USA-XX\|spring$/m);
    });
  });

  it('does not let one take the name of what ships', async () => {
    const path = writeOverlay('aap.json', { id: 'USA-AAP', version: '2026-01' });
    await expect(importFrom(path)).rejects.toThrow('USA-AAP|2026-01 ships with this server');
  });

  it('does not let one be another thing under its name', async () => {
    const path = writeOverlay('xx.json');
    await importFrom(path);
    await importFrom(path);
    await expect(importFrom(writeOverlay('xx.json', { effective: '2026-08-01' }))).rejects.toThrow(
      'USA-XX|autumn was imported with other contents; give it another version, or take that one out first',
    );
  });

  describe('of an amendment', () => {
    const amendment = { id: 'USA-CDC-CDSI', authorities: [] };
    it('is told in the list', async () => {
      await importFrom(writeOverlay('a.json', { ...amendment, version: '2026-12' }));
      const listed = listSchedules(await readSchedules(store, config), dayOf('2026-01-31'));
      expect(listed).toMatch(/^4\.64-508, amended by 2026-12, followed unless/);
    });
    it('is told in every answer', async () => {
      const told = async () => {
        const [knowledgeBase] = (await readSchedules(store, config)).knowledgeBases;
        const resource = { resourceType: 'Patient', birthDate: '2020-01-01' } as const;
        const record = {
          patient: { resource, reference: 'Patient/p', expression: 'Patient' },
          immunizations: [],
          clinical: [],
        };
        const question = { record, assessmentDate: today, explain: false, includeDistant: false, notes: [] };
        return JSON.stringify(answerForecast({ ...question, knowledgeBase }, false));
      };
      expect(await told()).not.toContain('as its amendment');
      await importFrom(writeOverlay('a.json', { ...amendment, version: '2026-12' }));
      expect(await told()).toContain('Schedule 4.64-508 is followed as its amendment 2026-12 has it');
    });
    it('is refused where a later one is used', async () => {
      await expect(importFrom(writeOverlay('a.json', { ...amendment, version: '2026-10' }))).rejects.toThrow(
        'the amendment 2026-10 would change nothing: 2026-11 is later',
      );
    });
  });

  it.each([
    [
      { authorities: [], changes: [season] },
      'overlay USA-XX|autumn: authorities: expected whose advice it is',
    ],
    [
      { effective: '2026-08-01', expires: '2026-07-31' },
      'overlay USA-XX|autumn: expires: 2026-07-31 is before effective, 2026-08-01',
    ],
    [
      { base: { id: 'USA-CDC-CDSI', from: '4.99' } },
      'overlay USA-XX|autumn: base: there is no USA-CDC-CDSI 4.99 or later',
    ],
    [{ changes: [{ operation: 'guess' }] }, 'changes[0]: unknown operation "guess"'],
    [
      {
        changes: [
          { operation: 'remove-series', target: { antigen: 'HPV', series: 'x' }, source: 's', reason: 'r' },
        ],
      },
      'overlay USA-XX|autumn: changes[0] (remove-series of HPV, x): the base has no series "x" of HPV',
    ],
  ])('keeps nothing of an overlay of which nothing comes: %o', async (more, message) => {
    await expect(importFrom(writeOverlay('xx.json', more))).rejects.toThrow(message);
    expect(await names()).toEqual(shipped);
  });

  it('tells of codes whose check digit does not hold, and which are corrected', async () => {
    const broken = smallRelease().get('ScheduleSupportingData.xml')?.replace('77386006', '77386007') ?? '';
    writeFileSync(join(directory, 'ScheduleSupportingData.xml'), broken);
    const [, ...warnings] = await run('1.0');
    expect(warnings).toEqual([
      'warning: observation 007: 77386007 is no code of SNOMED: its check digit does not hold',
    ]);
    const known = broken.replace('77386007', '2219088009');
    writeFileSync(join(directory, 'ScheduleSupportingData.xml'), known);
    expect((await run('1.1'))[1]).toMatch(/2219088009 .*; an erratum corrects it$/);
  });

  it('asks for a version that it cannot find', async () => {
    await expect(run()).rejects.toThrow('give the version of this release');
  });

  it('keeps nothing when the release is not whole', async () => {
    rmSync(join(directory, 'ScheduleSupportingData.xml'));
    await expect(run('1.0')).rejects.toThrow('ScheduleSupportingData.xml: is missing in the release');
    expect(await names()).toEqual(shipped);
  });

  it('refuses a directory without XML files', async () => {
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
    await expect(run('1.0')).rejects.toThrow('holds no XML file');
  });

  it('is followed where a setting names it, and a setting that names nothing stops the start', async () => {
    await importFrom(writeOverlay('xx.json'));
    expect((await names({ ...config, schedule: 'USA-XX' } as never))[0]).toBe('USA-XX|autumn');
    await expect(names({ ...config, schedule: 'USA-YY' } as never)).rejects.toThrow(
      'JENNER_SCHEDULE: The knowledge base "USA-YY" is not installed',
    );
    await expect(names({ ...config, scheduleStates: new Map([['YY', 'USA-YY']]) })).rejects.toThrow(
      'JENNER_SCHEDULE_STATES: The knowledge base "USA-YY" is not installed',
    );
  });

  it('that was broken in the store stops the start', async () => {
    await breakInStore();
    await expect(names()).rejects.toThrow('imported overlay USA-XX|autumn: schedule: is no JSON');
  });

  it('mends one that is broken in the store', async () => {
    await breakInStore();
    await importFrom(writeOverlay('xx.json'));
    expect(await names()).toEqual([...shipped, 'USA-XX|autumn']);
  });

  describe('schedule remove', () => {
    it('takes one out again', async () => {
      await importFrom(writeOverlay('xx.json'));
      await removeSchedule(store, config, 'USA-XX|autumn');
      expect(await names()).toEqual(shipped);
    });

    it('takes out one that is broken', async () => {
      await breakInStore();
      await removeSchedule(store, config, 'USA-XX|autumn');
      expect(await names()).toEqual(shipped);
    });

    it('refuses what was not imported, what others are over, and what a setting names', async () => {
      await expect(removeSchedule(store, config, 'USA-AAP|2026-01')).rejects.toThrow('what ships stays');
      await run('5.0');
      await importFrom(writeOverlay('xx.json', { base: { id: 'USA-CDC-CDSI', from: '5.0' } }));
      await expect(removeSchedule(store, config, 'USA-CDC-CDSI|5.0')).rejects.toThrow(
        'overlay USA-XX|autumn: base: there is no USA-CDC-CDSI 5.0 or later',
      );
      const followed = { ...config, schedule: 'USA-XX' };
      await expect(removeSchedule(store, followed, 'USA-XX|autumn')).rejects.toThrow('JENNER_SCHEDULE: ');
    });
  });
});
