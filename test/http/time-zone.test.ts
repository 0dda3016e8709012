import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTimeZone, type TimeZone } from '../../src/values/time-zone.ts';
import { sampleVxu, toldIn } from './hl7v2/sample-vxu.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

/** Answers are read as a client reads them. */
// biome-ignore lint/suspicious/noExplicitAny: answers have every shape
type Json = any;

const er7 = { 'content-type': 'application/hl7-v2' };

describe.each`
  where                 | instant                   | today           | last            | late
  ${'UTC'}              | ${'2026-11-30T03:00:00Z'} | ${'2026-11-30'} | ${'2026-12-01'} | ${'2026-12-02'}
  ${'America/New_York'} | ${'2026-11-30T03:00:00Z'} | ${'2026-11-29'} | ${'2026-11-30'} | ${'2026-12-01'}
  ${'Pacific/Auckland'} | ${'2026-11-29T20:00:00Z'} | ${'2026-11-30'} | ${'2026-12-01'} | ${'2026-12-02'}
  ${'Asia/Kathmandu'}   | ${'2026-11-29T18:15:00Z'} | ${'2026-11-30'} | ${'2026-12-01'} | ${'2026-12-02'}
`('a registry in $where at $instant', ({ where, instant, today, last, late }) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await openTestServer({
      timeZone: parseTimeZone(where) as TimeZone,
      startsAt: Date.parse(instant),
      clockStep: 0,
      matching: 'automatic',
    });
    await server.send('PUT', '/fhir/Patient/miles', {
      resourceType: 'Patient',
      id: 'miles',
      birthDate: '2024-09-28',
      gender: 'male',
    });
  });
  afterAll(() => server.close());

  it('forecasts for today where no day is named', async () => {
    for (const code of ['$immds-forecast', '$immds-what-if']) {
      const { body } = await server.get(`/fhir/Patient/miles/${code}`);
      const { resource } = body.parameter.find(({ name }: Json) => name === 'recommendation');
      expect([code, resource.date]).toEqual([code, today]);
    }
  });

  it('tells an EHR of today by CDS Hooks', async () => {
    const { body } = await server.send(
      'POST',
      '/cds-services/immunizations-due',
      {
        hook: 'patient-view',
        hookInstance: 'd1577c69-dfbe-44ad-ba6d-3e05e953b2ea',
        context: { userId: 'Practitioner/p7', patientId: 'e1' },
        prefetch: {
          patient: { resourceType: 'Patient', id: 'e1', birthDate: '2024-09-28', gender: 'male' },
          immunizations: { resourceType: 'Bundle', type: 'searchset' },
        },
      },
      { 'content-type': 'application/json' },
    );
    expect(body.cards[0].detail).toContain(`for ${today}.`);
  });

  const vxu = (controlId: string, day: string) =>
    sampleVxu({
      controlId,
      mrn: controlId,
      family: `Rivera${controlId}`,
      sent: `${late.replaceAll('-', '')}101500`,
      orders: [
        `ORC|RE||${controlId}^CLINIC`,
        `RXA|0|1|${day.replaceAll('-', '')}||03^MMR^CVX|999|||01^Old^NIP001|||||||||||CP|A`,
      ],
    });

  it('refuses a dose of a message that lies after tomorrow', async () => {
    const send = async (message: string) => toldIn((await server.send('POST', '/hl7v2', message, er7)).text);
    const future = 'E 102 RXA^1^3^1';
    expect(await send(vxu('M1', last))).not.toContain(future);
    expect(await send(vxu('M2', late))).toContain(future);
  });

  it('answers a query with the history of today', async () => {
    const qbp = [
      `MSH|^~\\&|MYEHR|CLINIC|IIS|MA|20261129101500||QBP^Q11^QBP_Q11|Q1|P|2.5.1|||ER|AL|||||Z44^CDCPHINVS`,
      'QPD|Z44^Request Evaluated History and Forecast^CDCPHINVS|tag-1|M1^^^CLINIC^MR|RiveraM1^Ana^Maria^^^^L|Soto^^^^^^M|20240101|F|12 Elm St^^Salem^MA^01970^USA^L|^PRN^PH^^^978^7450142',
      'RCP|I|5^RD&Records&HL70126',
    ].join('\r');
    const { text } = await server.send('POST', '/hl7v2', qbp, er7);
    expect(text).toContain('|Z42^CDCPHINVS');
    expect(text).toMatch(new RegExp(`\\rRXA\\|0\\|1\\|${today.replaceAll('-', '')}\\|[^|]*\\|998`));
  });

  it('draws forecasts of today into tables', async () => {
    const { text } = await server.send('POST', '/fhir/ViewDefinition/$run', {
      resourceType: 'Parameters',
      parameter: [{ name: 'viewReference', valueReference: { reference: 'ViewDefinition/recommendation' } }],
    });
    expect(text).toContain(today);
  });
});
