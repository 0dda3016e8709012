import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runReprocess } from '../../../src/cli/reprocess-command.ts';
import type { MessageServices } from '../../../src/hl7v2/arrival.ts';
import { openContext } from '../../../src/interaction/context.ts';
import { servicesOf } from '../../../src/open-messages.ts';
import { shippedGuide } from '../../../src/shipped/v2-guide.ts';
import { shippedMapping } from '../../../src/shipped/v2-mapping.ts';
import { messageSettings } from '../open-test-server.ts';
import { openSmartServer, type SmartServer } from '../smart/smart-server.ts';
import { mmr, sampleVxu, toldIn } from './sample-vxu.ts';

let server: SmartServer;
beforeAll(async () => {
  server = await openSmartServer({ messages: true });
  await server.addUser('lab', { role: 'interface', organization: ['a'] });
});
afterAll(() => server.close());

const headers = {
  'content-type': 'application/hl7-v2',
  authorization: `Basic ${Buffer.from('lab:password of lab').toString('base64')}`,
};
const send = async (payload: string) =>
  (await server.inject({ method: 'POST', url: '/hl7v2', headers, payload })).text;

const services = (change: Partial<MessageServices> = {}): MessageServices => ({
  ...servicesOf({
    config: { ...messageSettings, publicUrl: 'http://jenner.test' },
    store: server.store,
    context: server.context,
    contextFor: (caller) => openContext(server.context, server.store, caller),
    guide: shippedGuide(),
    mapping: shippedMapping(),
    operations: [],
    log: { warn: () => undefined, failed: (thrown) => expect.fail(String(thrown)) },
  }),
  ...change,
});

