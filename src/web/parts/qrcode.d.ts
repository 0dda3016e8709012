/** What is used of the package, which has no types of its own. */
declare module 'qrcode' {
  type Segment = { readonly data: string; readonly mode: 'byte' | 'numeric' };
  type Modules = { readonly size: number; readonly get: (row: number, column: number) => number };
  export function create(
    segments: readonly Segment[],
    options: { readonly errorCorrectionLevel: 'L' | 'M' },
  ): { readonly modules: Modules };
}
