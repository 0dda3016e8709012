/** Of a page that nobody may frame, keep or script. `formAction` is where its forms may lead. */
export function pageHeaders(formAction = "'self'"): Readonly<Record<string, string>> {
  return {
    'content-security-policy': `${policy}; form-action ${formAction}`,
    'x-frame-options': 'DENY',
    'cache-control': 'private, no-store',
    // A form that is sent without a referrer would not say where it comes from.
    'referrer-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    'content-type': 'text/html; charset=utf-8',
  };
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');
