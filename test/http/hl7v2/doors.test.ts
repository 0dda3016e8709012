import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountOnCommandLine } from '../../../src/auth/bearer/account-caller.ts';
import { openInterfaceAccounts } from '../../../src/auth/interfaces/interface-accounts.ts';
import type { SentMessage } from '../../../src/hl7v2/arrival.ts';
import { hl7v2Plugin, maxMessage } from '../../../src/hl7v2/door/hl7v2-plugin.ts';
import { soapPlugin } from '../../../src/hl7v2/soap/soap-plugin.ts';
import { issuer, openSmartServer, type SmartServer } from '../smart/smart-server.ts';

const message = 'MSH|^~\\&|EHR|FAC\rPID|1\r';
const er7 = { 'content-type': 'application/hl7-v2' };
const asLab = { authorization: `Basic ${Buffer.from('lab:password of lab').toString('base64')}` };

/** What the doors hand on; the answer names who sent it. */
const handed: SentMessage[] = [];
let isBroken = false;
const answer = async (sent: SentMessage) => {
  if (isBroken) throw new Error('broke inside');
  handed.push(sent);
  const caller = sent.account.callerAs();
  return `MSH|^~\\&|${sent.account.name}|${caller.kind === 'token' ? caller.owner : caller.kind}\r<&\r`;
};
const told = () => {
  const { account, bytes, ...rest } = handed.at(-1) as SentMessage;
  return { ...rest, account: account.name, text: Buffer.from(bytes).toString() };
};

let server: SmartServer;

beforeAll(async () => {
  server = await openSmartServer({
    entrances: (auth) => {
      const accounts = openInterfaceAccounts(auth, 'automatic');
      return [
        (app) => hl7v2Plugin(app, { answer, accounts }),
        (app) => soapPlugin(app, { answer, accounts, publicUrl: issuer }),
      ];
    },
  });
  await server.addUser('lab', { role: 'interface', organization: ['a'] });
  await server.addUser('nurse', { role: 'clinician', organization: ['a'] });
});
afterAll(() => server.close());

const post = (headers: Readonly<Record<string, string>>, payload: string | Buffer = message) =>
  server.inject({ method: 'POST', url: '/hl7v2', headers, payload });

