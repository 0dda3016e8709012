import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

type Node = { readonly role?: string; readonly alt?: string; readonly children?: readonly Node[] };

export type ReadPdf = {
  readonly title: unknown;
  readonly language: unknown;
  readonly isTagged: boolean;
  readonly pages: readonly {
    /** The words of each element, in the order in which they are read; what is there for the eye alone is not. */
    readonly read: readonly { readonly role: string; readonly words: string }[];
    readonly alts: readonly string[];
    /** All that stands on it. */
    readonly text: string;
  }[];
};

/** What a PDF says, by another library than the one that writes. */
export async function readPdf(bytes: Uint8Array): Promise<ReadPdf> {
  const pdf = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise;
  const { info } = (await pdf.getMetadata()) as { info: { Title?: unknown; Language?: unknown } };
  const pages: ReadPdf['pages'][number][] = [];
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent({ includeMarkedContent: true });
    const tree = (await page.getStructTree()) as Node | null;
    pages.push({
      ...inOrder(tree, wordsByContent(items)),
      text: items.map((item) => ('str' in item ? item.str : '')).join(' '),
    });
  }
  const isTagged = ((await pdf.getMarkInfo()) as { Marked?: boolean } | null)?.Marked === true;
  await pdf.destroy();
  return { title: info.Title, language: info.Language, isTagged, pages };
}

type Item = { readonly str: string } | { readonly type: string; readonly id?: string };

function wordsByContent(items: readonly object[]): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  const open: string[] = [];
  for (const item of items as readonly Item[]) {
    if ('str' in item) {
      const id = open.at(-1) ?? '';
      words.set(id, `${words.get(id) ?? ''}${item.str === '' ? ' ' : item.str}`);
    } else if (item.type.startsWith('begin')) open.push(item.id ?? '');
    else open.pop();
  }
  return words;
}

function inOrder(tree: Node | null, words: ReadonlyMap<string, string>) {
  const read: { role: string; words: string }[] = [];
  const alts: string[] = [];
  const visit = (node: Node & { readonly id?: string }, role: string): void => {
    if (node.alt !== undefined) alts.push(node.alt);
    if (node.id !== undefined) read.push({ role, words: (words.get(node.id) ?? '').trim() });
    for (const child of node.children ?? []) visit(child, node.role ?? role);
  };
  if (tree) visit(tree, '');
  return { read, alts };
}
