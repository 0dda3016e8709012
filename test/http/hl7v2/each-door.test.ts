import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importMessages } from '../../../src/cli/import-messages.ts';
import { openFrameReader, toFrame } from '../../../src/hl7v2/mllp/read-frames.ts';
import { openAccount } from '../../../src/hl7v2/open-account.ts';
import { answersOf, type MessageParts, type Messages, openMessages } from '../../../src/open-messages.ts';
import { shippedGuide } from '../../../src/shipped/v2-guide.ts';
import { shippedMapping } from '../../../src/shipped/v2-mapping.ts';
import { useFolder } from '../../use-folder.ts';
import { messageSettings, openTestServer, type TestServer } from '../open-test-server.ts';
import { mmr, oldVaricella, sampleVxu } from './sample-vxu.ts';

const folder = useFolder('all');
let server: TestServer;
let messages: Messages;
let port = 0;
const broken: unknown[] = [];
beforeAll(async () => {
  server = await openTestServer();
  messages = openMessages({ ...parts(), accounts: undefined });
  port = (await messages.listen()) ?? 0;
});
afterAll(async () => {
  await messages.close(0);
  await server.close();
});

function parts(): Omit<MessageParts, 'accounts'> {
  const { store, context, operations, readEvaluated } = server;
  return {
    config: { ...messageSettings, hl7Port: 0, publicUrl: 'http://jenner.test' },
    store,
    context,
    contextFor: () => server.ctx,
    log: { warn: () => undefined, failed: (thrown) => broken.push(thrown) },
    guide: shippedGuide(),
    mapping: shippedMapping(),
    operations,
    readEvaluated,
  };
}

type Door = (message: Buffer) => Promise<string>;

const post = async (url: string, type: string, payload: string | Buffer): Promise<string> => {
  const headers = { 'content-type': type };
  const { statusCode, body } = await server.app.inject({ method: 'POST', url, headers, payload });
  expect(statusCode).toBe(200);
  return body;
};

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  '#xD': '\r',
  '#xA': '\n',
};
const escaped = (text: string) =>
  text.replace(/[<&\r]/g, (one) => (one === '\r' ? '&#xD;' : one === '<' ? '&lt;' : '&amp;'));
const resolved = (text: string) => text.replace(/&(#?\w+);/g, (whole, name) => entities[name] ?? whole);

function byMllp(message: Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const reader = openFrameReader(1_000_000);
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk) => {
      for (const frame of reader.take(chunk)) {
        if (frame.kind !== 'message') continue;
        resolve(Buffer.from(frame.bytes).toString());
        socket.end();
      }
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed without an answer')));
    socket.write(toFrame(message));
  });
}

async function byFile(message: Buffer): Promise<string> {
  const answer = answersOf(parts());
  const answers: string[] = [];
  const content = Buffer.concat([Buffer.from('BHS|^~\\&|\r'), message, Buffer.from('\rBTS|1\r')]);
  const path = folder.write('batch.hl7', content);
  const source = {
    path,
    format: 'er7',
    gzip: false,
    bytes: content.length,
    fingerprint: '',
    firstType: '',
  } as const;
  await importMessages([source], {
    answer: async (sent) => {
      const text = await answer(sent);
      answers.push(text);
      return text;
    },
    account: openAccount,
    rejectedDirectory: folder.path,
    progress: { begin: () => undefined, advance: () => undefined, end: () => undefined },
  });
  expect(answers).toHaveLength(1);
  return answers[0] ?? '';
}

const doors: Readonly<Record<string, Door>> = {
  'POST /hl7v2': (message) => post('/hl7v2', 'application/hl7-v2', message),
  'a form': (message) =>
    post(
      '/hl7v2',
      'application/x-www-form-urlencoded',
      new URLSearchParams({ MESSAGEDATA: message.toString() }).toString(),
    ),
  SOAP: async (message) => {
    const body = `<submitSingleMessage xmlns="urn:cdc:iisb:2011"><hl7Message>${escaped(message.toString())}</hl7Message></submitSingleMessage>`;
    const envelope = `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>${body}</e:Body></e:Envelope>`;
    const answer = await post('/soap/cdc', 'application/soap+xml; charset=utf-8', envelope);
    return resolved(/:return>([^<]*)</.exec(answer)?.[1] ?? '');
  },
  MLLP: byMllp,
  'a file': byFile,
};

/** What an answer says: all of it but when it was given, and its own number. */
const saidIn = (answer: string) =>
  answer
    .split('\r')
    .filter((segment) => segment !== '' && !segment.startsWith('MSH'))
    .map((segment) => segment.replace(/^(MSA\|\w+)\|.*/, '$1'));

let serial = 0;

/** A message of somebody new, made careless. */
function careless(change: (message: string) => string): string {
  serial++;
  const letter = 'abcdefghijklmnopqrstuvwxyz';
  const family = `Door${letter[serial % 26]}${letter[Math.floor(serial / 26)]}`;
  return change(sampleVxu({ controlId: `E${serial}`, mrn: `e${serial}`, family }));
}

const [first = '', second = ''] = [mmr, oldVaricella].map((order) => order.join('\r'));
const swapped = (message: string) =>
  message.replace(/(PD1[^\r]*\r)(NK1[^\r]*\r)/, (_, pd1, nk1) => `${nk1}${pd1}`);
