import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import en from '../../../src/web/languages/en.json' with { type: 'json' };
import es from '../../../src/web/languages/es.json' with { type: 'json' };

const english: Readonly<Record<string, string>> = en;
const spanish: Readonly<Record<string, string>> = es;
const placeholdersOf = (text = '') => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

describe('the texts of the pages', () => {
  it('have the same keys in the same order in both languages', () => {
    expect(Object.keys(spanish)).toEqual(Object.keys(english));
  });

  it.each(Object.keys(english))('%s has the same placeholders, and is not empty', (key) => {
    expect(placeholdersOf(spanish[key])).toEqual(placeholdersOf(english[key]));
    expect(spanish[key]).toMatch(/\S/);
    expect(english[key]).toMatch(/\S/);
  });

  it('are Spanish in Spanish', () => {
    const same = Object.keys(english).filter((key) => english[key] === spanish[key]);
    // The months that are written alike, and what has no words of its own.
    expect(same.filter((key) => !/^month\.|^date\./.test(key))).toEqual(['shell.error-title']);
  });

  it('are all used', () => {
    const sources = readdirSync('src/web', { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => readFileSync(`src/web/${name}`, 'utf8'))
      .join('\n');
    const built = [...sources.matchAll(/`([a-z-]+\.(?:[a-z]+[.-])*)\$\{/g)].map(([, start = '']) => start);
    const unused = Object.keys(english).filter(
      (key) => !sources.includes(`'${key}'`) && !built.some((start) => key.startsWith(start)),
    );
    expect(unused).toEqual([]);
  });
});
