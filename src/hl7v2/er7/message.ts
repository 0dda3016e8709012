import { type Delimiters, parseDelimiters } from './delimiters.ts';

/** A segment as it was sent. Its fields are cut when somebody asks for one. */
export type Segment = {
  /** MSH, PID, …: what stands before the first delimiter. */
  readonly name: string;
  /** Which one of its name it is in the message, from 1: the second component of ERR-2. */
  readonly occurrence: number;
  readonly raw: string;
  /** What ended it: CR, or LF, CRLF, or nothing. */
  readonly end: string;
  readonly delimiters: Delimiters;
  /** The fields, once they are cut; element 0 is the name. */
  fields?: readonly string[];
  /** It has neither repetitions nor subcomponents nor escapes: most have none, and need not be parted by them. */
  readonly isPlain: boolean;
};

/** A message in ER7, taken apart as far as its segments, which together are what was parsed, to the byte. */
export type Message = {
  readonly delimiters: Delimiters;
  readonly segments: readonly Segment[];
};

/** Why a text is no message. */
export type NoMessage = { readonly kind: 'no-message'; readonly reason: string };

/**
 * A text that begins with MSH. Blank lines, and control characters that cannot stand in a message (MLLP's among them), are
 * kept where they stand, so that what was sent can be given back; they belong to no segment's name.
 */
export function parseMessage(text: string): Message | NoMessage {
  if (!text.startsWith('MSH')) {
    return { kind: 'no-message', reason: 'a message begins with the segment MSH' };
  }
  const delimiters = parseDelimiters(text);
  if (!delimiters) {
    return { kind: 'no-message', reason: 'MSH-1 and MSH-2 do not declare five distinct delimiters' };
  }
  return { delimiters, segments: cutSegments(text, delimiters) };
}

function cutSegments(text: string, delimiters: Delimiters): readonly Segment[] {
  const segments: Segment[] = [];
  const seen = new Map<string, number>();
  const hasLineFeeds = text.includes('\n');
  const { repetition, subcomponent, escape: mark } = delimiters;
  const isFree = openMarks(text, [repetition, subcomponent, mark]);
  for (let at = 0; at < text.length; ) {
    const stop = hasLineFeeds ? endOfLine(text, at) : endOr(text, '\r', at);
    const raw = text.slice(at, stop);
    const isPlain = isFree(at, stop);
    const end = endAt(text, stop);
    at = stop + end.length;
    const name = nameOf(raw, delimiters);
    const occurrence = (seen.get(name) ?? 0) + 1;
    seen.set(name, occurrence);
    segments.push({ name, occurrence, raw, end, delimiters, isPlain });
  }
  return segments;
}

/** Whether a part of a text has none of the marks. Parts are asked for from left to right, so that all is looked at once. */
function openMarks(text: string, marks: readonly string[]): (from: number, to: number) => boolean {
  const next = marks.map((mark) => endOr(text, mark, 0));
  return (from, to) => {
    // A loop over numbers: this is asked of each segment.
    for (let at = 0; at < marks.length; at++) {
      if ((next[at] as number) < from) next[at] = endOr(text, marks[at] as string, from);
      if ((next[at] as number) < to) return false;
    }
    return true;
  };
}

/** A segment's bounds: CR ends it, and LF and CRLF of careless senders do (HL7 v2.5.1 §2.8). */
function endAt(text: string, stop: number): string {
  if (stop >= text.length) return '';
  if (text[stop] === '\n') return '\n';
  return text[stop + 1] === '\n' ? '\r\n' : '\r';
}

function endOr(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found;
}

const lineEnd = /[\r\n]/g;

function endOfLine(text: string, from: number): number {
  lineEnd.lastIndex = from;
  return lineEnd.exec(text)?.index ?? text.length;
}

function nameOf(raw: string, delimiters: Delimiters): string {
  const end = raw.indexOf(delimiters.field);
  return (end < 0 ? raw : raw.slice(0, end)).trim();
}

/** The segments of a name. */
export function segmentsOf(message: Message, name: string): readonly Segment[] {
  return message.segments.filter((segment) => segment.name === name);
}

/** The first segment of a name. */
export function segmentOf(message: Message, name: string): Segment | undefined {
  return message.segments.find((segment) => segment.name === name);
}
