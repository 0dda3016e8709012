import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { loadWebAssets } from '../../../src/shipped/web-assets.ts';
import { assetsPlugin } from '../../../src/web/assets-plugin.ts';

const assets = loadWebAssets();

async function get(url: string, headers: Readonly<Record<string, string>> = {}) {
  const app = Fastify();
  await app.register(assetsPlugin, { assets: Object.values(assets) });
  return app.inject({ url, headers });
}

it.each(Object.entries(assets))('serves %s under the name of its content, for good', async (_name, asset) => {
  const { statusCode, headers, rawPayload } = await get(asset.path);
  expect(statusCode).toBe(200);
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(headers['content-type']).toBe(asset.type);
  expect(asset.path).toContain(createHash('sha256').update(rawPayload).digest('hex').slice(0, 12));
});

it('is packed for who unpacks it, and for nobody else', async () => {
  const { path, body } = assets.styles;
  const packed = await get(path, { 'accept-encoding': 'br, gzip' });
  expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
  expect(gunzipSync(packed.rawPayload)).toEqual(body);
  expect((await get(path)).headers['content-encoding']).toBeUndefined();
});

it('has nothing under a name of other content', async () => {
  expect((await get('/app/assets/styles-000000000000.css')).statusCode).toBe(404);
});

it('asks for nothing from anywhere else', () => {
  for (const { body } of [assets.styles, assets.sampleStyles])
    expect(String(body)).not.toMatch(/url\(|@import/);
});
