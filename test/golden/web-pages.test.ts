import { describe, expect, it } from 'vitest';
import { shownPages } from '../unit/web/shown-pages.ts';

describe('the pages of sign-in, consent and account', () => {
  it.each(Object.entries(shownPages('en')))('%s', async (name, html) => {
    await expect(html.replaceAll(/(?<=>)(?=<)/g, '\n')).toMatchFileSnapshot(`web-pages/${name}.html`);
  });
});
