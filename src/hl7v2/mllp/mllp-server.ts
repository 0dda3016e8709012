import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { type Frame, openFrameReader, toFrame } from './read-frames.ts';

/** Who is at the other end. */
export type Peer = {
  readonly address: string;
  /** SHA-256 of the certificate that it showed, in lower case without colons; absent where it showed none. */
  readonly fingerprint?: string;
  /** Whether what is sent is sealed. */
  readonly isTls: boolean;
};

export type MllpOptions = {
  /** The answer to one message; undefined ends the connection, as what it throws does. */
  readonly answer: (message: Uint8Array, peer: Peer) => Promise<Uint8Array | undefined>;
  /** The answer to a message of which no more than its head is taken. */
  readonly refuseLarge: (head: Uint8Array) => Uint8Array;
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  readonly bounds?: MllpBounds;
  /** Told of connections that are ended for what they sent; no data of anybody. */
  readonly warn: (text: string) => void;
};

export type MllpBounds = {
  readonly messageBytes: number;
  /** Milliseconds in which a message that has begun must end. */
  readonly messageMs: number;
  /** Milliseconds in which the first message must come; and without a byte, once one has come. */
  readonly firstMs: number;
  readonly idleMs: number;
  /** Milliseconds in which who was hung up on must hang up too. */
  readonly endMs: number;
  readonly connections: number;
  /** Bytes of messages that have begun and not ended, of all connections; whoever has sent little is not ended for it. */
  readonly heldBytes: number;
};

export const usualMllpBounds: MllpBounds = {
  messageBytes: 4 * 1024 * 1024,
  messageMs: 30_000,
  firstMs: 600_000,
  // Practices send nothing over night; whoever is gone without a word is found by TCP's own signs of life.
  idleMs: 12 * 3600 * 1000,
  endMs: 5_000,
  connections: 2000,
  heldBytes: 256 * 1024 * 1024,
};

/** A history of a hundred doses: so much may be held of each connection, however much is of all. */
const freeBytes = 64 * 1024;

export type MllpServer = {
  /** The port; of one that is taken, rejects with the error of the system. */
  readonly listen: (port: number, host: string) => Promise<number>;
  /** How many connections are open, those too that are not sealed yet. */
  readonly connections: () => Promise<number>;
  /** Takes no more messages; resolves when those under way are answered, at the latest after `graceMs`. */
  readonly close: (graceMs: number) => Promise<void>;
};

type Connection = { readonly end: () => void };

/** Who has sent all may say so and wait for the answer. */
const allowHalfOpen = true;

const tlsSettings = {
  allowHalfOpen,
  minVersion: 'TLSv1.2',
  // Who is known by a fingerprint needs no authority to vouch for it.
  requestCert: true,
  rejectUnauthorized: false,
  handshakeTimeout: 10_000,
} as const;

/**
 * Listens for HL7 v2 messages over MLLP. The messages of a connection are answered one after the other, each on the
 * connection that it came by; while one is under way no more is read, so that who sends faster than it is answered waits.
 */
export function openMllpServer(options: MllpOptions): MllpServer {
  const { tls, bounds = usualMllpBounds } = options;
  const connections = new Set<Connection>();
  const sockets = new Set<Socket>();
  const pool = { held: 0 };
  const serve = (socket: Socket) => {
    const served = { ...options, bounds, pool };
    const connection = serveConnection(socket, served, () => connections.delete(connection));
    connections.add(connection);
  };
  const server: Server = tls
    ? createTlsServer({ ...tlsSettings, ...tls }, serve)
    : createPlainServer({ allowHalfOpen }, serve);
  server.maxConnections = bounds.connections;
  server.on('tlsClientError', ({ code }: NodeJS.ErrnoException, { remoteAddress = '' }: Socket) => {
    // Who looks whether the port is open hangs up.
    if (code !== 'ECONNRESET')
      options.warn(`an HL7 v2 connection from ${remoteAddress} could not be sealed: ${code}`);
  });
  // Of a sealed one that what is sealed comes over: it is there before there is anybody to serve.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          server.on('error', () => options.warn('the HL7 v2 listener failed to take a connection'));
          const address = server.address();
          resolve(typeof address === 'object' && address ? address.port : port);
        });
      }),
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    close: (graceMs) =>
      new Promise((resolve) => {
        if (!server.listening) return resolve();
        const impatient = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, graceMs);
        server.close(() => {
          clearTimeout(impatient);
          resolve();
        });
        for (const connection of connections) connection.end();
      }),
  };
}

