import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { maskSecrets } from './mask-secrets.ts';
import { isLoopback } from './values/is-loopback.ts';
import { OperatorError } from './values/operator-error.ts';
import { parseResourceId, type ResourceId } from './values/resource-id.ts';
import { parseTimeZone, type TimeZone } from './values/time-zone.ts';

/** A setting: its variable, default, meaning, and how its text is read. `jenner config` shows it. */
type Setting<Value> = {
  readonly name: string;
  readonly fallback: string;
  readonly meaning: string;
  readonly parse: (text: string) => Value | ConfigFault;
  /** Never shown. */
  readonly secret?: true;
};

/** Says what was expected of a value. */
type ConfigFault = { readonly expected: string };

export type StoreLocation =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'sqlite-memory' }
  | { readonly kind: 'mongodb'; readonly url: string };

/** Every setting is one row; the members of Config are these, each of the type that its row reads. */
const settings = {
  host: setting('JENNER_HOST', '127.0.0.1', 'address to listen on', (text) => text),
  port: setting('JENNER_PORT', '8080', 'port to listen on', parsePort),
  /** What clients see, without a trailing slash; the FHIR base is this + /fhir. */
  publicUrl: setting(
    'JENNER_PUBLIC_URL',
    '',
    'URL that clients see; http://HOST:PORT when empty',
    parsePublicUrl,
  ),
  store: setting(
    'JENNER_STORE',
    'sqlite:data/jenner.sqlite',
    'sqlite:PATH, sqlite::memory: or a mongodb:// or mongodb+srv:// URL with the database in its path',
    parseStore,
  ),
  /** MiB. */
  sqliteCache: setting(
    'JENNER_SQLITE_CACHE',
    '32',
    'MiB of a SQLite store that each connection of a server may keep in memory; more pays where the file is larger',
    parseMebibytes,
  ),
  auth: setting('JENNER_AUTH', 'smart', 'smart, or off on a loopback address', oneOf('smart', 'off')),
  data: setting('JENNER_DATA', 'data', 'folder for schedules, keys and files', (text) => text),
  log: setting(
    'JENNER_LOG',
    'info',
    'log level: trace, debug, info, warn, error, fatal, silent',
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  ),
  timeZone: setting(
    'JENNER_TIME_ZONE',
    'UTC',
    'where the registry is, as the IANA time zone database names it (America/New_York): it says which day is today',
    parseZone,
  ),
  keyFile: setting(
    'JENNER_KEY_FILE',
    '',
    'file with the key that seals what the store keeps secret; keys/seal.key in JENNER_DATA, made at the first start, when empty',
    textOrNothing,
  ),
  allowPrivateJwks: setting(
    'JENNER_ALLOW_PRIVATE_JWKS',
    'off',
    'on: the keys of a client may lie on this machine or its network, and be fetched by http',
    onOrOff,
  ),
  /** Years. */
  parentUntilAge: setting(
    'JENNER_PARENT_UNTIL_AGE',
    '18',
    'age at which a parent no longer sees the record of a child',
    parseAge,
  ),
  department: setting(
    'JENNER_DEPARTMENT',
    '',
    'id of the Organization that is the health department',
    parseId,
  ),
  oidcIssuer: setting(
    'JENNER_OIDC_ISSUER',
    '',
    'OpenID Connect provider that people may sign in through',
    parseSafeUrl,
  ),
  oidcClientId: setting('JENNER_OIDC_CLIENT_ID', '', 'what this server is there', textOrNothing),
  oidcClientSecret: secretSetting(
    'JENNER_OIDC_CLIENT_SECRET',
    '',
    'the secret of this server there',
    textOrNothing,
  ),
  oidcName: setting(
    'JENNER_OIDC_NAME',
    'your organization',
    'what the sign-in page calls that provider',
    (text) => text,
  ),
  tlsCert: setting(
    'JENNER_TLS_CERT',
    '',
    'PEM file with the certificate and its chain; http when empty',
    textOrNothing,
  ),
  tlsKey: setting('JENNER_TLS_KEY', '', 'PEM file with the key of the certificate', textOrNothing),
  /** As Fastify reads it. */
  trustProxy: setting(
    'JENNER_TRUST_PROXY',
    'off',
    'addresses or networks of the proxies whose X-Forwarded-For counts, with commas between them; off: none',
    parseProxies,
  ),
  hl7Port: setting(
    'JENNER_HL7_PORT',
    'off',
    'port of the listener for HL7 v2 messages over MLLP; off: there is none',
    parseHl7Port,
  ),
  hl7Account: setting(
    'JENNER_HL7_ACCOUNT',
    '',
    'login of the interface account that a plain MLLP connection is; refused when empty',
    textOrNothing,
  ),
  /** Undefined: as JENNER_TLS_CERT is there or not. */
  hl7Tls: setting(
    'JENNER_HL7_TLS',
    'auto',
    'whether MLLP goes by TLS, where the certificate of a client says which account it is: on, off, or auto (on where JENNER_TLS_CERT is set)',
    oneOf('auto', 'on', 'off'),
  ),
  hl7KeepDays: setting(
    'JENNER_HL7_KEEP_DAYS',
    '730',
    'days that the texts of messages and answers are kept; off: for good',
    parseKeepDays,
  ),
  /** Undefined: nothing is sent on. */
  hl7ForwardUrl: setting(
    'JENNER_HL7_FORWARD_URL',
    '',
    'URL of another registry (CDC SOAP) that the messages that were kept are sent on to; none when empty',
    parseSafeUrl,
  ),
  hl7ForwardLogin: setting('JENNER_HL7_FORWARD_LOGIN', '', 'user name there', textOrNothing),
  hl7ForwardPassword: secretSetting('JENNER_HL7_FORWARD_PASSWORD', '', 'password there', textOrNothing),
  hl7ForwardFacility: setting(
    'JENNER_HL7_FORWARD_FACILITY',
    '',
    'facilityID that this registry has there',
    textOrNothing,
  ),
  immdsFits: setting(
    'JENNER_IMMDS_FITS',
    'off',
    "on: $immds-forecast answers as NIST's FITS client reads it",
    onOrOff,
  ),
  /** `ID` or `ID|VERSION`. */
  schedule: setting(
    'JENNER_SCHEDULE',
    '',
    'schedule that is followed where nothing else names one, as ID or ID|VERSION; the newest of CDC when empty',
    parseSchedule,
  ),
  /** By the state, in capitals. */
  scheduleStates: setting(
    'JENNER_SCHEDULE_STATES',
    '',
    "schedules by the state of the patient's address: MA=USA-MA-DPH, with commas between them",
    parseStates,
  ),
  /** As the schedule writes a country; undefined: not known. */
  countryUnknown: setting(
    'JENNER_COUNTRY_UNKNOWN',
    'US',
    'US: who does not say where they were born was born there; unknown: nothing is taken for it',
    parseCountryUnknown,
  ),
  profiles: setting(
    'JENNER_PROFILES',
    '',
    'profiles that every resource of their type must meet: canonical URLs with commas between them',
    parseList,
  ),
  declaredProfiles: setting(
    'JENNER_DECLARED_PROFILES',
    'error',
    'what a profile claimed in meta.profile is worth: error (refused when not met), warning or ignore',
    oneOf('error', 'warning', 'ignore'),
  ),
  deleteReferred: setting(
    'JENNER_DELETE_REFERRED',
    'refuse',
    'what a delete of a resource that others refer to is: refuse (409) or allow',
    oneOf('refuse', 'allow'),
  ),
  referential: setting(
    'JENNER_REFERENTIAL',
    'off',
    'what a write may refer to must exist: off, patient (the patient of every resource) or all (every local reference)',
    oneOf('off', 'patient', 'all'),
  ),
  matching: setting(
    'JENNER_MATCHING',
    'off',
    'what becomes of a Patient who may be known, in imports and on an open server: off (kept as it is), review (people are asked) or automatic (who is certain is joined)',
    oneOf('off', 'review', 'automatic'),
  ),
  fullText: setting(
    'JENNER_FULL_TEXT',
    'off',
    'on: words are indexed for the searches _text and _content (the server draws them in the background)',
    onOrOff,
  ),
  exportHours: setting(
    'JENNER_EXPORT_HOURS',
    '24',
    'hours for which the files of a finished $export are kept',
    parseHours,
  ),
  exportUrls: setting(
    'JENNER_EXPORT_URLS',
    'token',
    'who may fetch the files of an $export: token (whoever asked for it), or capability (whoever knows the URL, which cannot be guessed)',
    oneOf('token', 'capability'),
  ),
  exportBucket: setting(
    'JENNER_EXPORT_BUCKET',
    '',
    'where exports lie on storage that speaks S3: https://HOST/BUCKET or https://HOST/BUCKET/PREFIX; exports in JENNER_DATA when empty',
    parseBucket,
  ),
  exportBucketRegion: setting(
    'JENNER_EXPORT_BUCKET_REGION',
    'us-east-1',
    'region that requests to the bucket are signed for',
    (text) => text,
  ),
  exportBucketKey: setting(
    'JENNER_EXPORT_BUCKET_KEY',
    '',
    'id of the access key of the bucket',
    textOrNothing,
  ),
  exportBucketSecret: secretSetting(
    'JENNER_EXPORT_BUCKET_SECRET',
    '',
    'secret of the access key of the bucket',
    textOrNothing,
  ),
  exportBucketLinks: setting(
    'JENNER_EXPORT_BUCKET_LINKS',
    'off',
    'on: who may fetch a file, packed and whole, is sent to the bucket by a link that holds five minutes',
    onOrOff,
  ),
  bulkProfile: setting(
    'JENNER_BULK_PROFILE',
    'both',
    'edition of Bulk Data Access that manifests are written for: stu2 (and 3), stu4, or both',
    oneOf('both', 'stu2', 'stu4'),
  ),
  /** Requests a second of one client; undefined = as many as it sends. */
  rateLimit: setting(
    'JENNER_RATE_LIMIT',
    'off',
    'requests a second that one address may send, ten seconds of them at once; past it 429; off: no limit',
    parseRate,
  ),
  auditYears: setting(
    'JENNER_AUDIT_YEARS',
    '6',
    'years that the audit of a month is kept; then the month is removed',
    parseYears,
  ),
  rateLimitClient: setting(
    'JENNER_RATE_LIMIT_CLIENT',
    'off',
    'requests a second of one app, over all servers of the store, ten seconds of them at once; past it 429; off: no limit',
    parseRate,
  ),
  rateLimitUser: setting(
    'JENNER_RATE_LIMIT_USER',
    'off',
    'requests a second for one account, by whatever apps, over all servers of the store; past it 429; off: no limit',
    parseRate,
  ),
  workers: setting(
    'JENNER_WORKERS',
    '1',
    'processes that read and answer over one store; auto: as many as there are cores',
    parseWorkers,
  ),
  metricsToken: secretSetting(
    'JENNER_METRICS_TOKEN',
    '',
    'who sends it (Authorization: Bearer …) may read /metrics; with JENNER_AUTH=smart nobody may when it is empty',
    parseMetricsToken,
  ),
  /** Milliseconds. */
  stopGrace: setting(
    'JENNER_STOP_GRACE',
    '10',
    'seconds in which a server that is told to stop answers what is under way; then it ends the rest',
    parseSeconds,
  ),
};

