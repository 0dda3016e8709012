import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { originsOf, redirectFault } from '../../../src/auth/clients/client.ts';
import { chooseKey, parseJwks } from '../../../src/auth/clients/jwks.ts';
import { changeClient, newClient } from '../../../src/auth/clients/register-client.ts';
import type { EpochMs } from '../../../src/values/instant.ts';

const clock = { now: () => 0 as EpochMs };

it.each`
  url                                  | fault
  ${'https://app.example/back?x=1'}    | ${undefined}
  ${'http://localhost:9000/back'}      | ${undefined}
  ${'http://127.0.0.1/back'}           | ${undefined}
  ${'com.example.app:/back'}           | ${undefined}
  ${'http://app.example/back'}         | ${/loopback/}
  ${'http://localhost.evil.example/'}  | ${/loopback/}
  ${'http://localhost@evil.example/'}  | ${/user name/}
  ${'https://app.example/#x'}          | ${/fragment/}
  ${'https://*.example/back'}          | ${/wildcard/}
  ${'javascript:alert(1)'}             | ${/scheme/}
  ${'data:text/html,x'}                | ${/scheme/}
  ${'/back'}                           | ${/absolute/}
  ${'https://app.example\\@evil.test'} | ${/absolute/}
`('says of the redirect $url: $fault', ({ url, fault }) => {
  if (fault === undefined) expect(redirectFault(url)).toBeUndefined();
  else expect(redirectFault(url)).toMatch(fault);
});

const jwk = (type: 'rsa' | 'ec', more: object = {}, curve = 'P-384', bits = 2048) => {
  const pair =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: bits })
      : generateKeyPairSync('ec', { namedCurve: curve });
  return { ...pair.publicKey.export({ format: 'jwk' }), ...more };
};

it('has a digit for how far a client is trusted, and keeps it', () => {
  const client = newClient({ name: 'A', kind: 'public', trust: '8' }, clock);
  expect(client.trust).toBe(8);
  expect(changeClient(client, { name: 'B' }).trust).toBe(8);
  expect(changeClient(client, { trust: '0' }).trust).toBe(0);
  for (const trust of ['10', '-1', '', 'x', '1.5']) {
    expect(() => changeClient(client, { trust })).toThrow(/--trust .*: a number from 0 to 9/);
  }
});

it('has the FHIR server of an EHR that asks by CDS Hooks', () => {
  const asking = {
    kind: 'key',
    jwksUrl: 'https://ehr.example/jwks',
    cdsIssuer: 'https://ehr.example',
  } as const;
  const cdsFhirServer = 'https://ehr.example/fhir';
  const client = newClient({ name: 'A', ...asking, cdsFhirServer }, clock);
  expect(changeClient(client, { name: 'B' }).cdsServer).toBe(cdsFhirServer);
  expect(() => changeClient(client, { cdsFhirServer: 'ehr' })).toThrow(/--cds-fhir-server ehr: a URL/);
  const { cdsIssuer: _, ...other } = asking;
  expect(() => newClient({ name: 'A', ...other, cdsFhirServer }, clock)).toThrow('is for --cds-issuer');
});

it('has the iss by which an EHR asks by CDS Hooks, where it signs', () => {
  const jwksUrl = 'https://ehr.example/jwks';
  const client = newClient({ name: 'A', kind: 'key', jwksUrl, cdsIssuer: 'https://ehr.example' }, clock);
  expect(changeClient(client, { name: 'B' }).cdsIssuer).toBe('https://ehr.example');
  for (const cdsIssuer of ['ehr', 'ftp://ehr.example', '', `https://ehr.example/${'x'.repeat(500)}`]) {
    expect(() => changeClient(client, { cdsIssuer })).toThrow(/--cds-issuer .*: a URL was expected/);
  }
  const open = newClient({ name: 'A', kind: 'public' }, clock);
  expect(() => changeClient(open, { cdsIssuer: 'https://ehr.example' })).toThrow(
    '--cds-issuer is for --kind key',
  );
});

