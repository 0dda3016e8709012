import { once } from 'node:events';
import { constants, getPriority, platform } from 'node:os';
import { expect, it } from 'vitest';
import { giveWay } from '../../../src/thread/give-way.ts';
import { startThread } from '../../../src/thread/start-thread.ts';

it.runIf(platform() === 'linux')(
  'lets a thread give way, and not the one that answers requests',
  async () => {
    const before = getPriority();
    const thread = startThread(new URL('./given-way-thread.js', import.meta.url));
    const [priority] = await once(thread, 'message');
    await thread.terminate();
    expect(priority).toBe(Math.max(before, constants.priority.PRIORITY_BELOW_NORMAL));
    expect(getPriority()).toBe(before);
  },
);

it('leaves the first thread of a process as it is', () => {
  const before = getPriority();
  giveWay();
  expect(getPriority(process.pid)).toBe(before);
});