/** What all connections hold together. */
type Pool = { held: number };

type Served = MllpOptions & { readonly bounds: MllpBounds; readonly pool: Pool };

/** One connection's part of the pool; what it answers says whether there is room for so many bytes. */
function openShare(socket: Socket, { pool, bounds }: Served) {
  let own = 0;
  const hold = (bytes: number): boolean => {
    pool.held += bytes - own;
    own = bytes;
    return own <= freeBytes || pool.held <= bounds.heldBytes;
  };
  socket.once('close', () => hold(0));
  return hold;
}

function serveConnection(socket: Socket, options: Served, gone: () => void): Connection {
  const { bounds, warn } = options;
  const reader = openFrameReader(bounds.messageBytes);
  const peer = peerOf(socket);
  const hold = openShare(socket, options);
  const state = { isBusy: false, isEnding: false, hasSaidAll: false };
  let late: NodeJS.Timeout | undefined;
  const watch = () => {
    clearTimeout(late);
    late = reader.isWithin()
      ? setTimeout(() => endFor('a message that had begun did not end in time'), bounds.messageMs)
      : undefined;
  };
  const endFor = (why: string) => {
    warn(`an HL7 v2 connection was ended: ${why}`);
    socket.destroy();
  };
  const hangUp = () => {
    state.isEnding = true;
    clearTimeout(late);
    late = endWithin(bounds.endMs, socket);
  };
  const work = async (frames: readonly Frame[]) => {
    state.isBusy = true;
    // While it is we who are slow, no sender is late.
    clearTimeout(late);
    socket.pause();
    for (const frame of frames) {
      if (!(await answerFrame(socket, frame, peer, options))) state.isEnding = true;
      if (state.isEnding) break;
    }
    state.isBusy = false;
    socket.setTimeout(bounds.idleMs);
    if (state.isEnding || state.hasSaidAll) return hangUp();
    watch();
    socket.resume();
  };
  settle(socket, bounds);
  socket.on('data', (chunk) => {
    if (state.isEnding) return;
    const wasWithin = reader.isWithin();
    const frames = reader.take(chunk);
    if (!hold(reader.held())) return endFor('too much of messages that have not ended is held');
    if (frames.length > 0) void work(frames);
    else if (!wasWithin) watch();
  });
  socket.on('end', () => {
    state.hasSaidAll = true;
    if (!state.isBusy) hangUp();
  });
  socket.on('close', () => {
    clearTimeout(late);
    gone();
  });
  return {
    end: () => {
      state.isEnding = true;
      // A message that is not whole is answered nowhere: its sender will send it again.
      if (!state.isBusy) socket.destroy();
    },
  };
}

function settle(socket: Socket, { firstMs }: MllpBounds): void {
  socket.setKeepAlive(true, 60_000);
  socket.setNoDelay(true);
  socket.setTimeout(firstMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
}

/** What still comes is passed over: with bytes unread an answer that is on its way would be lost. */
function endWithin(endMs: number, socket: Socket): NodeJS.Timeout {
  socket.end();
  socket.resume();
  return setTimeout(() => socket.destroy(), endMs);
}

/** Whether the connection goes on. */
async function answerFrame(
  socket: Socket,
  frame: Frame,
  peer: Peer,
  { answer, refuseLarge, warn }: Served,
): Promise<boolean> {
  switch (frame.kind) {
    case 'garbage':
      warn('an HL7 v2 connection was ended: it sent what is outside of any MLLP block');
      return false;
    case 'too-large':
      warn('an HL7 v2 connection was ended: a message was too large');
      await send(socket, refuseLarge(frame.head));
      return false;
    case 'message': {
      const answered = await answer(frame.bytes, peer).catch(() => {
        warn('an HL7 v2 connection was ended: the answer to a message failed');
      });
      return answered ? send(socket, answered) : false;
    }
  }
}

/** Whether it could be sent. Waits for who does not read. */
function send(socket: Socket, message: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    if (socket.destroyed || !socket.writable) return resolve(false);
    socket.write(toFrame(message), (error) => resolve(!error));
  });
}

function peerOf(socket: Socket): Peer {
  const address = socket.remoteAddress ?? '';
  if (!(socket instanceof TLSSocket)) return { address, isTls: false };
  const { fingerprint256 } = socket.getPeerCertificate();
  return {
    address,
    isTls: true,
    ...(fingerprint256 && { fingerprint: fingerprint256.replaceAll(':', '').toLowerCase() }),
  };
}
