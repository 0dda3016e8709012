import { tableOf } from '../../values/table-of.ts';
import type { Finding } from '../finding.ts';

/** What was read, and what is told of how. */
export type DecodedEr7 = { readonly text: string; readonly findings: readonly Finding[] };

type Charset = 'utf-8' | 'iso-8859-1' | 'us-ascii' | 'utf-16le' | 'utf-16be';

/** How HTTP and MSH-18 (table 0211) name character sets. */
const charsets: Readonly<Record<string, Charset>> = tableOf({
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  unicode: 'utf-8',
  'unicode utf-8': 'utf-8',
  'iso-8859-1': 'iso-8859-1',
  latin1: 'iso-8859-1',
  'windows-1252': 'iso-8859-1',
  '8859/1': 'iso-8859-1',
  'us-ascii': 'us-ascii',
  ascii: 'us-ascii',
  'iso ir6': 'us-ascii',
});

/**
 * The text of a message: by its byte order mark, else as HTTP declares it, else as MSH-18 does, else as UTF-8 (HL7 v2.5.1
 * §2.14.9.18). Bytes that are no UTF-8 are read as Latin-1, which reads any, and that is told.
 */
export function decodeEr7(bytes: Uint8Array, declared?: string): DecodedEr7 {
  const marked = byMark(bytes);
  if (marked) return { text: read(bytes, marked), findings: [] };
  const named = declared ?? charsetOfMsh(bytes);
  const charset = named === undefined ? 'utf-8' : charsets[named.trim().toLowerCase()];
  if (charset === undefined) {
    const { text } = readUtf8OrLatin1(bytes);
    return {
      text,
      findings: [
        warning(`The character set "${named}" is not known here; the message was read as UTF-8 or Latin-1.`),
      ],
    };
  }
  if (charset === 'iso-8859-1') return { text: read(bytes, charset), findings: [] };
  const { text, isUtf8 } = readUtf8OrLatin1(bytes);
  if (isUtf8) return { text, findings: [] };
  const said =
    named === undefined
      ? 'The message declares no character set and'
      : `The message is declared as ${named} and`;
  return { text, findings: [warning(`${said} is no UTF-8; it was read as Latin-1 (MSH-18 8859/1).`)] };
}

function byMark([first, second, third]: Uint8Array): Charset | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

/** A decoder drops the mark of its own set; what a label of Latin-1 means to it is Windows-1252. */
function read(bytes: Uint8Array, charset: Charset): string {
  return charset === 'iso-8859-1' ? latin1(bytes) : new TextDecoder(charset).decode(bytes);
}

function readUtf8OrLatin1(bytes: Uint8Array): { readonly text: string; readonly isUtf8: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), isUtf8: true };
  } catch {
    return { text: latin1(bytes), isUtf8: false };
  }
}

const latin1 = (bytes: Uint8Array): string => new TextDecoder('windows-1252').decode(bytes);

/** MSH-18 of a message whose delimiters are ASCII, as all that it may name have them. */
function charsetOfMsh(bytes: Uint8Array): string | undefined {
  const head = latin1(bytes.subarray(0, 4096)).trimStart();
  if (!head.startsWith('MSH')) return undefined;
  const segment = head.split(/[\r\n]/, 1)[0] ?? '';
  const field = segment.split(segment[3] ?? '|')[17] ?? '';
  const named = field.split(segment[5] ?? '~', 1)[0];
  return named === '' || named === '""' ? undefined : named;
}

const warning = (text: string): Finding => ({
  severity: 'W',
  code: '102',
  application: '4',
  location: { segment: 'MSH', occurrence: 1, field: 18, repetition: 1 },
  text,
});
