// node tools/take-pictures.mjs: makes anew the pictures of docs/pictures from `jenner demo`, in Chromium.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const wide = { viewport: { width: 1200, height: 860 } };
const phone = { viewport: { width: 390, height: 860 }, deviceScaleFactor: 2 };

/** Whom the demo has for it: docs/demo-data.md. */
const late = 'demo-p-000005';

/** Who looks at what, and how. */
const pictures = [
  { name: 'record', login: 'mother', path: `/app/record/${late}`, options: wide },
  {
    name: 'record-phone',
    login: 'mother',
    path: `/app/record/${late}?lang=es`,
    options: { ...phone, colorScheme: 'dark' },
  },
  { name: 'visit', login: 'clinician', path: `/app/patients/${late}`, options: wide },
  { name: 'duplicates', login: 'clerk', path: '/app/review', open: '/app/review/', options: wide },
];

const folder = 'docs/pictures';
mkdirSync(folder, { recursive: true });
const data = mkdtempSync(join(tmpdir(), 'jenner-pictures-'));
const described = join(data, 'demo.json');
const port = '8199';
const demo = spawn(process.execPath, ['dist/main.js', 'demo', '--people', '50', '--describe', described], {
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...process.env, JENNER_PORT: port, JENNER_DATA: data },
});
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  while (!existsSync(described)) await sleep(200);
  const { users } = JSON.parse(readFileSync(described, 'utf8'));
  for (const picture of pictures) await take(picture, users);
} finally {
  await browser.close();
  demo.kill('SIGTERM');
  await new Promise((resolve) => demo.once('exit', resolve));
  rmSync(data, { recursive: true });
}

async function take({ name, login, path, open, options }, users) {
  const context = await browser.newContext({ ...options, baseURL: `http://127.0.0.1:${port}` });
  const page = await context.newPage();
  await page.goto('/auth/sign-in?next=%2Fapp');
  await page.getByLabel('User name').fill(login);
  await page.getByLabel('Password').fill(users.find((one) => one.login === login).password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.goto(path);
  if (open) await page.locator(`a[href^="${open}"]`).first().click();
  await page.waitForLoadState();
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(`${folder}/${name}.png: ${page.url()}`);
  await context.close();
}
