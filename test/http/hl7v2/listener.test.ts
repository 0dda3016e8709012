import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openInterfaceAccounts } from '../../../src/auth/interfaces/interface-accounts.ts';
import { openFrameReader, toFrame } from '../../../src/hl7v2/mllp/read-frames.ts';
import { openContext } from '../../../src/interaction/context.ts';
import { type MessageParts, type Messages, openMessages } from '../../../src/open-messages.ts';
import { shippedGuide } from '../../../src/shipped/v2-guide.ts';
import { shippedMapping } from '../../../src/shipped/v2-mapping.ts';
import { useFolder } from '../../use-folder.ts';
import { messageSettings } from '../open-test-server.ts';
import { issuer, openSmartServer, type SmartServer } from '../smart/smart-server.ts';
import { sampleVxu, toldIn } from './sample-vxu.ts';

let server: SmartServer;
const open: { messages?: Messages; sockets: Socket[] } = { sockets: [] };
beforeAll(async () => {
  server = await openSmartServer();
  await server.addUser('lab', { role: 'interface', organization: ['a'] });
});
afterAll(() => server.close());
afterEach(async () => {
  for (const socket of open.sockets.splice(0)) socket.destroy();
  await open.messages?.close(0);
});

function partsOf(
  config: Partial<MessageParts['config']>,
  { isOpen = false, warnings = [] }: { readonly isOpen?: boolean; readonly warnings?: string[] } = {},
): MessageParts {
  return {
    config: { ...messageSettings, publicUrl: issuer, hl7Port: 0, ...config },
    store: server.store,
    context: server.context,
    contextFor: (caller) => openContext(server.context, server.store, caller),
    accounts: isOpen ? undefined : openInterfaceAccounts(server.auth, 'off'),
    log: { warn: (text) => warnings.push(text), failed: (thrown) => warnings.push(String(thrown)) },
    guide: shippedGuide(),
    mapping: shippedMapping(),
    operations: [],
  };
}

async function listen(config: Partial<MessageParts['config']>, isOpen = false) {
  const warnings: string[] = [];
  const messages = openMessages(partsOf(config, { isOpen, warnings }));
  open.messages = messages;
  return { port: (await messages.listen()) as number, warnings };
}

function ask(socket: Socket, message: string | Buffer): Promise<string> {
  open.sockets.push(socket);
  const reader = openFrameReader(1_000_000);
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk) => {
      for (const frame of reader.take(chunk)) {
        if (frame.kind === 'message') resolve(Buffer.from(frame.bytes).toString());
      }
    });
    socket.on('error', reject);
    socket.on('close', () => resolve('closed'));
    socket.write(toFrame(Buffer.from(message)));
  });
}

const dial = (port: number) => connectPlain(port, '127.0.0.1');
const ownerIn = async (family: string) => {
  const { matches } = await server.store.scan({ type: 'Patient', count: 1000 });
  const found = matches.map(({ text }) => JSON.parse(text)).find((one) => one.name?.[0]?.family === family);
  return found?.meta.tag?.[0]?.code;
};

describe('a plain connection', () => {
  it('is the account of the settings', async () => {
    const { port, warnings } = await listen({ hl7Account: 'lab' });
    const answer = await ask(
      dial(port),
      sampleVxu({ controlId: 'P1', facility: 'a', mrn: 'p1', family: 'Plain' }),
    );
    expect(toldIn(answer)).toEqual(['AA']);
    expect(await ownerIn('Plain')).toBe('Organization/a');
    expect(warnings).toEqual([]);
  });

  it.each([
    ['where none is set', undefined],
    ['where there is none of the login', 'nobody'],
  ])('is refused %s, and nothing is kept', async (_, hl7Account) => {
    const { port, warnings } = await listen({ hl7Account });
    expect(warnings).toHaveLength(hl7Account === undefined ? 0 : 1);
    const socket = dial(port);
    const answer = await ask(socket, sampleVxu({ controlId: 'P2', mrn: 'p2', family: 'Refused' }));
    expect(toldIn(answer)).toEqual(['AR', 'E 207 ']);
    expect(toldIn(await ask(socket, sampleVxu({ controlId: 'P5' })))).toEqual(['AR', 'E 207 ']);
    // Once for the connection.
    expect(warnings.slice(hl7Account === undefined ? 0 : 1)).toEqual([
      'HL7 v2 messages from 127.0.0.1 are refused: JENNER_HL7_ACCOUNT names no account that may send',
    ]);
    expect(answer).toContain('MSA|AR|P2\r');
    expect(await ownerIn('Refused')).toBeUndefined();
  });

  it('is everybody on an open server', async () => {
    const { port } = await listen({}, true);
    expect(toldIn(await ask(dial(port), sampleVxu({ controlId: 'P3', mrn: 'p3', family: 'Open' })))).toEqual([
      'AA',
    ]);
  });

  it('is warned of where others can reach it', async () => {
    expect((await listen({ hl7Account: 'lab', host: '0.0.0.0' })).warnings).toEqual([
      'HL7 v2 messages come unsealed, and whoever reaches the port is JENNER_HL7_ACCOUNT: JENNER_TLS_CERT',
    ]);
  });

  it('brings its message by the character set that MSH-18 names', async () => {
    const { port } = await listen({ hl7Account: 'lab' });
    const message = sampleVxu({ controlId: 'P4', facility: 'a', mrn: 'p4', family: 'Nu\xf1ez' }).replace(
      '|ER|AL||||',
      '|ER|AL||8859/1||',
    );
    expect(toldIn(await ask(dial(port), Buffer.from(message, 'latin1')))).toEqual(['AA']);
    expect(await ownerIn('Nuñez')).toBe('Organization/a');
  });

  it('is taken on another port where the demo finds its own taken; a server says so', async () => {
    const taken = await listen({ hl7Account: 'lab' });
    const first = open.messages;
    const second = openMessages(partsOf({ hl7Account: 'lab', hl7Port: taken.port }));
    await expect(second.listen()).rejects.toThrow('EADDRINUSE');
    const port = await second.listen(true);
    expect(port).not.toBe(taken.port);
    await Promise.all([first?.close(0), second.close(0)]);
  });

  it('is answered for what is too large, and ended', async () => {
    const { port } = await listen({ hl7Account: 'lab' });
    const answer = await ask(dial(port), `${sampleVxu({ controlId: 'BIG' })}ZZZ|${'x'.repeat(5_000_000)}`);
    expect(answer).toContain('MSA|AR|BIG\r');
  });
});