describe('the keys of a client', () => {
  it('are taken where they are public and strong', () => {
    const set = parseJwks({ keys: [jwk('rsa', { kid: 'r' }), jwk('ec', { kid: 'e', use: 'sig' })] });
    if ('fault' in set) throw new Error(set.fault);
    expect(chooseKey(set, { alg: 'RS384', kid: 'r' })?.asymmetricKeyType).toBe('rsa');
    expect(chooseKey(set, { alg: 'ES384', kid: 'e' })?.asymmetricKeyType).toBe('ec');
    expect(chooseKey(set, { alg: 'RS384', kid: undefined })?.asymmetricKeyType).toBe('rsa');
    // A key is for one algorithm, whatever the header says.
    for (const alg of ['ES384', 'RS256', 'HS256', 'none', 'PS384']) {
      expect(chooseKey(set, { alg, kid: 'r' })).toBeUndefined();
    }
  });

  it('are not chosen where two fit', () => {
    const set = parseJwks({ keys: [jwk('rsa', { kid: 'a' }), jwk('rsa', { kid: 'b' })] });
    if ('fault' in set) throw new Error(set.fault);
    expect(chooseKey(set, { alg: 'RS384', kid: undefined })).toBeUndefined();
  });

  it.each([
    ['private', () => ({ ...jwk('rsa'), d: 'x' }), /private/],
    ['symmetric', () => ({ kty: 'oct', k: 'x' }), /private or symmetric/],
    ['short', () => jwk('rsa', {}, '', 1024), /no key for/],
    ['on another curve', () => jwk('ec', {}, 'P-256'), /no key for/],
    ['for encryption', () => jwk('rsa', { use: 'enc' }), /no key for/],
    ['for RS256', () => jwk('rsa', { alg: 'RS256' }), /no key for/],
    ['broken', () => ({ kty: 'RSA', n: '!', e: 'AQAB' }), /no key for/],
  ])('are refused when %s', (_, key, fault) => {
    expect(parseJwks({ keys: [key()] })).toEqual({ fault: expect.stringMatching(fault) });
  });

  it('are refused when two have one name', () => {
    const keys = [jwk('rsa', { kid: 'a' }), jwk('rsa', { kid: 'a' })];
    expect(parseJwks({ keys })).toEqual({ fault: 'two keys have the same kid' });
  });
});

it.each([
  [{ kind: 'key' }, /needs --jwks/],
  [{ kind: 'secret' }, /needs a secret/],
  [{ kind: 'public', jwksUrl: 'https://a.example/jwks' }, /for --kind key/],
  [{ kind: 'public', secretHash: 'x' }, /for --kind secret/],
  [{ kind: 'public', scope: 'patient/*.rs patient/Patient.sr' }, /patient\/Patient.sr is no scope/],
  [{ kind: 'public', redirect: ['http://evil.example'] }, /loopback/],
  [{ kind: 'public', organization: 'a b' }, /id of a resource/],
  [{ kind: 'public', name: ' ' }, /--name/],
] as const)('registers nobody by %j', (input, message) => {
  expect(() => newClient({ name: 'App', ...input }, clock)).toThrow(message);
});

it('knows a client by one proof alone', () => {
  const jwks = JSON.stringify({ keys: [jwk('ec', { kid: 'e' })] });
  const secret = newClient({ name: 'App', kind: 'secret', secretHash: 'x' }, clock);
  const byKey = changeClient(secret, { kind: 'key', jwks });
  expect([byKey.secretHash, byKey.jwks?.keys.length]).toEqual([undefined, 1]);
  const byUrl = changeClient(byKey, { jwksUrl: 'https://a.example/jwks' });
  expect([byUrl.jwks, byUrl.jwksUrl]).toEqual([undefined, 'https://a.example/jwks']);
  expect(changeClient(byUrl, { jwks }).jwksUrl).toBeUndefined();
  expect(changeClient(byUrl, { kind: 'public' })).toMatchObject({ kind: 'public' });
  expect(changeClient(byUrl, { kind: 'public' }).jwksUrl).toBeUndefined();
  expect(() => changeClient(byUrl, { kind: 'secret' })).toThrow(/needs a secret/);
});

it('changes what is named, and replaces lists as a whole', () => {
  const client = newClient(
    {
      name: 'App',
      kind: 'public',
      redirect: ['https://a.example/1', 'https://b.example/2'],
      scope: 'openid',
    },
    clock,
  );
  const changed = changeClient(client, {
    redirect: ['com.app.x:/1', 'https://c.example:8/3'],
    disabled: true,
  });
  expect(changed).toMatchObject({ id: client.id, name: 'App', scope: 'openid', disabled: true });
  expect(originsOf(changed)).toEqual(['https://c.example:8']);
  expect(changeClient(changed, { disabled: false }).disabled).toBeUndefined();
});