const otherMarks: Readonly<Record<string, string>> = { '|': '#', '^': '!', '~': '@', '\\': '$', '&': '*' };

const faults: readonly (readonly [string, (message: string) => string, string])[] = [
  ['nothing', (message) => message, 'AA'],
  ['LF at the ends of its segments', (message) => message.replaceAll('\r', '\n'), 'AA'],
  ['CRLF at the ends of its segments', (message) => message.replaceAll('\r', '\r\n'), 'AA'],
  ['empty lines', (message) => message.replaceAll('\rOBX', '\r\rOBX'), 'AA'],
  ['no end at all', (message) => message.slice(0, -1), 'AA'],
  ['blanks before it', (message) => `\r\n ${message}`, 'AA'],
  ['a byte order mark before it', (message) => `\uFEFF${message}`, 'AA'],
  ['marks of its own', (message) => message.replace(/[|^~\\&]/g, (mark) => otherMarks[mark] ?? mark), 'AA'],
  ['a segment of its own', (message) => `${message}ZIM|1|x\r`, 'AA'],
  ['a bare ampersand', (message) => message.replace('12 Elm St', '12 R & R St'), 'AA'],
  ['an older version', (message) => message.replace('|P|2.5.1|', '|P|2.3.1|'), 'AA'],
  ['no patient', (message) => message.replace(/PID[^\r]*\r/, ''), 'AE'],
  ['no birth date', (message) => message.replace('|20240101|', '||'), 'AE'],
  [
    'two patients',
    (message) => message.replace(/PID[^\r]*\r/, (pid) => pid + pid.replace('||e', '||x')),
    'AE',
  ],
  ['a PD1 behind its NK1', swapped, 'AE'],
  [
    'an RXR before its RXA',
    (message) => message.replace(/(RXA[^\r]*\r)(RXR[^\r]*\r)/, (_, rxa, rxr) => `${rxr}${rxa}`),
    'AE',
  ],
  ['a dose of no day', (message) => message.replace('|20250109||21', '|2025||21'), 'AE'],
  ['a dose of no vaccine', (message) => message.replace('21^Varicella', '777^Odd'), 'AE'],
  ['an order without its RXA', (message) => message.replace(/RXA\|0\|1\|20250109[^\r]*\r/, ''), 'AE'],
  ['a NK1 without a relationship', (message) => message.replace('|MTH^Mother^HL70063', '|'), 'AE'],
  [
    'orders in another order',
    (message) => message.replace(`${first}\r${second}`, `${second}\r${first}`),
    'AA',
  ],
  ['a time of no meaning', (message) => message.replace('20250201101500-0500', 'yesterday'), 'AE'],
  ['another event', (message) => message.replace('VXU^V04^VXU_V04', 'ADT^A04^ADT_A01'), 'AR'],
  ['a version that there is not', (message) => message.replace('|P|2.5.1|', '|P|9.9|'), 'AR'],
  ['no number of its own', (message) => message.replace(/\|E\d+\|P\|/, '||P|'), 'AE'],
];

describe.each(faults)('a message with %s', (_, change, code) => {
  it('is told the same at each door', async () => {
    const told: Record<string, readonly string[]> = {};
    for (const [name, door] of Object.entries(doors)) {
      told[name] = saidIn(await door(Buffer.from(careless(change))));
    }
    const [usual, ...others] = Object.entries(told);
    expect(usual?.[1][0]).toBe(`MSA|${code}`);
    for (const [name, said] of others) expect([name, said]).toEqual([name, usual?.[1]]);
    expect([...broken, ...server.failures]).toEqual([]);
  });
});

it.each([
  ['as it declares', (message: string) => message.replace('|ER|AL||||', '|ER|AL||8859/1||'), 'AA'],
  ['undeclared', (message: string) => message, 'AA'],
])(
  'bytes of Latin-1 are read, and told the same at each door that takes bytes: %s',
  async (_, change, code) => {
    const told: (readonly string[])[] = [];
    for (const name of ['POST /hl7v2', 'MLLP', 'a file']) {
      const message = careless((text) => change(text).replace('Elm', 'Mu\xf1oz'));
      told.push(saidIn((await doors[name]?.(Buffer.from(message, 'latin1'))) ?? ''));
    }
    expect(told[0]?.[0]).toBe(`MSA|${code}`);
    expect(told).toEqual([told[0], told[0], told[0]]);
  },
);

it('a query in a file is refused, and nobody is looked up: there is nobody to answer', async () => {
  const { readEvaluated: _, ...imports } = parts();
  const answer = answersOf({ ...imports, operations: [] });
  const qpd = 'QPD|Z34^Request Immunization History^CDCPHINVS|Q1||Rivera^Ana^^^^^L||20240101|F';
  const head =
    'MSH|^~\\&|EHR|CLINIC|IIS|MA|20250201101500-0500||QBP^Q11^QBP_Q11|FILE-Q|P|2.5.1|||ER|AL|||||Z34^CDCPHINVS';
  const bytes = Buffer.from(`${head}\r${qpd}\rRCP|I|5^RD&Records&HL70126\r`);
  const text = await answer({ account: openAccount, bytes, from: 'import' });
  expect(text).toContain('MSA|AR|FILE-Q');
  expect(text).toContain('No query is answered in a file');
});
