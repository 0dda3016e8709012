import { describe, expect, it } from 'vitest';
import { shownPages } from '../unit/web/shown-pages.ts';

describe('the pages of sign-in, consent and account', () => {
  it.each(Object.entries(shownPages('en')))('%s', async (name, html) => {
    // The bytes of a picture are those of the zlib of this Node.
    const shown = html.replaceAll(/(?<=data:image\/png;base64,)[^"]+/g, '…');
    await expect(shown.replaceAll(/(?<=>)(?=<)/g, '\n')).toMatchFileSnapshot(`web-pages/${name}.html`);
  });
});