async function run(
  query: { account: string; since?: string; until?: string; outcome?: string },
  change = {},
) {
  const output = new PassThrough();
  const code = await runReprocess({
    services: services(change),
    query,
    output: output as unknown as NodeJS.WriteStream,
  });
  return { code, said: String(output.read()) };
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into what is stored
async function stored(type: any): Promise<any[]> {
  const { matches } = await server.store.scan({ type, count: 1000 });
  return matches.map(({ text }) => JSON.parse(text));
}
const versions = async () =>
  [...(await stored('Patient')), ...(await stored('Immunization'))].map(
    ({ id, meta }) => `${id} ${meta.versionId}`,
  );
const documentOf = async (controlId: string) =>
  (await stored('DocumentReference')).find(({ identifier }) => identifier?.[0]?.value === controlId);

describe('reprocessing', () => {
  it('doubles nothing, and keeps what stands as it is', async () => {
    await send(sampleVxu({ controlId: 'R1', mrn: 'r1', family: 'First' }));
    await send(sampleVxu({ controlId: 'R2', mrn: 'r2', family: 'Second', facility: 'b' }));
    const before = await versions();
    expect(await run({ account: 'lab' })).toEqual({
      code: 0,
      said: 'reprocessed 2 messages: 2 AA, 0 AE, 0 AR\n',
    });
    expect(await versions()).toEqual(before);
    const document = await documentOf('R2');
    expect([document.meta.versionId, document.docStatus, document.author[0].reference]).toEqual([
      '2',
      'final',
      'Organization/b',
    ]);
    expect((await stored('DocumentReference')).length).toBe(2);
  });

  it('brings what was refused, once the reason is mended, to whose it was', async () => {
    const unknown = mmr.map((segment) => segment.replace('03^MMR^CVX', '777^New vaccine^CVX'));
    expect(
      toldIn(
        await send(
          sampleVxu({ controlId: 'R3', mrn: 'r3', family: 'Third', facility: 'b', orders: unknown }),
        ),
      )[0],
    ).toBe('AE');
    const sentAt = (await documentOf('R3')).date;
    server.at.now += 86_400_000;
    const mended = {
      readTexts: async (id: string) => {
        const texts = await services().readTexts(id);
        return texts && { ...texts, message: texts.message.replace('777^New vaccine', '03^MMR') };
      },
    };
    expect(await run({ account: 'lab', outcome: 'AE' }, mended)).toEqual({
      code: 0,
      said: expect.stringMatching(
        /^ {2}DocumentReference\/v2-\w+: AE, now AA\nreprocessed 1 messages: 1 AA, 0 AE, 0 AR\n$/,
      ),
    });
    const document = await documentOf('R3');
    expect([document.category[0].coding[0].code, document.date]).toEqual(['AA', sentAt]);
    const dose = (await stored('Immunization')).find(
      ({ patient, vaccineCode, meta }) =>
        patient &&
        vaccineCode.coding.some(({ code }: { code: string }) => code === '03') &&
        meta.tag?.[0]?.code === 'Organization/b' &&
        meta.lastUpdated > sentAt,
    );
    expect(dose).toBeDefined();
  });

  it('takes the messages of the days that are asked for', async () => {
    const day = new Date(server.at.now).toISOString().slice(0, 10);
    await send(sampleVxu({ controlId: 'R4', mrn: 'r4', family: 'Fourth' }));
    expect((await run({ account: 'lab', since: day })).said).toBe(
      'reprocessed 1 messages: 1 AA, 0 AE, 0 AR\n',
    );
    await expect(run({ account: 'lab', until: '2020' })).rejects.toThrow('no message of lab is kept');
    await expect(run({ account: 'nobody' })).rejects.toThrow('no message of nobody is kept');
    await expect(run({ account: 'lab', since: 'soon' })).rejects.toThrow('soon');
  });

  it('says that a message stands whose doses do, though it is refused by now', async () => {
    await send(sampleVxu({ controlId: 'R5', mrn: 'r5', family: 'Fifth' }));
    const refusing = {
      readTexts: async (id: string) => {
        const texts = await services().readTexts(id);
        return texts && { ...texts, message: texts.message.replace('Fifth^Ana^Maria', '') };
      },
    };
    const day = new Date(server.at.now).toISOString().slice(0, 10);
    await run({ account: 'lab', since: day }, refusing);
    const { docStatus, category } = await documentOf('R5');
    expect([docStatus, category[0].coding[0].code]).toEqual(['final', 'AE']);
    await run({ account: 'lab', since: day });
  });

  it('leaves a message that was refused for its control id', async () => {
    await server.addUser('twice', { role: 'interface', organization: ['a'] });
    const as = {
      ...headers,
      authorization: `Basic ${Buffer.from('twice:password of twice').toString('base64')}`,
    };
    for (const family of ['Original', 'Intruder']) {
      const payload = sampleVxu({ controlId: 'SAME', mrn: family, family });
      await server.inject({ method: 'POST', url: '/hl7v2', headers: as, payload });
    }
    expect((await run({ account: 'twice', outcome: 'AE' })).said).toBe(
      'reprocessed 1 messages: 0 AA, 0 AE, 0 AR; 1 have the control id of another message\n',
    );
    expect((await stored('Patient')).some(({ name }) => name?.[0]?.family === 'Intruder')).toBe(false);
  });

  it('says of which messages the text is gone', async () => {
    expect(await run({ account: 'lab' }, { readTexts: async () => undefined })).toEqual({
      code: 1,
      said: 'reprocessed 5 messages: 0 AA, 0 AE, 0 AR; 5 have no text any more\n',
    });
  });

  it('leaves the grade as of the day on which the message came', async () => {
    const sentOn = new Date(server.at.now).toISOString().slice(0, 10);
    const orders = mmr.map((segment) =>
      segment.replace(/^(RXA\|0\|1\|)\d{8}/, `$1${sentOn.replaceAll('-', '')}`),
    );
    await send(sampleVxu({ controlId: 'R6', mrn: 'r6', family: 'Sixth', orders }));
    const before = await documentOf('R6');
    server.at.now += 40 * 86_400_000;
    await run({ account: 'lab', since: sentOn });
    const after = await documentOf('R6');
    expect([after.meta.versionId, before.extension.length]).toEqual(['2', 2]);
    expect(after.extension).toEqual(before.extension);
  });
});
