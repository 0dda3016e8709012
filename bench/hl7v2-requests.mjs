// What `bench -- hl7v2` asks a server: VXU of people who are not known and the transaction that writes the same, a Z44 of
// somebody who is there, and the forecast and the search that it is held against.
import { generatePerson } from '../dist/demo/generate-registry.js';
import { createRegistryContext, personId } from '../dist/demo/registry-context.js';
import { toEpochDay } from '../dist/values/epoch-day.js';
import { sampleVxu } from './hl7v2-sample.mjs';
import { getRequest, postRequest } from './http-client.mjs';

const context = createRegistryContext({ mode: 'bench', seed: 2, asOf: toEpochDay(2026, 3, 1) });
/** Those who fill the store. */
const filled = createRegistryContext({ mode: 'bench', seed: 1, asOf: toEpochDay(2026, 3, 1) });

let serial = Date.now() % 1_000_000_000;

/** Of somebody who is not known: the sample's doses under another name, birth date, number, address and phone. */
function vxu() {
  const at = serial++;
  const [{ name, birthDate, gender }] = generatePerson(context, at % 5_000_000);
  const [{ family, given }] = name;
  const born = inTime(birthDate).replaceAll('-', '');
  const message = sampleVxu(at)
    .replace('Larkin^Mona^Jo', `${family}^${given[0]}^${given[1] ?? ''}`)
    .replace('|20230304|F|', `|${born}|${gender === 'male' ? 'M' : 'F'}|`);
  return elsewhere(message, at);
}

/** The same day of the year before May 2023: for who was born then the sample's doses are meant, and nothing is told. */
function inTime(birthDate) {
  const day = birthDate.slice(4).replace('-02-29', '-02-28');
  return (day >= '-05' ? '2022' : '2023') + day;
}

/** Seven digits of a number that there may be. */
const phoneOf = (at) => String(2_200_000 + (at % 799_999));

/** Who lives at one address with one phone and mother would be candidates of one another. */
function elsewhere(text, at) {
  const phone = phoneOf(at);
  return text
    .replace(/282(\D?)0101/g, (_, mark) => `${phone.slice(0, 3)}${mark}${phone.slice(3)}`)
    .replaceAll('12 Elm St', `${at % 99_991} Elm St`)
    .replace(/\bWeir\b/g, `Weir${at % 99_991}`);
}

const er7Request = (body) =>
  `POST /hl7v2 HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/hl7-v2\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
export const vxuRequest = () => er7Request(vxu());

/** A request for the transaction that writes what a message wrote, of another person each time. */
export async function transactionOf(port) {
  const message = vxu();
  const answer = await fetch(`http://127.0.0.1:${port}/hl7v2`, {
    method: 'POST',
    headers: { 'content-type': 'application/hl7-v2' },
    body: message,
  });
  if (!/\rMSA\|AA/.test(await answer.text())) throw new Error('the sample was not accepted');
  const mrn = /\|(A\d+)\^/.exec(message)[1];
  const read = (path) => fetch(`http://127.0.0.1:${port}/fhir/${path}`).then((got) => got.json());
  const sources = await read(
    `Patient?identifier=${mrn}&_tag=https://jenner-iis.org/fhir/CodeSystem/record|source`,
  );
  const patient = (sources.entry ?? (await read(`Patient?identifier=${mrn}`)).entry)[0].resource;
  const of = async (type, param) =>
    ((await read(`${type}?${param}=Patient/${patient.id}`)).entry ?? []).map(({ resource }) => resource);
  const others = [
    ...(await of('RelatedPerson', 'patient')),
    ...(await of('Immunization', 'patient')),
    ...(await of('Provenance', 'target')),
  ];
  const bare = ({ meta: _, id: __, link: ___, ...resource }) => resource;
  const entries = [patient, ...others].map((resource) => ({
    fullUrl: `urn:uuid:${resource.id}`,
    resource: bare(resource),
    request: { method: 'POST', url: resource.resourceType },
  }));
  const known = new Set([patient, ...others].map(({ resourceType, id }) => `${resourceType}/${id}`));
  const own = Number(mrn.slice(1));
  const text = plainAgain(
    JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: entries }),
    own,
  ).replace(/"reference":"([A-Za-z]+\/([\w.-]+))"/g, (whole, reference, id) =>
    known.has(reference) ? `"reference":"urn:uuid:${id}"` : whole,
  );
  const [{ family, given }] = patient.name;
  const first = { name: JSON.stringify({ family, given }).slice(1, -1), birth: patient.birthDate, mrn };
  return () => {
    const at = serial++;
    const [other] = generatePerson(context, at % 5_000_000);
    const name = JSON.stringify({ family: other.name[0].family, given: other.name[0].given }).slice(1, -1);
    const body = text
      .replace(first.name, name)
      .replace(`"birthDate":"${first.birth}"`, `"birthDate":"${inTime(other.birthDate)}"`)
      .replaceAll(first.mrn.slice(1), String(at));
    return postRequest('/fhir', elsewhere(body, at));
  };
}

/** The address, phone and mother of the sample in place of those that `elsewhere` gave. */
function plainAgain(text, at) {
  const phone = phoneOf(at);
  const digits = new RegExp(`${phone.slice(0, 3)}(\\D?)${phone.slice(3)}`, 'g');
  return text
    .replace(digits, (_, mark) => `282${mark}0101`)
    .replaceAll(`${at % 99_991} Elm St`, '12 Elm St')
    .replaceAll(`Weir${at % 99_991}`, 'Weir');
}

/** Z44 of those who fill the store, and what the same takes over FHIR: a forecast, and a search by name and birth date. */
export function queriesAmong(people) {
  const anyone = () => generatePerson(filled, Math.floor(Math.random() * people));
  const query = () => {
    // Name and birth date alone make nobody certain: then the answer would be that nobody is.
    const [{ name, birthDate, gender, address, telecom }] = anyone();
    const [{ family, given }] = name;
    const [{ line, city, state, postalCode }] = address;
    const digits =
      (telecom ?? [])
        .find(({ system }) => system === 'phone')
        ?.value.replace(/\D/g, '')
        .slice(-10) ?? '';
    const phone = digits === '' ? '' : `^PRN^PH^^^${digits.slice(0, 3)}^${digits.slice(3)}`;
    const head = `MSH|^~\\&|EHR|ELM|IIS|DPH|20260301090000-0500||QBP^Q11^QBP_Q11|q${serial++}|P|2.5.1|||ER|AL|||||Z44^CDCPHINVS`;
    const sex = gender === 'male' ? 'M' : 'F';
    const home = `${line[0]}^^${city}^${state}^${postalCode}^USA^L`;
    const qpd = `QPD|Z44^Request Evaluated History and Forecast^CDCPHINVS|Q1||${family}^${given[0]}^${given[1] ?? ''}^^^^L||${birthDate.replaceAll('-', '')}|${sex}|${home}|${phone}`;
    return er7Request(`${head}\r${qpd}\rRCP|I|5^RD&Records&HL70126\r`);
  };
  const forecast = () =>
    getRequest(`/fhir/Patient/${personId('bench', Math.floor(Math.random() * people))}/$immds-forecast`);
  const search = () => {
    const [{ name, birthDate }] = anyone();
    const asked = `family=${encodeURIComponent(name[0].family)}&birthdate=${birthDate}`;
    return getRequest(`/fhir/Patient?${asked}`);
  };
  return { query, forecast, search };
}
