/** Options of a URL that hold a secret, as drivers name them: tlsCertificateKeyFilePassword, AWS_SESSION_TOKEN in properties. */
const secretNames = /pass|pwd|secret|token|credential|signature|api-?key|authMechanismProperties/i;

const shown = '********';

/**
 * A text with URLs in it as it may be shown: `mongodb://user:********@host/?tlsCertificateKeyFilePassword=********`. A
 * password may have an `@` or `/` that should have been encoded: all up to the last `@` is taken for it.
 */
export function maskSecrets(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^:@/?#\s]*):[^\s]*@/gi, `$1:${shown}@`)
    .replace(/([?&;])([^=&?#;\s]+)=([^&#;\s]*)/g, (whole, before: string, name: string) =>
      secretNames.test(decoded(name)) ? `${before}${name}=${shown}` : whole,
    );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
