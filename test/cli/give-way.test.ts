import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { useFolder } from '../use-folder.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const atTheEnd =
  "import { getPriority } from 'node:os'; process.on('exit', () => console.error('priority', getPriority()));";

/** With which priority the command ended. */
function priorityOf(...words: readonly string[]): number {
  const told = `data:text/javascript,${encodeURIComponent(atTheEnd)}`;
  const { stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--import', told, main, ...words],
    {
      encoding: 'utf8',
      env: {
        JENNER_STORE: `sqlite:${folder.at('store.sqlite')}`,
        JENNER_DATA: folder.at('data'),
      },
    },
  );
  expect(status, stderr).toBe(0);
  return Number(/priority (-?\d+)/.exec(stderr)?.[1]);
}

const folder = useFolder();

it('lets long work come after what a server is asked, and nothing else', () => {
  const file = folder.at('some.ndjson');
  writeFileSync(file, '{"resourceType":"Patient","id":"p"}\n');
  expect(priorityOf('import', file)).toBe(Math.max(constants.priority.PRIORITY_BELOW_NORMAL, getPriority()));
  expect(priorityOf('jobs')).toBe(getPriority());
});
