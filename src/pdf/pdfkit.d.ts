/** What is used of the package; the types that others keep of it know neither scopes nor PDF/UA. */
declare module 'pdfkit' {
  export type StructureElement = {
    readonly add: (child: StructureElement) => StructureElement;
    readonly end: () => void;
  };
  type Options = {
    readonly alt?: string;
    readonly scope?: 'Column' | 'Row';
    readonly bbox?: readonly [number, number, number, number];
  };
  type TextOptions = { readonly width?: number; readonly lineBreak?: boolean };
  type Margins = { readonly top: number; bottom: number; readonly left: number; readonly right: number };

  // biome-ignore lint/style/noDefaultExport: the package exports it so.
  export default class PDFDocument {
    constructor(options: {
      readonly size: 'LETTER';
      readonly margins: Margins;
      readonly pdfVersion: '1.7';
      readonly subset: 'PDF/UA';
      readonly tagged: boolean;
      readonly displayTitle: boolean;
      readonly lang: string;
      readonly bufferPages: boolean;
      readonly font: string;
      readonly info: { readonly Title: string; readonly Author: string };
    });
    x: number;
    y: number;
    readonly page: { readonly width: number; readonly height: number; readonly margins: Margins };
    on(event: 'data', listen: (part: Buffer) => void): this;
    on(event: 'end', listen: () => void): this;
    on(event: 'error', listen: (failure: Error) => void): this;
    registerFont(name: string, file: Buffer): this;
    font(name: string): this;
    fontSize(points: number): this;
    heightOfString(text: string, options: TextOptions): number;
    text(text: string, options: TextOptions): this;
    text(text: string, x: number, y: number, options: TextOptions): this;
    moveDown(lines: number): this;
    image(
      png: Buffer,
      x: number,
      y: number,
      options: { readonly width: number; readonly height: number },
    ): this;
    moveTo(x: number, y: number): this;
    lineTo(x: number, y: number): this;
    lineWidth(points: number): this;
    stroke(): this;
    addPage(): this;
    struct(type: string, draw?: () => void): StructureElement;
    struct(type: string, options: Options, draw?: () => void): StructureElement;
    addStructure(root: StructureElement): this;
    markContent(
      tag: 'Artifact',
      options: { readonly type: 'Layout' | 'Pagination'; readonly attached?: readonly string[] },
    ): this;
    endMarkedContent(): this;
    bufferedPageRange(): { readonly start: number; readonly count: number };
    switchToPage(page: number): unknown;
    end(): void;
  }
}

declare module 'fontkit' {
  export function create(file: Buffer): { readonly hasGlyphForCodePoint: (point: number) => boolean };
}
