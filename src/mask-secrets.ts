/** Options of a URL that hold a secret, as drivers name them: tlsCertificateKeyFilePassword, AWS_SESSION_TOKEN in properties. */
const secretNames =
  /pass|pwd|secret|token|credential|signature|api[-_]?key|access[-_]?key|authMechanismProperties|^(?:sig|key|code|auth|authorization|jwt)$/i;

const shown = '********';

/**
 * A URL as it may be shown: `mongodb://user:********@host/?tlsCertificateKeyFilePassword=********`. One that cannot be
 * parsed is what shows a secret most easily, so nothing is taken for granted: what might be one is masked, be it blanks,
 * `@` or `/` that should have been encoded, slashes that are missing, or a password where a port is expected.
 */
export function maskSecrets(text: string): string {
  return maskPassword(text).split('&').map(maskOption).join('&');
}

function maskPassword(text: string): string {
  const [head = ''] = /^(?:[a-z][a-z0-9+.-]+:)?[/\\]*/i.exec(text) ?? [];
  const end = text.lastIndexOf('@');
  if (end < head.length) return maskPorts(head, text.slice(head.length));
  const before = text.slice(head.length, end);
  const colon = before.search(/:|%3a/i);
  if (colon >= 0) return `${head}${before.slice(0, colon)}:${shown}${text.slice(end)}`;
  // `user:password@host`, without a scheme; a file may have an `@` in its name.
  const isName = !head.endsWith(':') || /^sqlite:/i.test(head);
  return isName ? text : `${head}${shown}${text.slice(end)}`;
}

/** `mongodb://user:password`, where the host was forgotten. */
function maskPorts(head: string, rest: string): string {
  if (!/:[/\\]{2}|mongodb/i.test(head) || rest.startsWith('[')) return head + rest;
  const [hosts = ''] = /^[^/?#]*/.exec(rest) ?? [];
  const masked = hosts.replace(/:([^,]*)/g, (whole, port: string) =>
    /^[0-9]{1,5}$/.test(port) ? whole : `:${shown}`,
  );
  return head + masked + rest.slice(hosts.length);
}

/** What stands between two `&`: all behind the name of a secret. */
function maskOption(option: string): string {
  for (const { 0: whole, 1: name = '', index } of option.matchAll(/(?:^|[?;#/\s])([^=?;#/\s]+)=/g)) {
    if (secretNames.test(decoded(name))) return `${option.slice(0, index + whole.length)}${shown}`;
  }
  return option;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
