import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

export type TestFolder = {
  readonly path: string;
  /** The path of a file in it. */
  readonly at: (name: string) => string;
  /** Writes a file in it; answers its path. */
  readonly write: (name: string, content: string | Uint8Array) => string;
};

/** A new folder for each test of the file, or one for all of them; removed after everything else. */
export function useFolder(scope: 'each' | 'all' = 'each'): TestFolder {
  let path = '';
  const make = () => {
    path = mkdtempSync(join(tmpdir(), 'jenner-test-'));
  };
  const remove = () => rmSync(path, { recursive: true });
  if (scope === 'each') {
    beforeEach(make);
    afterEach(remove);
  } else {
    beforeAll(make);
    afterAll(remove);
  }
  const made = () => {
    if (path === '') throw new Error('There is no folder before the tests begin.');
    return path;
  };
  const at = (name: string) => join(made(), name);
  return {
    get path() {
      return made();
    },
    at,
    write: (name, content) => {
      writeFileSync(at(name), content);
      return at(name);
    },
  };
}
