import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('holds documents to their width, their links and what the code says', () => {
  expect(execFileSync(process.execPath, ['tools/check-docs.mjs'], { encoding: 'utf8' })).toMatch(/no fault/);
});

it('finds tables and rules of CDSi, written one by one or as a span', () => {
  const index = readFileSync('docs/cdsi-index.md', 'utf8');
  const filesOf = (name: string) => new RegExp(`^\\| ${name} \\| (.*) \\|$`, 'm').exec(index)?.[1];
  expect(filesOf('6-15')).toContain('evaluate-age.ts');
  expect(filesOf('7-6')).toContain('contraindications.ts');
  expect(filesOf('CALCDTAGE-4')).toContain('evaluate-age.ts');
  expect(filesOf('FORECASTVG-5')).toContain('vaccine-group-forecast.ts');
  expect(filesOf('SELECTB-23')).toContain('.ts');
  expect(filesOf('6.2')).toContain('conditional-skip.ts');
});
