/** Every setting: environment variable, default, meaning, and how its text is read. README and `jenner config` show it. */
type Setting<Value> = {
  readonly name: string;
  readonly fallback: string;
  readonly meaning: string;
  readonly secret?: true;
  readonly parse: (text: string) => Value | ConfigFault;
};

/** Says what was expected of a value. */
type ConfigFault = { readonly expected: string };

export type StoreLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'sqlite-memory' }
  | { readonly kind: 'mongodb'; readonly url: string };

export type AuthMode = 'smart' | 'off';

type DeclaredProfiles = 'error' | 'warning' | 'ignore';

type DeleteReferred = 'refuse' | 'allow';

export type Config = {
  readonly host: string;
  readonly port: number;
  /** What clients see, without a trailing slash; the FHIR base is this + /fhir. */
  readonly publicUrl: string;
  readonly store: StoreLocation;
  readonly auth: AuthMode;
  readonly data: string;
  readonly log: string;
  /** The MLLP listener is not part of this version: it can only be off. */
  readonly hl7Port: 'off';
  readonly immdsFits: boolean;
  readonly profiles: readonly string[];
  readonly declaredProfiles: DeclaredProfiles;
  readonly deleteReferred: DeleteReferred;
  readonly fullText: boolean;
  /** Requests a second of one client; undefined = as many as it sends. */
  readonly rateLimit: number | undefined;
};

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const settings = {
  host: setting<string>('JENNER_HOST', '127.0.0.1', 'address to listen on', (text) => text),
  port: setting<number>('JENNER_PORT', '8080', 'port to listen on', (text) =>
    /^[0-9]{1,5}$/.test(text) && Number(text) < 65_536
      ? Number(text)
      : { expected: 'a port from 0 to 65535' },
  ),
  publicUrl: setting<string>(
    'JENNER_PUBLIC_URL',
    '',
    'URL that clients see; http://HOST:PORT when empty',
    parsePublicUrl,
  ),
  store: setting<StoreLocation>(
    'JENNER_STORE',
    'sqlite:data/jenner.sqlite',
    'sqlite:PATH, sqlite::memory: or a mongodb:// or mongodb+srv:// URL with the database in its path',
    parseStore,
  ),
  auth: setting<AuthMode>('JENNER_AUTH', 'smart', 'smart, or off on a loopback address', (text) =>
    text === 'smart' || text === 'off' ? text : { expected: 'smart or off' },
  ),
  data: setting<string>('JENNER_DATA', 'data', 'folder for schedules, keys and files', (text) => text),
  log: setting<string>('JENNER_LOG', 'info', `log level: ${logLevels.join(', ')}`, (text) =>
    logLevels.some((level) => level === text) ? text : { expected: `one of ${logLevels.join(', ')}` },
  ),
  hl7Port: setting<'off'>(
    'JENNER_HL7_PORT',
    'off',
    'port of the HL7 v2 MLLP listener; off until there is one',
    (text) => (text === 'off' ? text : { expected: 'off; this version has no HL7 v2 listener' }),
  ),
  immdsFits: setting<boolean>(
    'JENNER_IMMDS_FITS',
    'off',
    "on: $immds-forecast answers as NIST's FITS client reads it",
    (text) => (text === 'on' || text === 'off' ? text === 'on' : { expected: 'on or off' }),
  ),
  profiles: setting<readonly string[]>(
    'JENNER_PROFILES',
    '',
    'profiles that every resource of their type must meet: canonical URLs with commas between them',
    (text) =>
      text
        .split(',')
        .map((url) => url.trim())
        .filter((url) => url !== ''),
  ),
  declaredProfiles: setting<DeclaredProfiles>(
    'JENNER_DECLARED_PROFILES',
    'error',
    'what a profile claimed in meta.profile is worth: error (refused when not met), warning or ignore',
    (text) =>
      text === 'error' || text === 'warning' || text === 'ignore'
        ? text
        : { expected: 'error, warning or ignore' },
  ),
  deleteReferred: setting<DeleteReferred>(
    'JENNER_DELETE_REFERRED',
    'refuse',
    'what a delete of a resource that others refer to is: refuse (409) or allow',
    (text) => (text === 'refuse' || text === 'allow' ? text : { expected: 'refuse or allow' }),
  ),
  fullText: setting<boolean>(
    'JENNER_FULL_TEXT',
    'off',
    'on: words are indexed for the searches _text and _content (run jenner reindex after turning it on)',
    (text) => (text === 'on' || text === 'off' ? text === 'on' : { expected: 'on or off' }),
  ),
  rateLimit: setting<number | undefined>(
    'JENNER_RATE_LIMIT',
    'off',
    'requests a second that one address may send, ten seconds of them at once; past it 429; off: no limit',
    (text) => {
      if (text === 'off') return undefined;
      return /^[1-9][0-9]{0,5}$/.test(text) ? Number(text) : { expected: 'off or a number from 1 to 999999' };
    },
  ),
};

