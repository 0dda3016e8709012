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
  /** The answer to one message; undefined ends the connection. It does not throw. */
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
  readonly connections: number;
};

export const usualMllpBounds: MllpBounds = {
  messageBytes: 4 * 1024 * 1024,
  messageMs: 30_000,
  firstMs: 600_000,
  // Practices send nothing over night; whoever is gone without a word is found by TCP's own signs of life.
  idleMs: 12 * 3600 * 1000,
  connections: 2000,
};

export type MllpServer = {
  /** The port; of one that is taken, rejects with the error of the system. */
  readonly listen: (port: number, host: string) => Promise<number>;
  /** Takes no more messages; resolves when those under way are answered, at the latest after `graceMs`. */
  readonly close: (graceMs: number) => Promise<void>;
};

type Connection = { readonly end: () => void; readonly destroy: () => void };

/**
 * Listens for HL7 v2 messages over MLLP. The messages of a connection are answered one after the other, each on the
 * connection that it came by; while one is under way no more is read, so that who sends faster than it is answered waits.
 */
export function openMllpServer(options: MllpOptions): MllpServer {
  const { tls, bounds = usualMllpBounds } = options;
  const connections = new Set<Connection>();
  const serve = (socket: Socket) => {
    const connection = serveConnection(socket, { ...options, bounds }, () => connections.delete(connection));
    connections.add(connection);
  };
  const server: Server = tls
    ? // Who is known by a fingerprint needs no authority to vouch for it.
      createTlsServer({ ...tls, minVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: false }, serve)
    : createPlainServer(serve);
  server.maxConnections = bounds.connections;
  server.on('tlsClientError', () => undefined);
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
    close: (graceMs) =>
      new Promise((resolve) => {
        if (!server.listening) return resolve();
        const impatient = setTimeout(() => {
          for (const connection of connections) connection.destroy();
        }, graceMs);
        server.close(() => {
          clearTimeout(impatient);
          resolve();
        });
        for (const connection of connections) connection.end();
      }),
  };
}

type Served = MllpOptions & { readonly bounds: MllpBounds };

function serveConnection(socket: Socket, options: Served, gone: () => void): Connection {
  const { bounds, warn } = options;
  const reader = openFrameReader(bounds.messageBytes);
  const peer = peerOf(socket);
  const state = { isBusy: false, isEnding: false };
  let late: NodeJS.Timeout | undefined;
  const watch = () => {
    clearTimeout(late);
    late = reader.isWithin() ? setTimeout(endLate, bounds.messageMs) : undefined;
  };
  const endLate = () => {
    warn('an HL7 v2 connection was ended: a message that had begun did not end in time');
    socket.destroy();
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
    if (state.isEnding) {
      socket.end();
      return;
    }
    watch();
    socket.resume();
  };
  socket.setKeepAlive(true, 60_000);
  socket.setNoDelay(true);
  socket.setTimeout(bounds.firstMs, () => socket.destroy());
  socket.on('data', (chunk) => {
    const wasWithin = reader.isWithin();
    const frames = reader.take(chunk);
    if (frames.length > 0) void work(frames);
    else if (!wasWithin) watch();
  });
  socket.on('error', () => socket.destroy());
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
    destroy: () => socket.destroy(),
  };
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
      const answered = await answer(frame.bytes, peer);
      if (!answered) return false;
      return send(socket, answered);
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
