import { describe, expect, it } from 'vitest';
import { describeSettings, loadConfig, loadDemoConfig, requireStore } from '../../src/config.ts';
import { utc } from '../../src/values/time-zone.ts';

describe('configuration', () => {
  it('has a value for everything', () => {
    expect(loadConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: 'http://127.0.0.1:8080',
      allowPrivateJwks: false,
      department: undefined,
      keyFile: undefined,
      oidcClientId: undefined,
      oidcClientSecret: undefined,
      oidcIssuer: undefined,
      oidcName: 'your organization',
      parentUntilAge: 18,
      timeZone: utc,
      tlsCert: undefined,
      tlsKey: undefined,
      trustProxy: undefined,
      store: { kind: 'sqlite', path: 'data/jenner.sqlite' },
      auth: 'smart',
      data: 'data',
      log: 'info',
      hl7Port: undefined,
      hl7Account: undefined,
      hl7Tls: 'auto',
      hl7KeepDays: 730,
      hl7ForwardUrl: undefined,
      hl7ForwardLogin: undefined,
      hl7ForwardPassword: undefined,
      hl7ForwardFacility: undefined,
      immdsFits: false,
      countryUnknown: 'U.S.',
      profiles: [],
      declaredProfiles: 'error',
      deleteReferred: 'refuse',
      fullText: false,
      referential: 'off',
      matching: 'off',
      exportHours: 24,
      exportUrls: 'token',
      exportBucket: undefined,
      exportBucketRegion: 'us-east-1',
      exportBucketKey: undefined,
      exportBucketSecret: undefined,
      exportBucketLinks: false,
      bulkProfile: 'both',
      rateLimit: undefined,
      rateLimitClient: undefined,
      rateLimitUser: undefined,
      metricsToken: undefined,
      schedule: undefined,
      scheduleStates: new Map(),
      sqliteCache: 32,
      auditYears: 6,
      stopGrace: 10_000,
      workers: 1,
    });
  });

  it('reads what is set', () => {
    const config = loadConfig({
      JENNER_STORE: 'sqlite::memory:',
      JENNER_PUBLIC_URL: 'https://iis.example.org/x/',
      OTHER: 'y',
    });
    expect(config).toMatchObject({
      store: { kind: 'sqlite-memory' },
      publicUrl: 'https://iis.example.org/x',
    });
  });

  it.each`
    environment                                                                 | message
    ${{ JENNER_EXPORT_BUCKET: 'http://s3.example.org/b' }}                      | ${'expected https://HOST/BUCKET'}
    ${{ JENNER_EXPORT_BUCKET: 'https://key:secret@s3.example.org/b' }}          | ${'expected https://HOST/BUCKET'}
    ${{ JENNER_EXPORT_BUCKET: 'https://s3.example.org' }}                       | ${'expected https://HOST/BUCKET'}
    ${{ JENNER_EXPORT_BUCKET: 'https://s3.example.org/b?x=1' }}                 | ${'expected https://HOST/BUCKET'}
    ${{ JENNER_EXPORT_BUCKET: 'https://s3.example.org/b/../c d' }}              | ${'expected https://HOST/BUCKET'}
    ${{ JENNER_PROT: '1' }}                                                     | ${"JENNER_PROT: not a setting of Jenner; 'jenner config' lists them"}
    ${{ JENNER_PORT: '99999' }}                                                 | ${'JENNER_PORT=99999: expected a port from 0 to 65535'}
    ${{ JENNER_AUTH: 'no' }}                                                    | ${'JENNER_AUTH=no: expected smart or off'}
    ${{ JENNER_STORE: 'redis://me:secret@x' }}                                  | ${'JENNER_STORE=redis://me:********@x: expected sqlite:PATH, sqlite::memory: or mongodb://HOSTS/DATABASE'}
    ${{ JENNER_PUBLIC_URL: 'ftp://x' }}                                         | ${'JENNER_PUBLIC_URL=ftp://x: expected an http or https URL without query'}
    ${{ JENNER_LOG: 'loud' }}                                                   | ${/^JENNER_LOG=loud: expected one of trace/}
    ${{ JENNER_PUBLIC_URL: 'http://iis.example' }}                              | ${'JENNER_PUBLIC_URL=http://iis.example: expected https, or http on a loopback address'}
    ${{ JENNER_HOST: '192.0.2.1' }}                                             | ${'JENNER_PUBLIC_URL=http://192.0.2.1:8080: expected https, or http on a loopback address'}
    ${{ JENNER_TLS_CERT: 'a.pem' }}                                             | ${'JENNER_TLS_CERT, JENNER_TLS_KEY: one is worth nothing without the other'}
    ${{ JENNER_OIDC_ISSUER: 'http://localhost:1' }}                             | ${'JENNER_OIDC_ISSUER, JENNER_OIDC_CLIENT_ID: one is worth nothing without the other'}
    ${{ JENNER_OIDC_ISSUER: 'http://idp.example', JENNER_OIDC_CLIENT_ID: 'x' }} | ${'JENNER_OIDC_ISSUER=http://idp.example: expected an https URL without query'}
    ${{ JENNER_TRUST_PROXY: 'on' }}                                             | ${'JENNER_TRUST_PROXY=on: expected off, or addresses such as 10.0.0.0/8 with commas between them'}
    ${{ JENNER_PARENT_UNTIL_AGE: 'x' }}                                         | ${'JENNER_PARENT_UNTIL_AGE=x: expected a number of years from 0 to 99'}
    ${{ JENNER_AUTH: 'off', JENNER_HOST: '0.0.0.0' }}                           | ${'JENNER_AUTH=off: expected only with a loopback JENNER_HOST, not 0.0.0.0'}
    ${{ JENNER_REFERENTIAL: 'some' }}                                           | ${'JENNER_REFERENTIAL=some: expected off, patient or all'}
    ${{ JENNER_TIME_ZONE: 'Boston' }}                                           | ${'JENNER_TIME_ZONE=Boston: expected a name of the IANA time zone database such as America/New_York'}
    ${{ JENNER_TIME_ZONE: '-05:00' }}                                           | ${'JENNER_TIME_ZONE=-05:00: expected a name of the IANA time zone database such as America/New_York'}
    ${{ JENNER_COUNTRY_UNKNOWN: 'us' }}                                         | ${'JENNER_COUNTRY_UNKNOWN=us: expected US or unknown'}
    ${{ JENNER_AUDIT_YEARS: '0' }}                                              | ${'JENNER_AUDIT_YEARS=0: expected a number of years from 1 to 99'}
    ${{ JENNER_SQLITE_CACHE: '0' }}                                             | ${'JENNER_SQLITE_CACHE=0: expected a number of MiB from 1 to 999999'}
    ${{ JENNER_SQLITE_CACHE: '1 GB' }}                                          | ${'JENNER_SQLITE_CACHE=1 GB: expected a number of MiB from 1 to 999999'}
    ${{ JENNER_STOP_GRACE: '-1' }}                                              | ${'JENNER_STOP_GRACE=-1: expected a number of seconds from 0 to 9999'}
    ${{ JENNER_EXPORT_HOURS: '0' }}                                             | ${'JENNER_EXPORT_HOURS=0: expected a number of hours from 1 to 9999'}
    ${{ JENNER_BULK_PROFILE: 'stu9' }}                                          | ${'JENNER_BULK_PROFILE=stu9: expected both, stu2 or stu4'}
    ${{ JENNER_RATE_LIMIT: '0' }}                                               | ${'JENNER_RATE_LIMIT=0: expected off or a number from 1 to 999999'}
    ${{ JENNER_PORT: 'x', JENNER_AUTH: 'no' }}                                  | ${'JENNER_PORT=x: expected a port from 0 to 65535\nJENNER_AUTH=no: expected smart or off'}
  `('stops the start: $message', ({ environment, message }) => {
    expect(() => loadConfig(environment)).toThrow(message);
  });

  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('lets the API be open on %s', (host) => {
    expect(loadConfig({ JENNER_AUTH: 'off', JENNER_HOST: host }).auth).toBe('off');
  });

  it.each([
    'mongodb://localhost',
    'mongodb://user:p%40ss@a.example.org:27017,b.example.org/jenner?replicaSet=rs0',
    'mongodb+srv://cluster.example.org/jenner',
  ])('takes the MongoDB URL %s', (url) => {
    expect(loadConfig({ JENNER_STORE: url }).store).toEqual({ kind: 'mongodb', url });
  });

  it.each([
    ['US', 'U.S.'],
    ['unknown', undefined],
  ])('takes the unknown country %s', (text, country) => {
    expect(loadConfig({ JENNER_COUNTRY_UNKNOWN: text }).countryUnknown).toBe(country);
  });

  it('shows no password', () => {
    const settings = describeSettings({ JENNER_STORE: 'mongodb://me:pass@word@db.example.org/jenner' });
    const { value } = settings.find(({ name }) => name === 'JENNER_STORE') ?? {};
    expect(value).toBe('mongodb://me:********@db.example.org/jenner');
  });

  it.each([
    [
      'mongodb://h/?tls=true&tlsCertificateKeyFilePassword=abc',
      'mongodb://h/?tls=true&tlsCertificateKeyFilePassword=********',
    ],
    [
      'mongodb://h/x?TLSCertificateKeyFilePassword=abc&w=1',
      'mongodb://h/x?TLSCertificateKeyFilePassword=********&w=1',
    ],
    ['mongodb://h/?proxyPassword=p&proxyUsername=u', 'mongodb://h/?proxyPassword=********&proxyUsername=u'],
    [
      'mongodb://id:key@h/?authMechanismProperties=AWS_SESSION_TOKEN:t&authMechanism=MONGODB-AWS',
      'mongodb://id:********@h/?authMechanismProperties=********&authMechanism=MONGODB-AWS',
    ],
    ['mongodb://me:pa/ss@h/?proxy%50assword=p', 'mongodb://me:********@h/?proxy%50assword=********'],
    ['mongodb://h/?%zz=1&appName=a', 'mongodb://h/?%zz=1&appName=a'],
    ['mongodb://user:s3c ret@h/db', 'mongodb://user:********@h/db'],
    ['mongodb://us/er:s3cret@h/db', 'mongodb://us/er:********@h/db'],
    ['mongodb://us@er:s3cret@h/db', 'mongodb://us@er:********@h/db'],
    ['mongodb://user%3As3cret@h/db', 'mongodb://user:********@h/db'],
    ['mongodb:user:s3cret@h/db', 'mongodb:user:********@h/db'],
    ['mongodb:/user:s3cret@h/db', 'mongodb:/user:********@h/db'],
    ['mongodb:s3cret@h/db', 'mongodb:********@h/db'],
    ['user:s3cret@h/db', 'user:********@h/db'],
    ['"mongodb://user:s3cret@h/db"', '"mongodb:********@h/db"'],
    ['mongodb://user:s3cret', 'mongodb://user:********'],
    ['mongodb:user:s3cret', 'mongodb:user:********'],
    ['mongodb://h:27017,user:s3cret/db', 'mongodb://h:27017,user:********/db'],
    ['mongodb://h:27017,i:27018/db', 'mongodb://h:27017,i:27018/db'],
    ['mongodb://[::1]:27017/db', 'mongodb://[::1]:27017/db'],
    ['mongodb://user@h/db', 'mongodb://user@h/db'],
    ['mongodb://h/?password=s3 cr;et#s3cret&w=1', 'mongodb://h/?password=********&w=1'],
    ['mongodb://h/?a=b;password=s3cret', 'mongodb://h/?a=b;password=********'],
    ['mongodb://h/db password=s3cret', 'mongodb://h/db password=********'],
  ])('shows %s as %s', (url, shown) => {
    const settings = describeSettings({ JENNER_STORE: url });
    expect(settings.find(({ name }) => name === 'JENNER_STORE')?.value).toBe(shown);
    expect(() => loadConfig({ JENNER_STORE: `x${url}` })).toThrow(`JENNER_STORE=x${shown}: expected`);
  });

  it.each([
    ['https://h/x#access_token=s3cret', 'https://h/x#access_token=********'],
    ['https://h/x?a=1&sig=s3cret', 'https://h/x?a=1&sig=********'],
    ['https://h/#/x?api_key=s3cret', 'https://h/#/x?api_key=********'],
    ['https//me:s3cret@h', 'https//me:********@h'],
    ['//me:s3cret@h', '//me:********@h'],
    ['h ttps://me:s3cret@h?x', 'h ttps:********@h?x'],
  ])('shows the URL of clients %s as %s', (url, shown) => {
    const settings = describeSettings({ JENNER_PUBLIC_URL: url });
    expect(settings.find(({ name }) => name === 'JENNER_PUBLIC_URL')?.value).toBe(shown);
    expect(() => loadConfig({ JENNER_PUBLIC_URL: url })).toThrow(`JENNER_PUBLIC_URL=${shown}: expected`);
    expect(() => requireStore('--from', url)).toThrow(`--from ${shown}: expected`);
  });

  it.each(['sqlite:data@home/a.sqlite', 'sqlite:/home/me@work/a.sqlite', 'sqlite::memory:'])(
    'shows the file %s as it is',
    (text) => {
      const settings = describeSettings({ JENNER_STORE: text });
      expect(settings.find(({ name }) => name === 'JENNER_STORE')?.value).toBe(text);
    },
  );

  it('lists every setting with its present value', () => {
    const settings = describeSettings({ JENNER_PORT: '9' });
    expect(settings).toContainEqual({
      name: 'JENNER_PORT',
      value: '9',
      isDefault: false,
      meaning: 'port to listen on',
    });
    expect(settings.every(({ meaning }) => meaning !== '')).toBe(true);
  });
});