describe('POST /hl7v2', () => {
  it.each(['application/hl7-v2', 'x-application/hl7-v2+er7', 'text/plain'])(
    'takes %s of an interface account, and answers in it',
    async (type) => {
      const { status, headers, text } = await post({ 'content-type': type, ...asLab });
      expect([status, headers['content-type']]).toEqual([200, `${type}; charset=utf-8`]);
      expect(text).toMatch(/^MSH\|\^~\\&\|lab\|a\r/);
      expect(told()).toEqual({ account: 'lab', text: message, from: '127.0.0.1' });
    },
  );

  it('hands the bytes on as they are, and the charset that is declared', async () => {
    const latin = Buffer.from('MSH|^~\\&|\rPID|||||Mu\xf1oz', 'latin1');
    await post({ 'content-type': 'text/plain; charset="iso-8859-1"', ...asLab }, latin);
    expect(Buffer.from((handed.at(-1) as SentMessage).bytes)).toEqual(latin);
    expect(handed.at(-1)?.charset).toBe('iso-8859-1');
  });

  it('takes the form that came before SOAP', async () => {
    const fields = { USERID: 'lab', PASSWORD: 'password of lab', FACILITYID: 'F1', MESSAGEDATA: message };
    const { status, headers } = await server.form('/hl7v2', fields);
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(told()).toMatchObject({ facility: 'F1', text: message });
    const without = await server.form('/hl7v2', { USERID: 'lab', PASSWORD: 'password of lab' });
    expect([without.status, without.body.detail]).toEqual([
      400,
      'The field MESSAGEDATA is missing; a message that is no field of a form is sent as application/hl7-v2 (Content-Type)',
    ]);
  });

  it.each([
    ['nobody', er7, 401],
    [
      'a wrong password',
      { ...er7, authorization: `Basic ${Buffer.from('lab:wrong').toString('base64')}` },
      401,
    ],
    [
      'a login that nobody has',
      { ...er7, authorization: `Basic ${Buffer.from('x:y').toString('base64')}` },
      401,
    ],
    ['what is no password', { ...er7, authorization: 'Basic !!' }, 401],
    ['a token that is none', { ...er7, authorization: 'Bearer abc' }, 401],
    [
      'an account of a person',
      { ...er7, authorization: `Basic ${Buffer.from('nurse:password of nurse').toString('base64')}` },
      403,
    ],
  ])('refuses %s, and reads nothing', async (_, headers, expected) => {
    const before = handed.length;
    const answered = await post(headers);
    expect(answered.status).toBe(expected);
    if (expected === 401) expect(answered.headers['www-authenticate']).toMatch(/^Bearer .*Basic/);
    expect(handed).toHaveLength(before);
  });

  it('makes who has failed too often wait, also with the right password', async () => {
    await server.addUser('tried', { role: 'interface', organization: ['a'] });
    const by = (password: string) =>
      post({ ...er7, authorization: `Basic ${Buffer.from(`tried:${password}`).toString('base64')}` });
    for (let n = 0; n < 5; n++) expect((await by(`wrong ${n}`)).status).toBe(401);
    const { status, headers } = await by('password of tried');
    expect([status, headers['retry-after']]).toEqual([429, '60']);
  });

  it('asks for a password once while nothing changes, and anew as soon as the account does', async () => {
    await server.addUser('busy', { role: 'interface', organization: ['a'] });
    const headers = {
      ...er7,
      authorization: `Basic ${Buffer.from('busy:password of busy').toString('base64')}`,
    };
    await post(headers);
    const work = server.passwords.work();
    for (let n = 0; n < 5; n++) expect((await post(headers)).status).toBe(200);
    expect(server.passwords.work()).toBe(work);
    await server.auth.users.change('busy', (user) => ({ ...user, matching: 'review' }));
    for (let n = 0; n < 8; n++)
      await post({ ...er7, authorization: `Basic ${Buffer.from(`busy:${n}`).toString('base64')}` });
    expect((await post(headers)).status).toBe(200);
    server.at.now += 3_600_000;
    await server.auth.users.change('busy', (user) => ({ ...user, disabled: true }));
    expect((await post(headers)).status).toBe(401);
    server.at.now += 3_600_000;
    await server.auth.users.change('busy', ({ disabled: _, ...user }) => ({
      ...user,
      organizations: ['school'],
    }));
    expect((await post(headers)).text).toMatch(/^MSH\|\^~\\&\|busy\|school\r/);
    await server.auth.users.change('busy', (user) => ({ ...user, role: 'clinician' }));
    expect((await post(headers)).status).toBe(403);
  });

  it('knows an app by its token', async () => {
    const client = await server.addClient(
      { name: 'Hub', kind: 'secret', organization: 'school', scope: 'system/*.cruds', redirect: [] },
      'secret-of-hub',
    );
    const granted = await server.form('/auth/token', {
      grant_type: 'client_credentials',
      scope: 'system/*.cruds',
      client_id: client.id,
      client_secret: 'secret-of-hub',
    });
    const token = granted.body.access_token;
    if (token === undefined) return expect(granted.text).toMatch(/unauthorized_client/);
    const { status, text } = await post({ ...er7, authorization: `Bearer ${token}` });
    expect([status, text]).toEqual([200, `MSH|^~\\&|${client.id}|school\r<&\r`]);
  });

  it.each([
    ['GET', '/hl7v2', 405],
    ['PUT', '/hl7v2', 405],
  ] as const)('answers %s %s with %d', async (method, url, expected) => {
    const { status, headers } = await server.inject({ method, url, headers: asLab });
    expect([status, headers['allow']]).toEqual([expected, 'POST']);
  });

  it('refuses other media types, and what is too large', async () => {
    expect((await post({ 'content-type': 'application/json', ...asLab }, '{}')).status).toBe(415);
    expect((await post({ ...er7, ...asLab }, Buffer.alloc(maxMessage + 1, 'x'))).status).toBe(413);
  });
});

const soap12 = 'http://www.w3.org/2003/05/soap-envelope';
const envelope = (body: string, header = '', ns = soap12) =>
  `<?xml version="1.0"?><e:Envelope xmlns:e="${ns}"><e:Header>${header}</e:Header><e:Body>${body}</e:Body></e:Envelope>`;
const asXml = { 'content-type': 'application/soap+xml; charset=utf-8' };
const soap = (payload: string | Buffer, headers: Readonly<Record<string, string>> = asXml) =>
  server.inject({ method: 'POST', url: '/soap/cdc', headers, payload });
const submit2011 = (more: string, text = message.replaceAll('\r', '&#xD;').replace('&|', '&amp;|')) =>
  `<submitSingleMessage xmlns="urn:cdc:iisb:2011">${more}<hl7Message>${text}</hl7Message></submitSingleMessage>`;
const lab = '<username>lab</username><password>password of lab</password>';

