import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from '../open-test-server.ts';
import { mmr, sampleVxu, toldIn } from './sample-vxu.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ matching: 'automatic' });
});
afterAll(() => server.close());

let serial = 0;

async function send(message: string | Buffer) {
  const answer = await server.app.inject({
    method: 'POST',
    url: '/hl7v2',
    headers: { 'content-type': 'application/hl7-v2' },
    payload: message,
  });
  return { status: answer.statusCode, text: answer.body };
}

/** Counts of all that a message may bring. */
async function standing(): Promise<readonly number[]> {
  const types = ['Patient', 'Immunization', 'RelatedPerson', 'Consent', 'Observation'] as const;
  return Promise.all(types.map((type) => server.store.count([type], { kind: 'and', of: [] })));
}

/** An answer is one message, whatever came: MSH, MSA with a code, and as many ERR as there are. */
async function requireAnswer(message: string | Buffer): Promise<string> {
  const before = await standing();
  const { status, text } = await send(message);
  expect(status).toBe(200);
  expect(text).toMatch(/^MSH\|\^~\\&\|[^\r]*\rMSA\|(AA|AE|AR)\|[^\r]+\r/);
  const [code, ...told] = toldIn(text);
  // Never AA where something is told to be lost.
  expect(code === 'AA' && told.some((one) => one.startsWith('E'))).toBe(false);
  expect(server.failures).toEqual([]);
  if (code === 'AR') expect(await standing()).toEqual(before);
  return text;
}

const fresh = () => {
  serial++;
  return sampleVxu({ controlId: `F${serial}`, mrn: `f${serial}`, family: `Fuzz${serial}` });
};

describe('a message that is broken', () => {
  it('is answered where it is cut off anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), async (share) => {
        const message = fresh();
        await requireAnswer(message.slice(0, Math.floor(message.length * share)));
      }),
      { numRuns: 40 },
    );
  });

  it('is answered where characters are lost, doubled, or put in', async () => {
    const put = fc.constantFrom(
      '|',
      '^',
      '~',
      '\\',
      '&',
      '\r',
      '\n',
      '\u0000',
      '\u000b',
      '\u001c',
      'é',
      '"',
      '||||',
      '\\X0D\\',
      '\\F',
    );
    const edits = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(6), put), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(edits, async (all) => {
        let message = fresh();
        for (const [share, lost, text] of all) {
          const at = Math.floor(message.length * share);
          message = message.slice(0, at) + text + message.slice(at + lost);
        }
        await requireAnswer(message);
      }),
      { numRuns: 80 },
    );
  });

  it('is answered where its segments are shuffled, doubled or gone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20), { maxLength: 25 }), async (order) => {
        const [msh = '', ...segments] = fresh().trimEnd().split('\r');
        const others = order.flatMap((at) => segments[at] ?? []);
        await requireAnswer([msh, ...others].map((segment) => `${segment}\r`).join(''));
      }),
      { numRuns: 40 },
    );
  });

  it('is answered whatever bytes it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), async (bytes, isHeaded) => {
        const head = Buffer.from(isHeaded ? `MSH|^~\\&|A|B|||20250101||VXU^V04|X${serial++}|P|2.5.1\r` : '');
        await requireAnswer(Buffer.concat([head, bytes]));
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['parts by what parts nothing', fresh().replace('|^~\\&|', '|||||')],
    ['declares one delimiter twice', fresh().replace('|^~\\&|', '|^^\\&|')],
    ['has control characters', fresh().replace('Ana', 'A\u0001n\u0007a')],
    ['ends its segments with vertical tabs', fresh().replaceAll('\r', '\u000b')],
    ['is joined to another', fresh() + fresh()],
    ['is in a batch', `FHS|^~\\&|\rBHS|^~\\&|\r${fresh()}BTS|1\rFTS|1\r`],
    [
      'is Latin-1 that says it is UTF-8',
      Buffer.from(
        fresh().replace('Ana', 'An\xe9').replace('|ER|AL||||', '|ER|AL||UNICODE UTF-8||'),
        'latin1',
      ),
    ],
    ['is UTF-16', Buffer.from(`\ufeff${fresh()}`, 'utf16le')],
    ['has a name of ten thousand letters', fresh().replace('Ana', 'A'.repeat(10_000))],
    ['has a thousand repetitions', fresh().replace('Ana^Maria', Array(1000).fill('Ana^Maria').join('~'))],
    ['has three hundred fields too many', fresh().replace('|CP|A\r', `|CP|A${'|x'.repeat(300)}\r`)],
    ['says to delete everything', fresh().replaceAll(/\^[A-Z]\w+/g, '^""')],
  ])('%s, is answered', async (_, message) => {
    await requireAnswer(message);
  });

  it('of ten thousand segments is answered', async () => {
    serial++;
    const many = Array.from({ length: 2500 }, (_, n) =>
      mmr
        .slice(0, 3)
        .map((segment) =>
          segment
            .replace('D1^', `D${serial}-${n}^`)
            .replaceAll(
              '20250110',
              `2025${String(1 + (n % 9)).padStart(2, '0')}${String(1 + (n % 28)).padStart(2, '0')}`,
            ),
        ),
    ).flat();
    const comments = Array.from({ length: 2500 }, (_, n) => `NTE|${n}||x`);
    const orders = [...many, ...comments];
    await requireAnswer(sampleVxu({ controlId: `M${serial}`, mrn: `m${serial}`, family: 'Many', orders }));
  }, 150_000);
});
