import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogues } from '../../../src/web/languages/catalogues.ts';

const english: Readonly<Record<string, string>> = catalogues.en;
const spanish: Readonly<Record<string, string>> = catalogues.es;
const folder = 'src/web/languages';
const filesOf = (language: string) =>
  readdirSync(folder)
    .filter((name) => name === `${language}.json` || name.endsWith(`.${language}.json`))
    .sort();
const read = (name: string) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as object;
const placeholdersOf = (text = '') => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

describe('the texts of the pages', () => {
  it('have the same keys in the same order in both languages, file by file', () => {
    const keys = (language: string) => filesOf(language).map((name) => Object.keys(read(name)));
    expect(keys('es')).toEqual(keys('en'));
    expect(Object.keys(spanish)).toEqual(Object.keys(english));
  });

  it('are all in the catalogue, and no key stands in two files', () => {
    const all = filesOf('en').flatMap((name) => Object.keys(read(name)));
    expect(all.sort()).toEqual(Object.keys(english).sort());
    expect(new Set(all).size).toBe(all.length);
  });

  it('have both forms of each number', () => {
    const of = (form: string) =>
      Object.keys(english)
        .filter((key) => key.endsWith(`.${form}`))
        .map((key) => key.slice(0, -form.length - 1));
    expect(of('one').filter((key) => !of('other').includes(key))).toEqual([]);
  });

  it.each(Object.keys(english))('%s has the same placeholders, and is not empty', (key) => {
    expect(placeholdersOf(spanish[key])).toEqual(placeholdersOf(english[key]));
    expect(spanish[key]).toMatch(/\S/);
    expect(english[key]).toMatch(/\S/);
  });

  it('are Spanish in Spanish', () => {
    const same = Object.keys(english).filter((key) => english[key] === spanish[key]);
    // The months and diseases that are written alike, and what has no words of its own.
    expect(same.filter((key) => !/^month\.|^date\.|^group\./.test(key))).toEqual([
      'shell.error-title',
      'mark.with-reason',
    ]);
  });

  it('are all used', () => {
    const sources = readdirSync('src/web', { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => readFileSync(`src/web/${name}`, 'utf8'))
      .join('\n');
    const built = [...sources.matchAll(/`([a-z-]+\.(?:[a-z]+[.-])*)\$\{/g)].map(([, start = '']) => start);
    const unused = Object.keys(english).filter(
      (key) =>
        !sources.includes(`'${key.replace(/\.(one|other)$/, '')}'`) &&
        !sources.includes(`'${key}'`) &&
        !built.some((start) => key.startsWith(start)),
    );
    expect(unused).toEqual([]);
  });
});
