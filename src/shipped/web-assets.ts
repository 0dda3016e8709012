import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { OperatorError } from '../values/operator-error.ts';
import { packageRoot } from './package-files.ts';

/** A file that browsers load. Its path tells its content, so that it may be kept for good. */
export type WebAsset = {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
  readonly gzipped: Buffer;
};

export type WebAssets = Readonly<
  Record<'styles' | 'icon' | 'review' | 'link' | 'sampleScript' | 'sampleStyles', WebAsset>
>;

/** What `npm run build` bundled of web/. */
export function loadWebAssets(): WebAssets {
  return {
    styles: readAsset('styles', 'css', 'text/css; charset=utf-8'),
    icon: readAsset('icon', 'svg', 'image/svg+xml'),
    review: readAsset('review-keys', 'js', 'text/javascript; charset=utf-8'),
    link: readAsset('link-viewer', 'js', 'text/javascript; charset=utf-8'),
    sampleScript: readAsset('sample-app', 'js', 'text/javascript; charset=utf-8'),
    sampleStyles: readAsset('sample-app', 'css', 'text/css; charset=utf-8'),
  };
}

function readAsset(name: string, ending: string, type: string): WebAsset {
  const body = readBuilt(join(packageRoot, 'dist', 'assets', `${name}.${ending}`));
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { path: `/app/assets/${name}-${hash}.${ending}`, type, body, gzipped: gzipSync(body) };
}

function readBuilt(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new OperatorError(`${path}: it is not there (npm run build makes it)`, { cause });
  }
}