type Settings = typeof settings;
type ValueOf<Row> = Row extends Setting<infer Value> ? Value : never;

export type Config = { readonly [Key in keyof Settings]: ValueOf<Settings[Key]> };

function setting<Value>(
  name: string,
  fallback: string,
  meaning: string,
  parse: Setting<Value>['parse'],
): Setting<Value> {
  return { name, fallback, meaning, parse };
}

/** Its value is never shown. */
function secretSetting<Value>(
  name: string,
  fallback: string,
  meaning: string,
  parse: Setting<Value>['parse'],
): Setting<Value> {
  return { name, fallback, meaning, parse, secret: true };
}

function textOrNothing(text: string): string | undefined {
  return text === '' ? undefined : text;
}

function parseZone(text: string): TimeZone | ConfigFault {
  return (
    parseTimeZone(text) ?? { expected: 'a name of the IANA time zone database such as America/New_York' }
  );
}

function parseAge(text: string): number | ConfigFault {
  return /^[0-9]{1,2}$/.test(text) ? Number(text) : { expected: 'a number of years from 0 to 99' };
}

function parseId(text: string): ResourceId | undefined | ConfigFault {
  return text === '' ? undefined : (parseResourceId(text) ?? { expected: 'the id of an Organization' });
}

/** A bucket in the path of its host, and what its keys begin with. */
export type BucketPlace = { readonly url: string; readonly prefix: string };

