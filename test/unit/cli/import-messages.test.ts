import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { importMessages } from '../../../src/cli/import-messages.ts';
import { openAccount } from '../../../src/hl7v2/open-account.ts';
import { useFolder } from '../../use-folder.ts';

const folder = useFolder('each');

it('takes no more messages once nobody waits, and answers those under way', async () => {
  const path = folder.at('many.hl7');
  writeFileSync(path, Array.from({ length: 200 }, (_, n) => `MSH|^~\\&|A\rPID|1||${n}\r`).join(''));
  const stop = new AbortController();
  const told = { begun: 0, ended: 0 };
  const answer = async () => {
    if (++told.begun === 20) stop.abort(new Error('interrupted'));
    await sleep(5);
    told.ended++;
    return 'MSH|^~\\&\rMSA|AA|1\r';
  };
  const progress = { begin: () => undefined, advance: () => undefined, end: () => undefined };
  const source = { path, bytes: 1, gzip: false } as Parameters<typeof importMessages>[0][number];
  const options = { answer, account: openAccount, rejectedDirectory: folder.at('.'), progress };
  await expect(importMessages([source], { ...options, signal: stop.signal })).rejects.toThrow('interrupted');
  expect(told.begun).toBe(20);
  expect(told.ended).toBe(told.begun);
});
