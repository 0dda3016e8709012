import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type MllpBounds,
  type MllpOptions,
  type MllpServer,
  openMllpServer,
  usualMllpBounds,
} from '../../../../src/hl7v2/mllp/mllp-server.ts';
import { openFrameReader, toFrame } from '../../../../src/hl7v2/mllp/read-frames.ts';

const open: { server?: MllpServer; sockets: Socket[] } = { sockets: [] };

afterEach(async () => {
  for (const socket of open.sockets.splice(0)) socket.destroy();
  await open.server?.close(0);
});

async function listen(options: Partial<MllpOptions> = {}, bounds: Partial<MllpBounds> = {}) {
  const warnings: string[] = [];
  const server = openMllpServer({
    answer: async (message) => Buffer.concat([Buffer.from('to '), message]),
    refuseLarge: (head) => Buffer.from(`too large: ${Buffer.from(head.subarray(0, 3))}`),
    warn: (text) => warnings.push(text),
    bounds: { ...usualMllpBounds, ...bounds },
    ...options,
  });
  open.server = server;
  const port = await server.listen(0, '127.0.0.1');
  return { server, port, warnings, connections: server.connections };
}

async function dial(port: number) {
  const socket = connect(port, '127.0.0.1');
  open.sockets.push(socket);
  const reader = openFrameReader(1_000_000);
  const answers: string[] = [];
  const waiting: (() => void)[] = [];
  socket.on('data', (chunk) => {
    for (const frame of reader.take(chunk)) {
      if (frame.kind === 'message') answers.push(Buffer.from(frame.bytes).toString());
    }
    for (const wake of waiting.splice(0)) wake();
  });
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  return {
    socket,
    answers,
    closed,
    until: async (count: number) => {
      while (answers.length < count) await new Promise<void>((wake) => waiting.push(wake));
      return answers;
    },
    send: (text: string) => socket.write(toFrame(Buffer.from(text))),
  };
}

function signal() {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { give: () => give(), given };
}

describe('the MLLP listener', () => {
  it('answers each message on its connection, in order, and keeps the connection', async () => {
    const { port } = await listen({
      answer: async (message) => {
        // The first takes longest.
        await sleep(message.length > 1 ? 40 : 1);
        return message;
      },
    });
    const client = await dial(port);
    client.socket.write(Buffer.concat(['aa', 'b', 'c'].map((text) => toFrame(Buffer.from(text)))));
    expect(await client.until(3)).toEqual(['aa', 'b', 'c']);
    client.send('d');
    expect(await client.until(4)).toEqual(['aa', 'b', 'c', 'd']);
  });

  it('reads no more of a connection while it answers', async () => {
    let under = 0;
    let most = 0;
    const { port } = await listen({
      answer: async (message) => {
        most = Math.max(most, ++under);
        await sleep(1);
        under--;
        return message;
      },
    });
    const client = await dial(port);
    for (let n = 0; n < 50; n++) client.send('m');
    await client.until(50);
    expect(most).toBe(1);
  });

  it('answers many connections side by side', async () => {
    const { port } = await listen();
    const clients = await Promise.all(Array.from({ length: 50 }, () => dial(port)));
    for (const [n, client] of clients.entries()) client.send(`m${n}`);
    expect(await Promise.all(clients.map(async (client) => (await client.until(1))[0]))).toEqual(
      clients.map((_, n) => `to m${n}`),
    );
  });

  it('answers what is too large by its head, and hangs up', async () => {
    const { port, warnings } = await listen({}, { messageBytes: 1000 });
    const client = await dial(port);
    client.socket.write(`\x0bMSH${'x'.repeat(2000)}`);
    expect(await client.until(1)).toEqual(['too large: MSH']);
    await client.closed;
    expect(warnings).toEqual(['an HL7 v2 connection was ended: a message was too large']);
  });

  it('hangs up on who speaks another protocol', async () => {
    const { port, warnings } = await listen();
    const client = await dial(port);
    client.socket.write('GET / HTTP/1.1\r\n\r\n');
    await client.closed;
    expect(client.answers).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  it('hangs up on a message that does not end in time, though bytes go on coming', async () => {
    const { port } = await listen({}, { messageMs: 60 });
    const client = await dial(port);
    client.socket.write('\x0bMSH');
    const drip = setInterval(() => client.socket.destroyed || client.socket.write('x'), 10);
    client.socket.on('error', () => undefined);
    await client.closed;
    clearInterval(drip);
    expect(client.answers).toEqual([]);
  });

  it('hangs up on who says nothing', async () => {
    const { port } = await listen({}, { firstMs: 30 });
    await (await dial(port)).closed;
  });

  it.each([
    ['garbage', 'GET / HTTP/1.1\r\n\r\n'],
    ['a message that is too large', `\x0bMSH${'x'.repeat(2000)}`],
  ])('keeps nothing of who sent %s and stays', async (_, sent) => {
    const { port, connections } = await listen({}, { messageBytes: 1000, endMs: 50 });
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    open.sockets.push(client);
    await once(client, 'connect');
    await vi.waitFor(async () => expect(await connections()).toBe(1));
    client.write(sent);
    await vi.waitFor(async () => expect(await connections()).toBe(0), { timeout: 2000 });
  });

  it('ends a connection whose answer broke, and goes on', async () => {
    const { port, warnings } = await listen({
      answer: async (message) => {
        if (message.length === 1) throw new Error('the store is away');
        return message;
      },
    });
    const client = await dial(port);
    client.send('m');
    await client.closed;
    expect(client.answers).toEqual([]);
    expect(warnings).toEqual(['an HL7 v2 connection was ended: the answer to a message failed']);
    const other = await dial(port);
    other.send('mm');
    expect(await other.until(1)).toEqual(['mm']);
  });

  it('answers who has said all and waits', async () => {
    const { port } = await listen({
      answer: async (message) => {
        await sleep(30);
        return message;
      },
    });
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    open.sockets.push(client);
    const read: string[] = [];
    client.on('data', (chunk) => read.push(chunk.toString()));
    client.end(Buffer.concat(['m', 'n'].map((text) => toFrame(Buffer.from(text)))));
    await once(client, 'end');
    expect(read.join('')).toBe('\x0bm\x1c\r\x0bn\x1c\r');
  });

  it('hangs up where there is no answer', async () => {
    const { port } = await listen({ answer: async () => undefined });
    const client = await dial(port);
    client.send('m');
    await client.closed;
  });

  it('answers what is under way when it is closed, and nothing after it', async () => {
    const begun = signal();
    const { server, port } = await listen({
      answer: async (message) => {
        begun.give();
        await sleep(50);
        return message;
      },
    });
    const client = await dial(port);
    const idle = await dial(port);
    client.socket.write(Buffer.concat([toFrame(Buffer.from('one')), toFrame(Buffer.from('two'))]));
    await begun.given;
    await server.close(5000);
    await Promise.all([client.closed, idle.closed]);
    expect(client.answers).toEqual(['one']);
  });

  it('waits no longer for what is under way than it is told to', async () => {
    const begun = signal();
    const { server, port } = await listen({
      answer: () => {
        begun.give();
        return new Promise(() => undefined);
      },
    });
    const client = await dial(port);
    client.send('m');
    await begun.given;
    await server.close(20);
    await client.closed;
    expect(client.answers).toEqual([]);
  });
});
