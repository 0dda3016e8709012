// A lean HTTP/1.1 client over raw sockets: one request at a time on each connection, so that the client costs little
// beside the server that is measured.
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

/** Sends requests from `next()` over `connections` sockets for some seconds; answers rate, latencies and statuses. */
export async function load({ port, connections, seconds, next, awake = true }) {
  const latencies = [];
  const statuses = {};
  const until = performance.now() + seconds * 1000;
  const started = performance.now();
  const rest = awake ? stayAwake() : () => undefined;
  await Promise.all(Array.from({ length: connections }, () => drive(port, next, until, latencies, statuses)));
  rest();
  const elapsed = (performance.now() - started) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0;
  return {
    requests: latencies.length,
    perSecond: latencies.length / elapsed,
    p50: at(0.5),
    p99: at(0.99),
    statuses,
  };
}

/**
 * The client polls and never sleeps. To wake it costs the server, most of all on a virtual machine, and only a
 * client that waits for its server sleeps: the limit, which keeps the client busy, would be measured without it.
 */
function stayAwake() {
  let isAwake = true;
  const turn = () => {
    if (isAwake) setImmediate(turn);
  };
  turn();
  return () => {
    isAwake = false;
  };
}

function drive(port, next, until, latencies, statuses) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    let pending = Buffer.alloc(0);
    let sentAt = 0;
    const send = () => {
      if (performance.now() >= until) {
        socket.end();
        resolve();
        return;
      }
      sentAt = performance.now();
      socket.write(next());
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const whole = wholeAnswer(pending);
      if (!whole) return;
      pending = pending.subarray(whole.length);
      latencies.push(performance.now() - sentAt);
      statuses[whole.status] = (statuses[whole.status] ?? 0) + 1;
      send();
    });
  });
}

function wholeAnswer(buffer) {
  const end = buffer.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = buffer.toString('latin1', 0, end);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const total = end + 4 + length;
  return buffer.length < total ? undefined : { length: total, status: head.slice(9, 12) };
}

export function getRequest(path) {
  return `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/fhir+json\r\n\r\n`;
}

export function postRequest(path, body) {
  const length = Buffer.byteLength(body);
  return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/fhir+json\r\ncontent-length: ${length}\r\n\r\n${body}`;
}
