// What one request costs a server in a turn, for benches that ask several servers in turns.
import { load } from './http-client.mjs';
import { cpuMilliseconds } from './server-process.mjs';

/**
 * CPU milliseconds of one request. `settleMs`: how long what the server leaves for later, as the rows of the audit, is
 * waited for and counted.
 */
export async function costOfRequest(
  { port, server },
  next,
  { seconds = 0.5, awake = true, settleMs = 0 } = {},
) {
  const before = cpuMilliseconds(server.pid);
  const { requests, statuses } = await load({ port, connections: 16, seconds, next, awake });
  const wrong = Object.keys(statuses).filter((status) => !status.startsWith('2'));
  if (wrong.length > 0) throw new Error(`${port} answered ${JSON.stringify(statuses)}`);
  if (settleMs > 0) await new Promise((resolve) => setTimeout(resolve, settleMs));
  return (cpuMilliseconds(server.pid) - before) / requests;
}

export function middle(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
