import type { VNode } from 'preact';
import { create } from 'qrcode';

/** Four modules of white are part of a code (ISO/IEC 18004). */
const quiet = 4;

/** A health card as SMART Health Cards asks for: `shc:/` in bytes, the rest as digits, at level L. */
export function HealthCardCode({ card, label }: { readonly card: string; readonly label: string }): VNode {
  const digits = [...card].map((letter) => String(letter.charCodeAt(0) - 45).padStart(2, '0')).join('');
  const { modules } = create(
    [
      { data: 'shc:/', mode: 'byte' },
      { data: digits, mode: 'numeric' },
    ],
    { errorCorrectionLevel: 'L' },
  );
  const side = modules.size + 2 * quiet;
  return (
    <svg class="code" role="img" aria-label={label} viewBox={`0 0 ${side} ${side}`} width="280" height="280">
      <rect width={side} height={side} fill="#ffffff" />
      <path d={pathOf(modules)} fill="#000000" shape-rendering="crispEdges" />
    </svg>
  );
}

/** A run of dark modules is one stroke: a third of the bytes of a square each. */
function pathOf(modules: {
  readonly size: number;
  readonly get: (row: number, column: number) => number;
}): string {
  const strokes: string[] = [];
  for (let row = 0; row < modules.size; row++) {
    let column = 0;
    while (column < modules.size) {
      const start = column;
      while (column < modules.size && modules.get(row, column)) column++;
      if (column > start)
        strokes.push(`M${start + quiet} ${row + quiet}h${column - start}v1h-${column - start}z`);
      column++;
    }
  }
  return strokes.join('');
}