describe('CDC SOAP transport', () => {
  it('takes a message of 2011 with login and password', async () => {
    const { status, headers, text } = await soap(envelope(submit2011(`${lab}<facilityID>F2</facilityID>`)));
    expect([status, headers['content-type']]).toEqual([200, 'application/soap+xml; charset=utf-8']);
    expect(text).toContain(
      '<r:submitSingleMessageResponse xmlns:r="urn:cdc:iisb:2011"><r:return>MSH|^~\\&amp;|lab|a&#xD;&lt;&amp;&#xD;</r:return>',
    );
    expect(told()).toMatchObject({ account: 'lab', text: message, facility: 'F2', charset: 'utf-8' });
  });

  it('takes a message in CDATA, whose ends of segments XML has made LF', async () => {
    const { status } = await soap(envelope(submit2011(lab, `<![CDATA[${message}]]>`)));
    expect([status, told().text]).toEqual([200, message.replaceAll('\r', '\n')]);
  });

  it('takes one of 2014, with a UsernameToken', async () => {
    const security =
      '<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">' +
      '<w:UsernameToken><w:Username>lab</w:Username><w:Password>password of lab</w:Password></w:UsernameToken></w:Security>';
    const body =
      '<q:SubmitSingleMessageRequest xmlns:q="urn:cdc:iisb:2014"><q:Hl7Message>MSH|^~\\&amp;|</q:Hl7Message></q:SubmitSingleMessageRequest>';
    const { status, text } = await soap(envelope(body, security));
    expect(status).toBe(200);
    expect(text).toContain('<r:SubmitSingleMessageResponse xmlns:r="urn:cdc:iisb:2014"><r:Hl7Message>MSH|');
  });

  it.each([
    ['urn:cdc:iisb:2011', 'connectivityTest', 'echoBack', 'connectivityTestResponse', 'return'],
    ['urn:cdc:iisb:2014', 'ConnectivityTestRequest', 'EchoBack', 'ConnectivityTestResponse', 'EchoBack'],
    ['urn:cdc:iisb:2014', 'connectivityTest', 'echoBack', 'connectivityTestResponse', 'return'],
  ])('echoes a text in %s to anybody', async (ns, request, echo, response, out) => {
    const { status, text } = await soap(
      envelope(`<a:${request} xmlns:a="${ns}"><a:${echo}>é &lt;1&gt;</a:${echo}></a:${request}>`),
    );
    expect([status, text]).toEqual([
      200,
      `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="${soap12}"><s:Body><r:${response} xmlns:r="${ns}">` +
        `<r:${out}>Jenner answers: é &lt;1&gt;</r:${out}></r:${response}></s:Body></s:Envelope>`,
    ]);
  });

  it.each([
    ['SubmitSingleMessageRequest', 'SecurityFault'],
    ['DeleteEverything', 'UnsupportedOperationFault'],
  ])(
    'tells a fault of %s of 2014 in the namespace of 2014, where its client looks for it',
    async (asked, fault) => {
      const { text } = await soap(envelope(`<q:${asked} xmlns:q="urn:cdc:iisb:2014"/>`));
      expect(text).toContain(`<s:Detail><r:${fault} xmlns:r="urn:cdc:iisb:2014"><r:Code>`);
    },
  );

  it('answers SOAP 1.1 in SOAP 1.1', async () => {
    const old = 'http://schemas.xmlsoap.org/soap/envelope/';
    const { status, headers, text } = await soap(envelope(submit2011(lab), '', old), {
      'content-type': 'text/xml',
    });
    expect([status, headers['content-type']]).toEqual([200, 'text/xml; charset=utf-8']);
    expect(text).toContain(`<s:Envelope xmlns:s="${old}">`);
    const wrong = await soap(envelope(submit2011(''), '', old), { 'content-type': 'text/xml' });
    expect([wrong.status, /<faultcode>s:Client<.*<r:SecurityFault/.test(wrong.text)]).toEqual([500, true]);
  });

  it.each([
    ['no password', submit2011(''), 400, 'SecurityFault', 'Security'],
    [
      'a wrong password',
      submit2011('<username>lab</username><password>x</password>'),
      400,
      'SecurityFault',
      'Security',
    ],
    [
      'an account of a person',
      submit2011('<username>nurse</username><password>password of nurse</password>'),
      400,
      'SecurityFault',
      'Security',
    ],
    [
      'two messages',
      submit2011(lab, 'MSH|^~\\&amp;|&#xD;MSH|^~\\&amp;|'),
      400,
      'MessageTooLargeFault',
      'MessageTooLarge',
    ],
    [
      'a batch',
      submit2011(lab, 'FHS|^~\\&amp;|&#xD;MSH|^~\\&amp;|'),
      400,
      'MessageTooLargeFault',
      'MessageTooLarge',
    ],
    [
      'an operation that there is not',
      '<x xmlns="urn:cdc:iisb:2011"/>',
      400,
      'UnsupportedOperationFault',
      'UnsupportedOperation',
    ],
    [
      'the operation of another namespace',
      '<submitSingleMessage xmlns="urn:other"/>',
      400,
      'UnsupportedOperationFault',
      'UnsupportedOperation',
    ],
  ])('has a fault for %s', async (_, body, expected, fault, reason) => {
    const before = handed.length;
    const { status, text } = await soap(envelope(body));
    expect(status).toBe(expected);
    expect(text).toMatch(
      new RegExp(
        `<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code>.*<s:Detail><r:${fault} xmlns:r="urn:cdc:iisb:2011">` +
          `<r:Code>\\d+</r:Code><r:Reason>${reason}</r:Reason><r:Detail>.+</r:Detail></r:${fault}></s:Detail>`,
      ),
    );
    expect(handed).toHaveLength(before);
  });

  it.each([
    ['what is no XML', '<a', asXml],
    ['what is not well-formed', envelope(submit2011(lab)).replace('</e:Body>', ''), asXml],
    ['what is no UTF-8', Buffer.from('<a>\xe9</a>', 'latin1'), asXml],
    ['what is no envelope', '<a/>', asXml],
    ['an empty body', envelope(''), asXml],
    ['a DOCTYPE', `<!DOCTYPE x [<!ENTITY a "b">]>${envelope(submit2011(lab))}`, asXml],
    ['another media type', '{}', { 'content-type': 'application/json' }],
  ])(
    'has the unknown fault for %s, and says that it is the sender who must mend it',
    async (_, payload, headers) => {
      const { status, text } = await soap(payload, headers);
      expect([status, /<s:Fault><s:Code><s:Value>s:Sender<.*<r:fault /.test(text)]).toEqual([400, true]);
    },
  );

  it('takes the blame for what it broke itself', async () => {
    isBroken = true;
    const { status, text } = await soap(envelope(submit2011(lab)));
    isBroken = false;
    expect([status, /<s:Value>s:Receiver<.*<r:fault /.test(text)]).toEqual([500, true]);
    expect(text).not.toContain('broke inside');
  });

  it('describes itself', async () => {
    const { status, text } = await server.get('/soap/cdc?wsdl');
    expect(status).toBe(200);
    expect(text).toContain(`<soap12:address location="${issuer}/soap/cdc"/>`);
    expect(text).toContain('<soap12:operation soapAction="urn:cdc:iisb:2011:submitSingleMessage"/>');
  });
});

