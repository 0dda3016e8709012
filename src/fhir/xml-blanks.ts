/**
 * The value of an attribute without the blanks around it, which mean nothing in FHIR (R4 xml.html). Those that are written
 * as references (&#32;) are part of the value: so it can be told that a string begins with a blank. `source` holds the
 * attribute as it was written, `end` is the place behind its closing quote.
 */
export function withoutOuterBlanks(value: string, source: string, end: number): string {
  if (!isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(value.length - 1))) return value;
  const close = end - 1;
  const open = source.lastIndexOf(source.charAt(close), close - 1);
  let [first, last, from, to] = [open + 1, close, 0, value.length];
  // Of a carriage return with a line feed XML makes one line end, which is one blank.
  for (; first < close && isBlank(source.charCodeAt(first)); first++)
    if (!isLineEndPair(source, first)) from++;
  for (; last > first && isBlank(source.charCodeAt(last - 1)); last--)
    if (!isLineEndPair(source, last - 1)) to--;
  return value.slice(from, to);
}

/** The same the other way: the escaped text of an attribute whose outer blanks are kept. */
export function keepOuterBlanks(escaped: string): string {
  if (!escaped.startsWith(' ') && !escaped.endsWith(' ')) return escaped;
  let [first, last] = [0, escaped.length];
  while (first < last && escaped.charAt(first) === ' ') first++;
  while (last > first && escaped.charAt(last - 1) === ' ') last--;
  return '&#32;'.repeat(first) + escaped.slice(first, last) + '&#32;'.repeat(escaped.length - last);
}

function isLineEndPair(source: string, at: number): boolean {
  return source.charAt(at) === '\r' && source.charAt(at + 1) === '\n';
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}
