import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importScheduleDirectory, listSchedules } from '../../../src/cli/schedule-command.ts';
import { compileSchedule } from '../../../src/forecast/compile-schedule.ts';
import { parseScheduleData } from '../../../src/forecast/read-schedule-data.ts';
import { loadKnowledgeBases } from '../../../src/shipped/knowledge-bases.ts';
import type { EpochDay } from '../../../src/values/epoch-day.ts';
import { parseEpochDay } from '../../../src/values/partial-date.ts';
import { smallRelease } from '../registry/schedule-import/small-release.ts';

describe('schedule list', () => {
  const listed = (day: string) =>
    listSchedules(loadKnowledgeBases('none'), parseEpochDay(day) as EpochDay)
      .trim()
      .split('\n');

  it('says which is followed', () => {
    expect(listed('2026-01-15')).toEqual(['4.64-508, followed unless another is asked for']);
  });

  it('says of what no season is dated any more', () => {
    const [, ...warnings] = listed('2026-07-01');
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/^ {2}warning: .*Influenza after 2025-07-01 to 2026-06-30/);
  });
});

describe('schedule import', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'jenner-schedule-'));
    for (const [name, text] of smallRelease()) writeFileSync(join(directory, name), text);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const run = async (version?: string) => {
    const lines: string[] = [];
    const outDirectory = join(directory, 'out');
    const log = (line: string) => lines.push(line);
    const done = await importScheduleDirectory({ directory, outDirectory, log, ...(version && { version }) });
    return { ...done, lines, outDirectory };
  };

  it('writes a schedule named by the version of the release notes, and says so in one line', async () => {
    writeFileSync(join(directory, 'Release Notes 4.70.docx'), '');
    const { version, file, lines } = await run();
    expect(version).toBe('4.70-508');
    expect(compileSchedule(parseScheduleData(readFileSync(file, 'utf8'))).version).toBe('4.70-508');
    expect(lines).toEqual([
      `Schedule 4.70-508: 1 antigens, 1 series, 1 doses, 1 vaccines, 1 vaccine conflicts, 1 vaccine groups, 1 observations -> ${file}`,
    ]);
  });

  it('keeps several versions side by side', async () => {
    await run('1.0');
    const { outDirectory } = await run('1.1');
    expect(readdirSync(outDirectory)).toEqual(['1.0.json', '1.1.json']);
  });

  it('asks for a version that it cannot find', async () => {
    await expect(run()).rejects.toThrow('give the version of this release');
  });

  it('writes nothing when the release is not whole', async () => {
    rmSync(join(directory, 'ScheduleSupportingData.xml'));
    await expect(run('1.0')).rejects.toThrow('ScheduleSupportingData.xml: is missing in the release');
    expect(readdirSync(directory)).toEqual(['AntigenSupportingData- Polio-508.xml']);
  });

  it('refuses a directory without XML files', async () => {
    for (const name of readdirSync(directory)) rmSync(join(directory, name));
    await expect(run('1.0')).rejects.toThrow('holds no XML file');
  });
});
