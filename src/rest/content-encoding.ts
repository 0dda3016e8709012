import { pipeline, type Readable } from 'node:stream';
import { constants, createGunzip, createGzip, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest, RequestPayload } from 'fastify';
import { Problem } from '../fhir/problem.ts';
import { headerOf } from './request-options.ts';
import { varyBy } from './vary.ts';

/** R4 http.html#gzip: bodies may come with gzip, and go so to clients that accept it. */
export function acceptGzip(app: FastifyInstance): void {
  app.addHook('preParsing', (request, reply, payload, done) => {
    const coding = (headerOf(request, 'content-encoding') ?? 'identity').trim().toLowerCase();
    if (coding === 'identity') return done(null, payload);
    if (coding === 'gzip' || coding === 'x-gzip') return done(null, unzip(payload));
    reply.header('accept-encoding', 'gzip');
    const text = `This server reads bodies with Content-Encoding gzip, not ${coding}`;
    return done(new Problem('unsupported-media-type', text));
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    if (typeof payload !== 'string' || payload.length < smallestZipped) return done(null, payload);
    varyBy(reply, 'accept, accept-encoding');
    if (!acceptsGzip(request)) return done(null, payload);
    gzip(payload, { level: constants.Z_BEST_SPEED }, (error, zipped) => {
      if (error) return done(error);
      reply.header('content-encoding', 'gzip');
      return done(null, zipped);
    });
  });
}

/** The bytes of a long answer, which leave as they are made, packed for who accepts it. */
export function zipLong(request: FastifyRequest, reply: FastifyReply, bytes: Readable): Readable {
  varyBy(reply, 'accept, accept-encoding');
  if (!acceptsGzip(request)) return bytes;
  reply.header('content-encoding', 'gzip');
  return pipeline(bytes, createGzip({ level: constants.Z_BEST_SPEED }), () => undefined);
}

/** What is smaller goes in one packet either way. */
const smallestZipped = 1200;

/** Fastify compares the bytes that arrived with Content-Length, and what they became with its limit. */
function unzip(payload: RequestPayload): RequestPayload {
  const unzipped = createGunzip();
  payload.on('error', (error) => unzipped.destroy(error));
  return Object.defineProperty(payload.pipe(unzipped), 'receivedEncodedLength', {
    get: () => unzipped.bytesWritten,
  });
}

/** RFC 9110, 12.5.3: what is said of gzip itself counts before `*`. */
function acceptsGzip(request: FastifyRequest): boolean {
  const accepted = headerOf(request, 'accept-encoding');
  if (accepted === undefined) return false;
  const weights = new Map(accepted.toLowerCase().split(',').map(toWeight));
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}

function toWeight(range: string): readonly [coding: string, weight: number] {
  const [coding = '', parameter = ''] = range.split(';').map((part) => part.trim());
  const [, weight = '1'] = /^q=([\d.]+)$/.exec(parameter) ?? [];
  return [coding, Number(weight)];
}