describe('the demo', () => {
  it('asks who is there as every server does, unless it is told not to, and keeps nothing', () => {
    const { auth, log, store } = loadDemoConfig({ JENNER_STORE: 'sqlite:kept.sqlite' });
    expect([auth, log, store]).toEqual(['smart', 'warn', { kind: 'sqlite-memory' }]);
    expect(loadDemoConfig({ JENNER_AUTH: 'off' }).auth).toBe('off');
    expect(loadDemoConfig({}).timeZone.name).toBe('America/New_York');
    expect(loadDemoConfig({ JENNER_TIME_ZONE: 'Asia/Kathmandu' }).timeZone.name).toBe('Asia/Kathmandu');
    expect(() => loadDemoConfig({ JENNER_HOST: '0.0.0.0', JENNER_AUTH: 'off' })).toThrow('JENNER_AUTH=off');
  });

  it('names an address that a client can ask', () => {
    expect(loadDemoConfig({ JENNER_HOST: '0.0.0.0', JENNER_PORT: '99' }).publicUrl).toBe(
      'http://127.0.0.1:99',
    );
    const named = { JENNER_HOST: '0.0.0.0', JENNER_PUBLIC_URL: 'https://a.example' };
    expect(loadDemoConfig(named).publicUrl).toBe('https://a.example');
  });
});
