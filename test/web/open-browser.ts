import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian, Fedora and Chrome's own packages put it. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const executablePath = places.find((place) => existsSync(place));

/** Why the tests of this folder are skipped; undefined where there is a browser. */
export const noBrowser =
  executablePath === undefined ? `no Chromium in ${places.join(', ')}: apt-get install chromium` : undefined;

export function openBrowser(): Promise<Browser> {
  // As root, and in most containers, Chromium cannot make its sandbox.
  return chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
}
