import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openTestServer } from '../http/open-test-server.ts';

const path = 'docs/hl7v2.md';
const pair = /```hl7 message\n([\s\S]*?)```\n\n```hl7 answer\n([\s\S]*?)```/g;

/** What is another one at every run: MSH-7 and MSH-10 of the answer, and the ids of resources. */
function settled(answer: string): string {
  return answer
    .replace(/\r/g, '\n')
    .replace(/^(MSH(?:\|[^|]*){5}\|)[^|]*(\|\|[^|]*\|)[^|]*/, '$120250115120000.000+0000$2A-1')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'id-of-the-registry');
}

it('answers the examples of the guide as the guide says (npm run golden writes them)', async () => {
  const server = await openTestServer({ matching: 'automatic' });
  const document = readFileSync(path, 'utf8');
  let written = document;
  for (const [whole, message = '', told = ''] of document.matchAll(pair)) {
    const body = message.trimEnd().replaceAll('\n', '\r');
    const { text } = await server.send('POST', '/hl7v2', `${body}\r`, {
      'content-type': 'application/hl7-v2',
    });
    const answer = settled(text);
    written = written.replace(whole, () =>
      whole.replace(`\`\`\`hl7 answer\n${told}`, () => `\`\`\`hl7 answer\n${answer}`),
    );
  }
  await server.close();
  await expect(written).toMatchFileSnapshot('../../docs/hl7v2.md');
});
