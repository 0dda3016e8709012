import { crc32, deflateSync } from 'node:zlib';
import type { VNode } from 'preact';
import { create } from 'qrcode';

/** Four modules of white are part of a code (ISO/IEC 18004). */
const quiet = 4;

/** A health card as SMART Health Cards asks for. */
export function HealthCardCode({ card, label }: { readonly card: string; readonly label: string }): VNode {
  return <Code png={healthCardPng(card)} label={label} />;
}

/** `shc:/` in bytes, the rest as digits, at level L. */
export function healthCardPng(card: string): Buffer {
  const digits = [...card].map((letter) => String(letter.charCodeAt(0) - 45).padStart(2, '0')).join('');
  const { modules } = create(
    [
      { data: 'shc:/', mode: 'byte' },
      { data: digits, mode: 'numeric' },
    ],
    { errorCorrectionLevel: 'L' },
  );
  return toPng(modules);
}

/** An address, for a camera. */
export function LinkCode({ link, label }: { readonly link: string; readonly label: string }): VNode {
  const { modules } = create([{ data: link, mode: 'byte' }], { errorCorrectionLevel: 'M' });
  return <Code png={toPng(modules)} label={label} />;
}

function Code({ png, label }: { readonly png: Buffer; readonly label: string }): VNode {
  const source = `data:image/png;base64,${png.toString('base64')}`;
  return <img class="code" src={source} alt={label} width="280" height="280" />;
}

type Modules = { readonly size: number; readonly get: (row: number, column: number) => number };

/** A pixel a module and a bit a pixel: a drawing of the same would be four times as many bytes of the page. */
function toPng(modules: Modules): Buffer {
  const side = modules.size + 2 * quiet;
  const bytes = Math.ceil(side / 8);
  // Each row begins with its filter: none.
  const rows = Buffer.alloc((bytes + 1) * side, 0xff);
  for (let row = 0; row < side; row++) {
    const start = row * (bytes + 1);
    rows[start] = 0;
    for (let column = 0; column < side; column++) {
      if (!isDark(modules, row - quiet, column - quiet)) continue;
      const at = start + 1 + (column >> 3);
      rows[at] = (rows[at] ?? 0) & ~(0x80 >> (column & 7));
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  // One bit a pixel, of grey.
  head[8] = 1;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function isDark(modules: Modules, row: number, column: number): boolean {
  const isInside = row >= 0 && column >= 0 && row < modules.size && column < modules.size;
  return isInside && modules.get(row, column) !== 0;
}

/** PNG, 5.3. */
function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([around.subarray(0, 4), named, around.subarray(4)]);
}
