import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSmartServer, type SmartServer } from '../smart/smart-server.ts';
import { type SampleVxu, sampleVxu, toldIn } from './sample-vxu.ts';

let server: SmartServer;
beforeAll(async () => {
  server = await openSmartServer({ messages: true });
  await server.addUser('hub', { role: 'interface', organization: ['a'] });
});
afterAll(() => server.close());

const [first, later] = ['20250201101500-0500', '20250201111500-0500'];
const headers = {
  'content-type': 'application/hl7-v2',
  authorization: `Basic ${Buffer.from('hub:password of hub').toString('base64')}`,
};
let serial = 0;

type Sent = SampleVxu & { readonly suffix?: string; readonly change?: readonly [from: string, to: string] };

/** Messages about one person, in the order of their arrival; what is told of the last, and what is kept. */
async function arrive(...messages: readonly Sent[]) {
  serial++;
  const family = `Late${'abcdefghijklmn'[serial]}`;
  let told: readonly string[] = [];
  for (const [at, { change: [from, to] = ['', ''], suffix = '', ...one }] of messages.entries()) {
    const text = sampleVxu({
      ...one,
      controlId: `L${serial}-${at}${suffix}`,
      facility: 'a',
      mrn: `l${serial}`,
      family,
    });
    if (!text.includes(from)) throw new Error(`no ${from}`);
    const payload = text.replace(from, to);
    told = toldIn((await server.inject({ method: 'POST', url: '/hl7v2', headers, payload })).text);
  }
  const stored = async (type: 'Patient' | 'Immunization' | 'Consent' | 'Condition') => {
    const page = await server.store.scan({ type, count: 1000 });
    return page.matches.map(({ text }) => JSON.parse(text));
  };
  const patient = (await stored('Patient')).find(({ name }) => name?.[0]?.family === family);
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into what is stored
  const own = (one: any) => (one.patient ?? one.subject)?.reference === `Patient/${patient.id}`;
  return {
    told,
    patient,
    doses: (await stored('Immunization')).filter(own),
    consents: (await stored('Consent')).filter(own),
    conditions: (await stored('Condition')).filter(own),
  };
}

const dose = (lot: string, action = 'A', number = 'D1') => [
  `ORC|RE||${number}^CLINIC`,
  `RXA|0|1|20250110||03^MMR^CVX|999|||01^Historical^NIP001||||||${lot}|||||CP|${action}`,
];
const addressOf = ({ address }: { address: { line: string[] }[] }) => address[0]?.line[0];
const elm = ['12 Elm St', '99 Oak Ave'] as const;

describe('a message that was sent before one that arrived before it', () => {
  it('changes nothing of what the other said, and is told so', async () => {
    const { told, patient, doses } = await arrive(
      { sent: later, orders: dose('NEW'), change: elm },
      { sent: first, orders: dose('OLD') },
    );
    expect(told[0]).toBe('AA');
    expect(told).toContain('W 205 PID^1');
    expect(told).toContain('W 205 RXA^1');
    expect(addressOf(patient)).toBe('99 Oak Ave');
    expect(doses.map(({ lotNumber }) => lotNumber)).toEqual(['NEW']);
  });

  it('adds what the other left open, and what it did not speak of', async () => {
    const { told, doses } = await arrive(
      { sent: later, orders: dose('') },
      {
        sent: first,
        orders: [...dose('OLD'), ...dose('', 'A', 'D2').map((one) => one.replace('03^MMR', '21^VAR'))],
      },
    );
    expect(told).toEqual(['AA']);
    expect(doses.map(({ lotNumber = '' }) => lotNumber).toSorted()).toEqual(['', 'OLD']);
  });

  it('does not take the place of who gave the dose', async () => {
    const by = (name: string) => dose('').map((one) => one.replace('^NIP001|', `^NIP001|7^${name}`));
    const { doses } = await arrive(
      { sent: later, orders: by('New^Ann') },
      { sent: first, orders: by('Old^Bob') },
    );
    const text = JSON.stringify(doses);
    expect([text.includes('Ann'), text.includes('Bob')]).toEqual([true, false]);
  });

  it('counts against one whose clock was ahead, from when that one arrived', async () => {
    const hour = 3_600_000;
    const at = (ms: number) => `${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)}+0000`;
    const start = server.at.now;
    const { patient } = await arrive({ sent: '20990101101500-0500', orders: dose('AHEAD') });
    expect(patient).toBeDefined();
    serial--;
    server.at.now = start + 2 * hour;
    await arrive({
      sent: at(start + 2 * hour),
      orders: dose('', 'A', 'D2').map((one) => one.replace('03^MMR', '21^VAR')),
      suffix: 'b',
    });
    serial--;
    const { doses } = await arrive({ sent: at(start + hour), orders: dose('RIGHT'), suffix: 'c' });
    expect(doses.map(({ lotNumber = '' }) => lotNumber).toSorted()).toEqual(['', 'RIGHT']);
  });

  it('neither takes a dose back that was told of later, nor brings one back that was taken back', async () => {
    const kept = await arrive(
      { sent: later, orders: dose('NEW') },
      { sent: first, orders: dose('NEW', 'D') },
    );
    expect(kept.doses.map(({ status }) => status)).toEqual(['completed']);
    expect(kept.told).toContain('W 205 RXA^1');
    const gone = await arrive(
      { sent: first, orders: dose('NEW') },
      { sent: later, orders: dose('NEW', 'D') },
      { sent: first, orders: dose('NEW') },
    );
    expect(gone.doses.map(({ status }) => status)).toEqual(['entered-in-error']);
  });

  it('does not take back a disease that was told of later', async () => {
    const had = (action: string) => [
      'ORC|RE||9999^CLINIC',
      `RXA|0|1|20250110||998^No vaccine administered^CVX|999||||||||||||||NA|${action}`,
      'OBX|1|CE|59784-9^Disease^LN|1|38907003^Varicella^SCT||||||F|||20250110',
    ];
    const statusOf = ({ conditions }: Awaited<ReturnType<typeof arrive>>) =>
      conditions.map(({ verificationStatus }) => verificationStatus?.coding?.[0]?.code ?? 'told');
    const kept = await arrive({ sent: later, orders: had('A') }, { sent: first, orders: had('D') });
    expect(statusOf(kept)).not.toContain('entered-in-error');
    const gone = await arrive({ sent: first, orders: had('A') }, { sent: later, orders: had('D') });
    expect(statusOf(gone)).toEqual(['entered-in-error']);
  });

  it('does not end a protection that was said later', async () => {
    const yes = ['|N|20250201|', '|Y|20250201|'] as const;
    const { patient, consents } = await arrive({ sent: later, change: yes }, { sent: first });
    expect(patient.meta.security).toMatchObject([{ code: 'R' }]);
    expect(consents.map(({ status }) => status)).toEqual(['active']);
  });

  it('counts where MSH-7 is the same, or later', async () => {
    for (const [one, other] of [
      [first, first],
      [first, later],
    ] as const) {
      const { told, patient } = await arrive({ sent: one, change: elm }, { sent: other });
      expect([told, addressOf(patient)]).toEqual([['AA'], '12 Elm St']);
    }
  });
});