function setting<Value>(
  name: string,
  fallback: string,
  meaning: string,
  parse: (text: string) => Value | ConfigFault,
): Setting<Value> {
  return { name, fallback, meaning, parse };
}

function parsePublicUrl(text: string): string | ConfigFault {
  if (text === '') return text;
  const valid = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && !/[?#]/.test(text);
  return valid ? text.replace(/\/+$/, '') : { expected: 'an http or https URL without query' };
}

function parseStore(text: string): StoreLocation | ConfigFault {
  if (text === 'sqlite::memory:') return { kind: 'sqlite-memory' };
  if (/^mongodb(?:\+srv)?:\/\/[^/?]+(?:\/[^/?]*)?(?:\?.*)?$/.test(text))
    return { kind: 'mongodb', url: text };
  const path = /^sqlite:(.+)$/.exec(text)?.[1];
  if (path !== undefined) return { kind: 'sqlite', path };
  return { expected: 'sqlite:PATH, sqlite::memory: or mongodb://HOSTS/DATABASE' };
}

/** A URL as it may be shown: `mongodb://user:********@host/`. */
export function withoutPassword(text: string): string {
  return text.replace(/^([a-z][a-z+]*:\/\/[^:@/?#]*):.*@/is, '$1:********@');
}

/** A store as `jenner move` is told of it; throws a ConfigError that names the option. */
export function requireStore(option: string, text: string): StoreLocation {
  const location = parseStore(text);
  if (isFault(location)) {
    throw new ConfigError(`${option} ${withoutPassword(text)}: expected ${location.expected}`);
  }
  return location;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with the environment: a sentence a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}

/** Reads the whole configuration; throws a ConfigError that names every wrong value and unknown JENNER_ name. */
export function loadConfig(environment: Environment): Config {
  const faults = unknownNames(environment);
  const read = <Value>({ name, fallback, parse }: Setting<Value>): Value => {
    const text = environment[name] ?? fallback;
    const value = parse(text);
    if (isFault(value)) {
      faults.push(`${name}=${withoutPassword(text)}: expected ${value.expected}`);
      return parse(fallback) as Value;
    }
    return value;
  };
  const host = read(settings.host);
  const port = read(settings.port);
  const config: Config = {
    host,
    port,
    publicUrl: read(settings.publicUrl) || `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    store: read(settings.store),
    auth: read(settings.auth),
    data: read(settings.data),
    log: read(settings.log),
    hl7Port: read(settings.hl7Port),
    immdsFits: read(settings.immdsFits),
    profiles: read(settings.profiles),
    declaredProfiles: read(settings.declaredProfiles),
    deleteReferred: read(settings.deleteReferred),
    fullText: read(settings.fullText),
    rateLimit: read(settings.rateLimit),
  };
  if (config.auth === 'off' && !isLoopback(host)) {
    faults.push(`JENNER_AUTH=off: expected only with a loopback JENNER_HOST, not ${host}`);
  }
  if (faults.length > 0) throw new ConfigError(faults.join('\n'));
  return Object.freeze(config);
}

function unknownNames(environment: Environment): string[] {
  const known = new Set(Object.values(settings).map(({ name }) => name));
  return Object.keys(environment)
    .filter((name) => name.startsWith('JENNER_') && !known.has(name))
    .map((name) => `${name}: not a setting of Jenner; 'jenner config' lists them`);
}

function isFault(value: unknown): value is ConfigFault {
  return typeof value === 'object' && value !== null && 'expected' in value;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.[0-9]{1,3}){3}$/.test(host);
}

/** Each setting with its present value, for `jenner config`. */
export function describeSettings(environment: Environment) {
  return Object.values(settings).map(({ name, fallback, meaning, secret }) => {
    const set = environment[name];
    const value = secret && set !== undefined ? '********' : withoutPassword(set ?? fallback);
    return { name, value, isDefault: set === undefined, meaning };
  });
}
