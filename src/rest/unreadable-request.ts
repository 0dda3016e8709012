import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Problem, toErrorAnswer } from '../fhir/problem.ts';
import { contentTypes } from './write-answer.ts';

/**
 * Answers what Node could not read as HTTP, for which there is neither request nor reply. Clients parse the body of
 * every failure as an OperationOutcome.
 */
export function answerUnreadable(error: { readonly code?: string }, socket: Socket): void {
  // The client is gone: https://nodejs.org/api/http.html#event-clienterror
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const { status, outcome } = toErrorAnswer(problemOf(error.code), '');
  const body = JSON.stringify(outcome);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${contentTypes.json}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function problemOf(code: string | undefined): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem(
        'headers-too-large',
        'URL and headers are longer than 16 KiB together; POST a search to _search',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('too-slow', 'The request did not arrive in time');
    default:
      return new Problem('invalid-syntax', 'The request is not well-formed HTTP/1.1');
  }
}
