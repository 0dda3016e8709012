import type { Socket } from 'node:net';
import { Transform } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest, RequestPayload } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import { AbandonedError, laterTurn, nextTurn } from '../values/turns.ts';

/** How much is under way at once; what comes past it is 503 with Retry-After. */
export type Bounds = {
  /** Requests of all clients. */
  readonly requests: number;
  /** Requests that wait on one connection, which are answered one after the other. */
  readonly pipelined: number;
  /** Bytes of bodies of all clients, unpacked. */
  readonly bodyBytes: number;
};

export const usualBounds: Bounds = {
  requests: 5000,
  pipelined: 100,
  bodyBytes: 256 * 1024 * 1024,
};

/** A body of so many bytes counts as the request that brings it. */
const smallBody = 64 * 1024;

/** To copy so many takes a millisecond. */
const largeBody = 2 * 1024 * 1024;

/** What is under way in all, and on each connection. */
type Flight = {
  readonly bounds: Bounds;
  requests: number;
  bodyBytes: number;
  readonly bytesOf: WeakMap<FastifyRequest, number>;
};

/** Of a connection with a request under way: those behind it, by how they go on. */
const line = Symbol('line');

/** It stands on the connection itself: a map of all would cost each request as much as to find its route. */
type Connection = Socket & { [line]?: (() => void)[] | undefined };

/**
 * Bounds what is under way, and lets each request begin in a turn of the event loop that is not full. A liveness probe
 * is always answered. To be called after what unpacks bodies.
 */
export function boundFlight(app: FastifyInstance, bounds: Bounds): void {
  const flight: Flight = { bounds, requests: 0, bodyBytes: 0, bytesOf: new WeakMap() };
  app.addHook('onRequest', (request, reply, done) => {
    if (isProbe(request)) done();
    else enter(flight, request, reply, done);
  });
  app.addHook('preParsing', (request, _reply, payload, done) => {
    done(null, isSmall(request) ? payload : countBytes(flight, request, payload));
  });
  app.addHook('preHandler', (request, _reply, done) => {
    const turn = isProbe(request) ? undefined : turnFor(flight, request);
    if (turn) turn.then(() => begin(request, done), done);
    else done();
  });
}

type Done = (refusal?: Error) => void;

/** To put together the bytes of a large body took a while by itself. */
function turnFor({ bodyBytes, bytesOf }: Flight, request: FastifyRequest): Promise<void> | undefined {
  const isLarge = bodyBytes > largeBody && (bytesOf.get(request) ?? 0) > largeBody;
  return isLarge ? laterTurn() : nextTurn();
}

/** By the URL as it came: Fastify makes an object of the route whenever it is asked. */
function isProbe({ raw }: FastifyRequest): boolean {
  return raw.url === '/health/live';
}

function begin({ raw }: FastifyRequest, done: Done): void {
  done(raw.socket.destroyed ? new AbandonedError('The client has gone.') : undefined);
}

function enter(flight: Flight, request: FastifyRequest, reply: FastifyReply, done: Done): void {
  const { bounds } = flight;
  const socket: Connection = request.raw.socket;
  const behind = socket[line];
  if (flight.requests >= bounds.requests || (behind?.length ?? 0) >= bounds.pipelined) {
    refuse(done);
    return;
  }
  flight.requests++;
  // When the answer is sent, or nobody is there to be sent it (https://nodejs.org/api/http.html#event-close_2).
  reply.raw.on('close', () => leave(flight, request));
  if (behind) {
    behind.push(() => begin(request, done));
    return;
  }
  socket[line] = [];
  done();
}

function leave(flight: Flight, request: FastifyRequest): void {
  const socket: Connection = request.raw.socket;
  flight.requests--;
  if (flight.bodyBytes > 0) flight.bodyBytes -= flight.bytesOf.get(request) ?? 0;
  const next = socket[line]?.shift();
  if (next) next();
  else socket[line] = undefined;
}

/** Many of a connection come in one turn of the event loop, and to answer no costs more than to hear the question. */
function refuse(done: Done): void {
  const no = () => done(tooMuch('requests'));
  const turn = nextTurn();
  if (turn) turn.then(no, done);
  else no();
}

function tooMuch(what: string): Problem {
  return new Problem('busy', `The server has as many ${what} under way as it takes; try again soon`);
}

function isSmall({ headers }: FastifyRequest): boolean {
  const isCoded = (headers['content-encoding'] ?? headers['transfer-encoding']) !== undefined;
  return !isCoded && Number(headers['content-length'] ?? 0) <= smallBody;
}

/** Counts what has arrived rather than what was announced: who announces much and sends nothing takes no room. */
function countBytes(flight: Flight, request: FastifyRequest, payload: RequestPayload): RequestPayload {
  const counted = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      flight.bodyBytes += chunk.length;
      flight.bytesOf.set(request, (flight.bytesOf.get(request) ?? 0) + chunk.length);
      if (flight.bodyBytes > flight.bounds.bodyBytes) done(tooMuch('bytes of bodies'));
      else done(null, chunk);
    },
  });
  payload.on('error', (error) => counted.destroy(error));
  payload.pipe(counted);
  if (!('receivedEncodedLength' in payload)) return counted;
  return Object.defineProperty(counted, 'receivedEncodedLength', {
    get: () => payload.receivedEncodedLength,
  });
}