function parseBucket(text: string): BucketPlace | undefined | ConfigFault {
  if (text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  const [, bucket, prefix = ''] =
    /^\/([a-z0-9][a-z0-9.-]{1,62})(?:\/([\w.\-/]*))?$/.exec(url?.pathname ?? '') ?? [];
  if (!url || !isSafe || bucket === undefined || url.username !== '' || /[?#]/.test(text)) {
    return { expected: 'https://HOST/BUCKET or https://HOST/BUCKET/PREFIX, without a key in it' };
  }
  const folder = prefix.replace(/\/+$/, '');
  return { url: `${url.origin}/${bucket}`, prefix: folder === '' ? '' : `${folder}/` };
}

function parseSafeUrl(text: string): string | undefined | ConfigFault {
  if (text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  return isSafe && !/[?#]/.test(text) ? text : { expected: 'an https URL without query' };
}

function parseProxies(text: string): readonly string[] | undefined | ConfigFault {
  if (text === 'off') return undefined;
  const proxies = parseList(text);
  const isNetwork = (each: string) => isIP(each.replace(/\/[0-9]{1,3}$/, '')) !== 0;
  const isWhole = proxies.length > 0 && proxies.every(isNetwork);
  return isWhole ? proxies : { expected: 'off, or addresses such as 10.0.0.0/8 with commas between them' };
}

function oneOf<const Choice extends string>(...choices: readonly Choice[]): Setting<Choice>['parse'] {
  const last = choices.at(-1);
  const expected =
    choices.length > 3 ? `one of ${choices.join(', ')}` : `${choices.slice(0, -1).join(', ')} or ${last}`;
  return (text) => choices.find((choice) => choice === text) ?? { expected };
}

function parseCountryUnknown(text: string): string | undefined | ConfigFault {
  if (text === 'US') return 'U.S.';
  return text === 'unknown' ? undefined : { expected: 'US or unknown' };
}

function onOrOff(text: string): boolean | ConfigFault {
  return text === 'on' || text === 'off' ? text === 'on' : { expected: 'on or off' };
}

function parseMetricsToken(text: string): string | undefined | ConfigFault {
  if (text === '') return undefined;
  return /^[\x21-\x7e]{20,200}$/.test(text) ? text : { expected: '20 to 200 characters without blanks' };
}

function parsePort(text: string): number | ConfigFault {
  const isPort = /^[0-9]{1,5}$/.test(text) && Number(text) < 65_536;
  return isPort ? Number(text) : { expected: 'a port from 0 to 65535' };
}

function parseHl7Port(text: string): number | undefined | ConfigFault {
  if (text === 'off') return undefined;
  const port = parsePort(text);
  return typeof port === 'number' ? port : { expected: 'off or a port from 0 to 65535' };
}

function parseKeepDays(text: string): number | undefined | ConfigFault {
  if (text === 'off') return undefined;
  return /^[1-9][0-9]{0,4}$/.test(text)
    ? Number(text)
    : { expected: 'off or a number of days from 1 to 99999' };
}

function parseRate(text: string): number | undefined | ConfigFault {
  if (text === 'off') return undefined;
  return /^[1-9][0-9]{0,5}$/.test(text) ? Number(text) : { expected: 'off or a number from 1 to 999999' };
}

function parseYears(text: string): number | ConfigFault {
  return /^[1-9][0-9]?$/.test(text) ? Number(text) : { expected: 'a number of years from 1 to 99' };
}

function parseWorkers(text: string): number | ConfigFault {
  if (text === 'auto') return availableParallelism();
  return /^[1-9][0-9]?$/.test(text) ? Number(text) : { expected: 'auto or a number from 1 to 99' };
}

function parseMebibytes(text: string): number | ConfigFault {
  return /^[1-9][0-9]{0,5}$/.test(text) ? Number(text) : { expected: 'a number of MiB from 1 to 999999' };
}

function parseHours(text: string): number | ConfigFault {
  return /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : { expected: 'a number of hours from 1 to 9999' };
}

/** In milliseconds. */
function parseSeconds(text: string): number | ConfigFault {
  return /^[0-9]{1,4}$/.test(text) ? Number(text) * 1000 : { expected: 'a number of seconds from 0 to 9999' };
}

function parseList(text: string): readonly string[] {
  return text
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
}

function parseSchedule(text: string): string | undefined | ConfigFault {
  if (text === '') return undefined;
  return scheduleName.test(text) ? text : { expected: 'ID or ID|VERSION, such as USA-MA-DPH' };
}

const scheduleName = /^[A-Z][A-Z0-9-]{1,63}(?:\|[^|,=]{1,64})?$/;

function parseStates(text: string): ReadonlyMap<string, string> | ConfigFault {
  const states = new Map<string, string>();
  for (const each of parseList(text)) {
    const equals = each.indexOf('=');
    const state = each.slice(0, Math.max(equals, 0)).trim().toUpperCase();
    const schedule = each.slice(equals + 1).trim();
    if (state === '' || states.has(state) || !scheduleName.test(schedule)) {
      return { expected: 'STATE=ID with commas between them, each state once, such as MA=USA-MA-DPH' };
    }
    states.set(state, schedule);
  }
  return states;
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

/** A store as `jenner move` is told of it; throws a ConfigError that names the option. */
export function requireStore(option: string, text: string): StoreLocation {
  const location = parseStore(text);
  if (isFault(location)) {
    throw new ConfigError(`${option} ${maskSecrets(text)}: expected ${location.expected}`);
  }
  return location;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with the environment: a sentence a line. */
export class ConfigError extends OperatorError {
  override readonly name = 'ConfigError';
}

/** The environment of this process. */
export function processEnvironment(): Environment {
  return process.env;
}

/** Reads the whole configuration; throws a ConfigError that names every wrong value and unknown JENNER_ name. */
export function loadConfig(environment: Environment): Config {
  return readConfig(environment, httpsFaults);
}

function readConfig(environment: Environment, judge: (config: Config) => readonly string[]): Config {
  const faults = unknownNames(environment);
  const values = Object.entries(settings).map(([key, row]) => [key, read(row, environment, faults)]);
  const asked = Object.fromEntries(values) as Config;
  const config = { ...asked, publicUrl: asked.publicUrl || urlOf(asked) };
  const { auth, host } = config;
  if (auth === 'off' && !isLoopback(host)) {
    faults.push(`JENNER_AUTH=off: expected only with a loopback JENNER_HOST, not ${host}`);
  }
  faults.push(...pairFaults(config), ...judge(config));
  if (faults.length > 0) throw new ConfigError(faults.join('\n'));
  return Object.freeze(config);
}

function read(
  { name, fallback, parse, secret }: Setting<unknown>,
  environment: Environment,
  faults: string[],
): unknown {
  const text = environment[name] ?? fallback;
  const value = parse(text);
  if (!isFault(value)) return value;
  faults.push(`${name}=${secret ? '********' : maskSecrets(text)}: expected ${value.expected}`);
  return parse(fallback);
}

/** Who signs in sends a password, and is given a cookie that is worth one. */
function httpsFaults({ auth, publicUrl }: Config): readonly string[] {
  const isOpen = publicUrl.startsWith('http:') && !isLoopback(new URL(publicUrl).hostname);
  if (auth === 'off' || !isOpen) return [];
  return [`JENNER_PUBLIC_URL=${publicUrl}: expected https, or http on a loopback address`];
}

function pairFaults({ tlsCert, tlsKey, oidcIssuer, oidcClientId, hl7Tls }: Config): readonly string[] {
  const pairs = [
    ['JENNER_TLS_CERT, JENNER_TLS_KEY', tlsCert, tlsKey],
    ['JENNER_OIDC_ISSUER, JENNER_OIDC_CLIENT_ID', oidcIssuer, oidcClientId],
  ] as const;
  const lonely = pairs
    .filter(([, one, other]) => (one === undefined) !== (other === undefined))
    .map(([names]) => `${names}: one is worth nothing without the other`);
  if (hl7Tls !== 'on' || tlsCert !== undefined) return lonely;
  return [...lonely, 'JENNER_HL7_TLS=on: expected only with JENNER_TLS_CERT and JENNER_TLS_KEY'];
}

/** Nobody can be sent to the address that stands for all. */
function urlOf({ host, port, tlsCert }: Pick<Config, 'host' | 'port' | 'tlsCert'>): string {
  const scheme = tlsCert === undefined ? 'http' : 'https';
  const named = /^(?:0\.0\.0\.0|::)$/.test(host) ? '127.0.0.1' : host;
  return `${scheme}://${named.includes(':') ? `[${named}]` : named}:${port}`;
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

/** Each setting with its present value, for `jenner config`. */
export function describeSettings(environment: Environment) {
  const rows: readonly Setting<unknown>[] = Object.values(settings);
  return rows.map(({ name, fallback, meaning, secret }) => {
    const set = environment[name];
    const value = secret && set !== undefined ? '********' : maskSecrets(set ?? fallback);
    return { name, value, isDefault: set === undefined, meaning };
  });
}

const demoDefaults = {
  JENNER_LOG: 'warn',
  JENNER_REFERENTIAL: 'patient',
  JENNER_MATCHING: 'automatic',
  // Its people and clinics are of Massachusetts.
  JENNER_TIME_ZONE: 'America/New_York',
};

/** Everything is in memory. Who may ask is decided as in any server: JENNER_AUTH=off opens it to this machine. */
export function loadDemoConfig(environment: Environment): Config {
  return loadConfig({ ...demoDefaults, ...environment, JENNER_STORE: 'sqlite::memory:' });
}