const folder = useFolder('all');
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenssl)('a sealed connection', () => {
  const made = (name: string) => {
    const [cert, key] = [folder.at(`${name}.pem`), folder.at(`${name}.key`)];
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', [...args, '-keyout', key, '-out', cert, '-days', '2', '-subj', `/CN=${name}`], {
      stdio: 'ignore',
    });
    return { certFile: cert, keyFile: key, cert: readFileSync(cert), key: readFileSync(key) };
  };
  let own: ReturnType<typeof made>;
  let clinic: ReturnType<typeof made>;
  beforeAll(async () => {
    own = made('localhost');
    clinic = made('clinic');
    const certificate = [new X509Certificate(clinic.cert).fingerprint256];
    await server.addUser('clinic', { role: 'interface', organization: ['b'], certificate });
  });

  const sealed = () => listen({ hl7Account: 'lab', tlsCert: own.certFile, tlsKey: own.keyFile });
  const dialTls = (port: number, shown?: { readonly cert: Buffer; readonly key: Buffer }) =>
    connectTls({ host: '127.0.0.1', port, ca: own.cert, checkServerIdentity: () => undefined, ...shown });

  it('is the account that its certificate is of', async () => {
    const { port } = await sealed();
    const answer = await ask(
      dialTls(port, clinic),
      sampleVxu({ controlId: 'S1', mrn: 's1', family: 'Sealed' }),
    );
    expect(toldIn(answer)).toEqual(['AA']);
    expect(await ownerIn('Sealed')).toBe('Organization/b');
  });

  it('is refused without a certificate, and with one that is not known: it is not the account of the settings', async () => {
    const { port, warnings } = await sealed();
    const stranger = made('stranger');
    for (const shown of [undefined, stranger]) {
      const answer = await ask(
        dialTls(port, shown),
        sampleVxu({ controlId: 'S2', mrn: 's2', family: 'Stranger' }),
      );
      expect(toldIn(answer)).toEqual(['AR', 'E 207 ']);
    }
    expect(await ownerIn('Stranger')).toBeUndefined();
    const fingerprint = new X509Certificate(stranger.cert).fingerprint256.replaceAll(':', '').toLowerCase();
    expect(warnings).toEqual([
      'HL7 v2 messages from 127.0.0.1 are refused: it showed no certificate',
      `HL7 v2 messages from 127.0.0.1 are refused: no account has ${fingerprint}`,
    ]);
  });

  it('is asked for where the server has a certificate: what is not sealed is hung up on', async () => {
    const { port, warnings } = await sealed();
    const answer = await ask(dial(port), sampleVxu({ controlId: 'S3' })).catch(() => 'closed');
    expect(answer).toBe('closed');
    expect(warnings.join()).toMatch(
      /^an HL7 v2 connection from 127\.0\.0\.1 could not be sealed: ERR_SSL_\w+$/,
    );
  });

  it('does not hold up the stop of the server while it is being sealed', async () => {
    const { port } = await sealed();
    const stalled = dial(port);
    open.sockets.push(stalled);
    await once(stalled, 'connect');
    const closed = once(stalled, 'close');
    await open.messages?.close(50);
    await closed;
  });

  it('is not asked for where the settings say so', async () => {
    const { port } = await listen({
      hl7Account: 'lab',
      hl7Tls: 'off',
      tlsCert: own.certFile,
      tlsKey: own.keyFile,
    });
    expect(
      toldIn(
        await ask(dial(port), sampleVxu({ controlId: 'S4', facility: 'a', mrn: 's4', family: 'Behind' })),
      ),
    ).toEqual(['AA']);
  });
});
