import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReportForm, runReport } from '../../../src/cli/report-command.ts';
import { openContext } from '../../../src/interaction/context.ts';
import { shippedGuide } from '../../../src/shipped/v2-guide.ts';
import { loadValidator } from '../../../src/shipped/validator.ts';
import { openSmartServer, type SmartServer } from '../smart/smart-server.ts';
import { mmr, sampleVxu } from './sample-vxu.ts';

let server: SmartServer;
beforeAll(async () => {
  server = await openSmartServer({ messages: true });
  await server.addUser('lab', { role: 'interface', organization: ['a'] });
  await server.addUser('other', { role: 'interface', organization: ['b'] });
  await send('lab', sampleVxu({ controlId: 'R1' }));
  await send(
    'lab',
    sampleVxu({
      controlId: 'R2',
      mrn: '4712',
      orders: mmr.map((one) => one.replace('||||X014321|', '|||||')),
    }),
  );
  await send('lab', sampleVxu({ controlId: 'R3', mrn: '4713', birth: '' }));
  await send('other', sampleVxu({ controlId: 'R4', mrn: '4714' }));
});
afterAll(() => server.close());

async function send(login: string, payload: string): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${login}:password of ${login}`).toString('base64')}`;
  await server.inject({
    method: 'POST',
    url: '/hl7v2',
    headers: { 'content-type': 'application/hl7-v2', authorization },
    payload,
  });
}

async function report(
  query: { account: string; since?: string; until?: string },
  form: ReportForm = 'text',
): Promise<string> {
  let said = '';
  const output = { write: (text: string) => (said += text) };
  await runReport({
    ctx: openContext(server.context, server.store, { kind: 'system', name: 'test' }),
    guide: shippedGuide(),
    query,
    form,
    output,
  });
  return said;
}

describe('the report on a reporter', () => {
  it('sums up what its messages were graded, refused ones too', async () => {
    const said = JSON.parse(await report({ account: 'lab' }, 'json'));
    expect(said).toMatchObject({ reporter: 'lab', messages: 3, answers: { AA: 2, AE: 1, AR: 0 } });
    expect(said.completeness.find(({ name }: { name: string }) => name === 'lot')).toMatchObject({
      count: 2,
      of: 3,
    });
    expect(said.completeness.find(({ name }: { name: string }) => name === 'birth date')).toMatchObject({
      count: 2,
      of: 3,
    });
    expect(said.acceptanceTest.isPassed).toBe(false);
  });

  it('is read by people', async () => {
    const said = await report({ account: 'lab', since: '2020' });
    expect(said).toContain('lab, from 2020\n');
    expect(said).toContain('3: 2 accepted, 1 with errors, 0 refused');
    expect(said).toContain('lacks: messages');
  });

  it('is a MeasureReport that is valid', async () => {
    const said = JSON.parse(await report({ account: 'lab' }, 'fhir'));
    expect(said).toMatchObject({ resourceType: 'MeasureReport', reporter: { reference: 'Organization/a' } });
    expect(loadValidator().checkStructure(said)).toEqual([]);
  });

  it.each([[{ account: 'nobody' }], [{ account: 'lab', since: '2999' }]])(
    'is refused where there is nothing: %j',
    async (query) => {
      await expect(report(query)).rejects.toThrow('nothing to report');
    },
  );

  it('tells of no other reporter, and of no patient', async () => {
    const said = await report({ account: 'other' }, 'json');
    expect(JSON.parse(said)).toMatchObject({ messages: 1 });
    expect(said).not.toContain('Rivera');
  });
});
