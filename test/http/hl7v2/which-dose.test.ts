import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from '../open-test-server.ts';
import { sampleVxu, toldIn } from './sample-vxu.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const [mmr, varicella] = ['03^MMR^CVX', '21^Varicella^CVX'];
let serial = 0;

/** An order as it is sent, by its number, vaccine, day, status and action. */
const order = (number: string, vaccine: string, day: string, status = 'CP', action = 'A') => [
  `ORC|RE||${number}^CLINIC`,
  status === 'RE'
    ? `RXA|0|1|${day}||${vaccine}|999||||||||||||00^Parental decision^NIP002||RE|${action}`
    : `RXA|0|1|${day}||${vaccine}|999|||01^Historical^NIP001|||||||||||${status}|${action}`,
];

/** Each list of orders is a message of its own, about one person. */
async function tell(...messages: readonly (readonly string[])[]) {
  serial++;
  const told: (readonly string[])[] = [];
  for (const [at, orders] of messages.entries()) {
    const message = sampleVxu({
      controlId: `W${serial}-${at}`,
      mrn: `w${serial}`,
      family: `Which${'abcdefghij'[serial]}`,
      orders,
    });
    told.push(
      toldIn((await server.send('POST', '/hl7v2', message, { 'content-type': 'application/hl7-v2' })).text),
    );
  }
  const { body } = await server.get(`/fhir/Immunization?patient.family=Which${'abcdefghij'[serial]}`);
  const doses = (body.entry ?? []).map(
    // biome-ignore lint/suspicious/noExplicitAny: a test looks into what is stored
    ({ resource }: any) =>
      `${resource.vaccineCode.coding[0].code} ${resource.occurrenceDateTime} ${resource.status}`,
  );
  return { told: told.at(-1) ?? [], doses: doses.toSorted() };
}

describe('an order of a message', () => {
  it('that takes a refusal back leaves the dose that was given', async () => {
    const { told, doses } = await tell(
      order('9999', mmr, '20250110', 'RE'),
      order('D1', mmr, '20250110'),
      order('9999', mmr, '20250110', 'RE', 'D'),
    );
    expect(doses).toEqual(['03 2025-01-10 completed', '03 2025-01-10 entered-in-error']);
    expect(told[0]).toBe('AA');
    const none = await tell(order('D1', mmr, '20250110'), order('9999', mmr, '20250110', 'RE', 'D'));
    expect(none.doses).toEqual(['03 2025-01-10 completed']);
    expect(none.told).toContain('W 204 ORC^1^3');
  });

  it('that adds another vaccine under a number that is kept adds it: some senders number visits', async () => {
    const { told, doses } = await tell(order('V2', mmr, '20250110'), order('V2', varicella, '20250110'));
    expect(doses).toEqual(['03 2025-01-10 completed', '21 2025-01-10 completed']);
    expect(told).toContain('W 205 ORC^1^3');
  });

  it('that adds the same vaccine of another day under a number that is kept moves it, and says so', async () => {
    const { told, doses } = await tell(order('V6', mmr, '20250110'), order('V6', mmr, '20250118'));
    expect(doses).toEqual(['03 2025-01-18 completed']);
    expect(told).toContain('W 205 ORC^1^3');
    const updated = await tell(order('V7', mmr, '20250110'), order('V7', mmr, '20250118', 'CP', 'U'));
    expect([updated.doses, updated.told]).toEqual([['03 2025-01-18 completed'], ['AA']]);
  });

  it('that updates may say another vaccine', async () => {
    const { doses } = await tell(order('V8', mmr, '20250110'), order('V8', varicella, '20250110', 'CP', 'U'));
    expect(doses).toEqual(['21 2025-01-10 completed']);
  });

  it('that updates one of several by a vaccine that none of them has is told that nobody knows which', async () => {
    const visit = [...order('V9', mmr, '20250110'), ...order('V9', varicella, '20250110')];
    const { told, doses } = await tell(visit, order('V9', '94^MMRV^CVX', '20250110', 'CP', 'U'));
    expect(doses.map((dose: string) => dose.slice(0, 2))).toEqual(['03', '21', '94']);
    expect(told).toEqual(['AA', 'W 205 ORC^1^3']);
  });

  it('that deletes names the vaccine that it deletes', async () => {
    const other = await tell(order('C1', mmr, '20250110'), order('C1', varicella, '20250110', 'CP', 'D'));
    expect(other.doses).toEqual(['03 2025-01-10 completed']);
    expect(other.told).toContain('W 204 ORC^1^3');
    const same = await tell(order('C2', mmr, '20250110'), order('C2', mmr, '20250111', 'CP', 'D'));
    expect(same.doses).toEqual(['03 2025-01-10 entered-in-error']);
  });

  it('that deletes what the same message has added before leaves nothing of it', async () => {
    const { told, doses } = await tell([
      ...order('Q1', mmr, '20250110'),
      ...order('Q1', mmr, '20250110', 'CP', 'D'),
    ]);
    expect(doses).toEqual([]);
    expect(told).toEqual(['AA', 'W 205 ORC^1^3', 'W 204 ORC^2^3']);
  });
});