describe('the certificate of a connection', () => {
  const fingerprint = 'ab'.repeat(32);

  it('says which account it is, as long as the account has it', async () => {
    const accounts = openInterfaceAccounts(server.auth, 'off');
    await server.addUser('hub', { role: 'interface', organization: ['a'], certificate: [fingerprint] });
    expect((await accounts.byCertificate(fingerprint))?.name).toBe('hub');
    expect(await accounts.byCertificate('cd'.repeat(32))).toBeUndefined();
    await server.auth.users.change('hub', (user) => ({ ...user, certificates: [] }));
    expect(await accounts.byCertificate(fingerprint)).toBeUndefined();
  });

  it('is a SHA-256', async () => {
    await expect(
      server.addUser('other', { role: 'interface', certificate: ['not a fingerprint'] }),
    ).rejects.toThrow('64 hexadecimal digits');
  });
});

describe('a facility of an account', () => {
  it('is who owns what it sends; what is none of its facilities changes nothing', async () => {
    const accounts = openInterfaceAccounts(server.auth, 'review');
    await server.addUser('two', { role: 'interface', organization: ['a'] });
    const account = await accounts.byLogin('two');
    const ownerAs = (organization?: string) => {
      const caller = account?.callerAs(organization);
      return caller?.kind === 'token' ? [caller.owner, caller.matching] : caller?.kind;
    };
    expect(ownerAs()).toEqual(['a', 'review']);
    expect(ownerAs('b')).toEqual(['b', 'review']);
    expect(ownerAs('elsewhere')).toEqual(['a', 'review']);
    expect(await accounts.byLogin('nurse')).toBeUndefined();
    expect(await accounts.byLogin('nobody')).toBeUndefined();
  });
});

describe('an account on the command line', () => {
  it('is the sender that it is over HTTP: by its login, for the organizations of MSH-4', async () => {
    await server.addUser('filer', { role: 'interface', organization: ['a'], matching: 'review' });
    const { settings, system, users, toCaller } = server.auth;
    const port = { ...settings, system, users, toCaller, matching: 'off' } as const;
    const account = await accountOnCommandLine(port, 'filer', 'cli:test');
    expect([account.name, account.organizations]).toEqual(['filer', ['a', 'b']]);
    const caller = account.callerAs('b');
    expect(caller.kind === 'token' && [caller.owner, caller.matching]).toEqual(['b', 'review']);
  });
});
