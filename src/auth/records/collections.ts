/**
 * The collections of the authorization server that stay true in another store: accounts, apps, keys, what was granted, and
 * what must not be used or tried again. Pages that somebody is in the middle of are not among them.
 */
export const lastingCollections: readonly string[] = [
  'client',
  'code',
  'device',
  'ehr',
  'grant',
  'jti',
  'key',
  'session',
  'throttle',
  'token',
  'user',
  'user-certificate',
  'user-grant',
  'user-subject',
];
