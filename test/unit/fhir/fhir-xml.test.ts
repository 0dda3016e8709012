import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateRegistry } from '../../../src/demo/generate-registry.ts';
import { type JsonObject, parseFhirJson } from '../../../src/fhir/fhir-json.ts';
import { beginFhirXml, parseFhirXml } from '../../../src/fhir/parse-fhir-xml.ts';
import { parseAtOnce } from '../../../src/fhir/stepwise-parse.ts';
import { toXml, toXmlWithPauses } from '../../../src/fhir/to-xml.ts';
import { writeJson } from '../../../src/fhir/write-json.ts';
import { isConcreteResource } from '../../../src/fhir/xml-elements.ts';
import { loadDefinitions } from '../../../src/shipped/validator.ts';
import { toEpochDay } from '../../../src/values/epoch-day.ts';
import { randomResource } from './random-resource.ts';

const definitions = loadDefinitions();

function json(text: string): JsonObject {
  const parsed = parseFhirJson(text);
  if (!parsed.ok) throw new Error(`${parsed.message} in ${text}`);
  return parsed.value as JsonObject;
}

/** What stands between the root's tags. */
function xmlOf(members: string, type = 'Patient'): string {
  const xml = toXml(json(`{"resourceType":"${type}",${members}}`), definitions);
  const start = `<?xml version="1.0" encoding="UTF-8"?>\n<${type} xmlns="http://hl7.org/fhir">`;
  expect(xml.startsWith(start)).toBe(true);
  return xml.slice(start.length, xml.lastIndexOf('</'));
}

function jsonOf(content: string, type = 'Patient'): string {
  const parsed = parseFhirXml(`<${type} xmlns="http://hl7.org/fhir">${content}</${type}>`, definitions);
  if (!parsed.ok) throw new Error(parsed.message);
  return writeJson(parsed.value, parsed.exactNumbers).replace(`{"resourceType":"${type}",`, '').slice(0, -1);
}

const narrative = '<div xmlns="http://www.w3.org/1999/xhtml"><p>A &amp; B</p> <!-- c --></div>';

describe('FHIR XML', () => {
  // R4 xml.html, json.html#primitive
  it.each<[rule: string, type: string, members: string, xml: string]>([
    ['a primitive is an attribute', 'Patient', '"id":"a"', '<id value="a"/>'],
    ['a boolean', 'Patient', '"active":true', '<active value="true"/>'],
    [
      'a choice is named for its type',
      'Patient',
      '"deceasedBoolean":false',
      '<deceasedBoolean value="false"/>',
    ],
    [
      'an element that repeats',
      'Patient',
      '"name":[{"given":["A","B"]},{"family":"C"}]',
      '<name><given value="A"/><given value="B"/></name><name><family value="C"/></name>',
    ],
    [
      'the digits of a decimal',
      'Observation',
      '"valueQuantity":{"value":1.00}',
      '<valueQuantity><value value="1.00"/></valueQuantity>',
    ],
    [
      'the digits of decimals in an extension',
      'Patient',
      '"extension":[{"url":"u","valueDecimal":1e3},{"url":"v","valueDecimal":0.10}]',
      '<extension url="u"><valueDecimal value="1e3"/></extension><extension url="v"><valueDecimal value="0.10"/></extension>',
    ],
    [
      'a primitive without a value',
      'Patient',
      '"_birthDate":{"extension":[{"url":"u","valueCode":"masked"}]}',
      '<birthDate><extension url="u"><valueCode value="masked"/></extension></birthDate>',
    ],
    [
      'the id of a primitive',
      'Patient',
      '"birthDate":"2024","_birthDate":{"id":"b"}',
      '<birthDate id="b" value="2024"/>',
    ],
    [
      'primitives that repeat, some without a value',
      'Patient',
      '"name":[{"given":["A",null],"_given":[null,{"id":"g"}]}]',
      '<name><given value="A"/><given id="g"/></name>',
    ],
    [
      'the id of an element',
      'Patient',
      '"name":[{"id":"n","family":"C"}]',
      '<name id="n"><family value="C"/></name>',
    ],
    [
      'a contained resource',
      'Patient',
      '"contained":[{"resourceType":"Organization","id":"o"}]',
      '<contained><Organization><id value="o"/></Organization></contained>',
    ],
    [
      'an entry of a Bundle',
      'Bundle',
      '"entry":[{"resource":{"resourceType":"Patient","id":"a"}},{"resource":{"resourceType":"Patient"}}]',
      '<entry><resource><Patient><id value="a"/></Patient></resource></entry><entry><resource><Patient/></resource></entry>',
    ],
    [
      'a parameter',
      'Parameters',
      '"parameter":[{"name":"a","part":[{"name":"b","valueInteger":5}]}]',
      '<parameter><name value="a"/><part><name value="b"/><valueInteger value="5"/></part></parameter>',
    ],
    [
      'an element that is named resourceType',
      'ExampleScenario',
      '"instance":[{"resourceType":"Patient"}]',
      '<instance><resourceType value="Patient"/></instance>',
    ],
    [
      'a narrative as it lies',
      'Patient',
      `"text":{"status":"generated","div":${JSON.stringify(narrative)}}`,
      `<text><status value="generated"/>${narrative}</text>`,
    ],
    [
      'characters with a meaning in XML',
      'Patient',
      '"language":"<a> & \\"b\\"\\n\\t\\r"',
      '<language value="&lt;a&gt; &amp; &quot;b&quot;&#10;&#9;&#13;"/>',
    ],
  ])('writes and reads %s', (_rule, type, members, xml) => {
    expect(xmlOf(members, type)).toBe(xml);
    expect(jsonOf(xml, type)).toBe(members);
  });

  it('writes elements in the order of the definitions, and reads them in any', () => {
    expect(xmlOf('"gender":"male","active":true,"id":"a"')).toBe(
      '<id value="a"/><active value="true"/><gender value="male"/>',
    );
    const mixed =
      '<gender value="male"/><name><family value="A"/></name><id value="a"/><name><family value="B"/></name>';
    expect(JSON.parse(`{${jsonOf(mixed)}}`)).toEqual({
      gender: 'male',
      name: [{ family: 'A' }, { family: 'B' }],
      id: 'a',
    });
  });

  it('indents', () => {
    const xml = toXml(json('{"resourceType":"Patient","name":[{"family":"A"}]}'), definitions, {
      pretty: true,
    });
    expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<Patient xmlns="http://hl7.org/fhir">
  <name>
    <family value="A"/>
  </name>
</Patient>
`);
  });

  it('writes U+FFFD for the characters that XML forbids', () => {
    const outcome = {
      resourceType: 'OperationOutcome',
      issue: [{ diagnostics: 'a\u0000\u000b\ufffe\ud800' }],
    };
    expect(toXml(outcome, definitions)).toContain('value="a\ufffd\ufffd\ufffd\ufffd"');
  });

  it.each([
    ['an element that the type does not have', '"foo":1', 'Patient has no element "foo"'],
    ['a sibling of what is no primitive', '"_name":[{"id":"a"}]', 'Patient has no element "_name"'],
    ['a name of JavaScript', '"constructor":"a"', 'Patient has no element "constructor"'],
    ['one value where many are', '"name":{"family":"a"}', '"name" is not an array'],
    ['a value where an object belongs', '"maritalStatus":"a"', '"maritalStatus" is not an object'],
    ['an object where a value belongs', '"gender":{"a":"b"}', '"gender" is an object, not a value'],
    ['a resource of no type', '"contained":[{"id":"a"}]', 'undefined is no resource type of R4'],
    [
      'a narrative that ends too soon',
      '"text":{"div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">a</div></text><active/>"}',
      'not well-formed',
    ],
    ['a narrative with a declaration', '"text":{"div":"<?xml version=\\"1.1\\"?><div/>"}', 'must be a <div>'],
  ])('does not write %s', (_what, members, message) => {
    expect(() => xmlOf(members)).toThrow(message);
  });

  it('reads prefixes, comments, a declaration, a byte order mark and the hint where the schema lies', () => {
    const text = `\ufeff<?xml version="1.0" encoding="utf-8"?><!-- a -->
      <f:Patient xmlns:f="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
        xsi:schemaLocation="http://hl7.org/fhir patient.xsd"><!-- b --><f:id value='a'/>
      <f:contained><Patient xmlns="http://hl7.org/fhir"/></f:contained></f:Patient>`;
    const parsed = parseFhirXml(text, definitions);
    expect(parsed).toMatchObject({
      value: { resourceType: 'Patient', id: 'a', contained: [{ resourceType: 'Patient' }] },
    });
  });

  it('keeps the text of a narrative, with its namespace and the line ends of XML', () => {
    const content =
      '<text><div xmlns="http://www.w3.org/1999/xhtml" title=">">a\r\n<b>b</b> &#13;</div></text>';
    expect(JSON.parse(`{${jsonOf(content)}}`).text.div).toBe(
      '<div xmlns="http://www.w3.org/1999/xhtml" title=">">a\n<b>b</b> &#13;</div>',
    );
    const inherited =
      '<f:text xmlns:f="http://hl7.org/fhir" xmlns="http://www.w3.org/1999/xhtml"><div>a</div></f:text>';
    expect(JSON.parse(`{${jsonOf(inherited)}}`).text.div).toBe(
      '<div xmlns="http://www.w3.org/1999/xhtml">a</div>',
    );
  });

  it('reads an integer with a plus', () => {
    expect(jsonOf('<multipleBirthInteger value="+2"/>')).toBe('"multipleBirthInteger":2');
  });

  it.each<[what: string, content: string, message: string, expression: string]>([
    ['an empty element', '<name/>', '<name> is empty (line 1, column 44)', 'Patient.name[0]'],
    [
      'an unknown element',
      '\n <foo value="1"/>',
      'Patient has no element <foo> (line 2, column 17)',
      'Patient',
    ],
    ['an element of no type', '<name><foo/></name>', 'HumanName has no element <foo>', 'Patient.name[0]'],
    ['a name of JavaScript', '<constructor value="a"/>', 'has no element <constructor>', 'Patient'],
    ['a second value', '<id value="a"/><id value="b"/>', '<id> stands twice', 'Patient'],
    ['a second narrative', `<text>${narrative}${narrative}</text>`, '<div> stands twice', 'Patient.text'],
    ['text', '<name>A</name>', 'The text "A" stands outside of an attribute', 'Patient.name[0]'],
    ['CDATA', '<name><![CDATA[A]]></name>', 'The text "A"', 'Patient.name[0]'],
    ['an unknown attribute', '<id valu="a"/>', '<id> has no attribute "valu"', 'Patient.id'],
    [
      'an attribute of a resource',
      '<contained><Patient id="a"/></contained>',
      'has no attribute "id"',
      'Patient.contained[0]',
    ],
    [
      'an attribute of another namespace',
      '<id x:value="a" xmlns:x="urn:x"/>',
      'no attribute "x:value"',
      'Patient.id',
    ],
    ['an empty attribute', '<id value=""/>', 'must not be empty', 'Patient.id'],
    ['a value on what has parts', '<name value="a"/>', '<name> has no attribute "value"', 'Patient.name[0]'],
    [
      'the url as an element',
      '<extension><url value="a"/></extension>',
      'has no element <url>',
      'Patient.extension[0]',
    ],
    ['an empty primitive', '<id/>', '<id> is empty', 'Patient.id'],
    ['no boolean', '<active value="1"/>', '"1" is not of type boolean', 'Patient.active'],
    [
      'no number',
      '<multipleBirthInteger value="0x1"/>',
      'is not of type integer',
      'Patient.multipleBirthInteger',
    ],
    [
      'a number out of range',
      '<extension url="a"><valueDecimal value="1e999"/></extension>',
      'not of type decimal',
      'Patient.extension[0].valueDecimal',
    ],
    ['another namespace', '<id xmlns="urn:x" value="a"/>', 'in the namespace "urn:x"', 'Patient'],
    [
      'a narrative of no namespace',
      '<text><div>a</div></text>',
      'must be in "http://www.w3.org/1999/xhtml"',
      'Patient.text',
    ],
    [
      'a narrative with a prefix',
      '<text><h:div xmlns:h="http://www.w3.org/1999/xhtml">a</h:div></text>',
      'without a prefix',
      'Patient.text',
    ],
    ['a resource in a resource', '<Patient/>', 'Patient has no element <Patient>', 'Patient'],
    ['no resource where one belongs', '<contained/>', '<contained> is empty', 'Patient.contained[0]'],
    [
      'two resources where one belongs',
      '<contained><Patient/><Patient/></contained>',
      'A second resource',
      'Patient.contained[0]',
    ],
    [
      'an abstract type',
      '<contained><DomainResource/></contained>',
      'is no resource of FHIR R4',
      'Patient.contained[0]',
    ],
    ['a processing instruction', '<?php a ?>', 'no processing instructions', 'Patient'],
    [
      'an entity of HTML',
      '<text><div xmlns="http://www.w3.org/1999/xhtml">&nbsp;</div></text>',
      'not well-formed',
      'Patient.text',
    ],
    ['an entity of JavaScript', '<id value="&constructor;"/>', 'not well-formed', 'Patient'],
    ['a forbidden character', '<id value="&#0;"/>', 'not well-formed', 'Patient'],
    ['a tag that does not end', '<name><family value="a"/>', 'not well-formed', 'Patient'],
    ['an attribute twice', '<id value="a" value="b"/>', 'not well-formed', 'Patient'],
    ['half of a surrogate pair', '<id value="&#xD800;"/>', 'not well-formed', 'Patient'],
  ])('refuses %s', (_what, content, message, expression) => {
    const parsed = parseFhirXml(`<Patient xmlns="http://hl7.org/fhir">${content}</Patient>`, definitions);
    expect(parsed).toEqual({ ok: false, message: expect.stringContaining(message), expression });
    expect(!parsed.ok && parsed.message).toMatch(/\(line \d+, column \d+\)$/);
  });

  it.each([
    ['nothing', ' ', 'root element'],
    ['JSON', '{"resourceType":"Patient"}', 'not well-formed'],
    ['no namespace', '<Patient/>', 'is in no namespace'],
    ['another format', '<ClinicalDocument xmlns="urn:hl7-org:v3"/>', 'in the namespace "urn:hl7-org:v3"'],
    ['no resource', '<Foo xmlns="http://hl7.org/fhir"/>', '<Foo> is no resource of FHIR R4'],
    ['a datatype', '<HumanName xmlns="http://hl7.org/fhir"/>', 'no resource of FHIR R4'],
    [
      'two documents',
      '<Patient xmlns="http://hl7.org/fhir"/><Patient xmlns="http://hl7.org/fhir"/>',
      'not well-formed',
    ],
    [
      'another encoding',
      '<?xml version="1.0" encoding="latin1"?><Patient xmlns="http://hl7.org/fhir"/>',
      'in UTF-8',
    ],
    ['XML 1.1', '<?xml version="1.1"?><Patient xmlns="http://hl7.org/fhir"/>', 'XML 1.0, not 1.1'],
    ['a DOCTYPE', '<!DOCTYPE Patient><Patient xmlns="http://hl7.org/fhir"/>', 'has no DOCTYPE'],
  ])('refuses %s', (_what, text, message) => {
    expect(parseFhirXml(text, definitions)).toEqual({
      ok: false,
      message: expect.stringContaining(message),
      expression: '',
    });
  });

  it.each([
    ['extensions', '<extension url="a">'.repeat(100_000)],
    ['parts of a narrative', `<text><div xmlns="http://www.w3.org/1999/xhtml">${'<b>'.repeat(100_000)}`],
  ])('refuses 100,000 nested %s at once', (_what, content) => {
    const parsed = parseFhirXml(`<Patient xmlns="http://hl7.org/fhir">${content}`, definitions);
    expect(parsed).toMatchObject({
      ok: false,
      message: expect.stringContaining('nests deeper than 100 levels'),
    });
    // It was not read further than the hundredth.
    const [, column] = /column (\d+)/.exec(parsed.ok ? '' : parsed.message) ?? [];
    expect(Number(column)).toBeLessThan(3000);
  });

  it('nests as deep as JSON does', () => {
    const deep = (levels: number) =>
      `${'<extension url="a">'.repeat(levels)}<valueCode value="a"/>${'</extension>'.repeat(levels)}`;
    const parsed = jsonOf(deep(49));
    expect(parseFhirJson(`{"resourceType":"Patient",${parsed}}`).ok).toBe(true);
    expect(() => jsonOf(deep(50))).toThrow('nests deeper');
  });
});

function roundTrips(text: string): void {
  const value = json(text);
  for (const pretty of [false, true]) {
    const xml = toXml(value, definitions, { pretty });
    const back = parseFhirXml(xml, definitions);
    if (!back.ok) throw new Error(`${back.message} in ${xml}`);
    expect(back.value).toEqual(value);
    // The XML has an order of its own, so that the same XML again shows that all digits were kept.
    expect(toXml(back.value as JsonObject, definitions, { pretty })).toBe(xml);
  }
}

describe('JSON to XML to JSON', () => {
  it('changes no resource of the demo', () => {
    const resources = [
      ...generateRegistry({ mode: 'demo', seed: 5, asOf: toEpochDay(2026, 3, 1), people: 60 }),
    ];
    expect(new Set(resources.map(({ resourceType }) => resourceType)).size).toBeGreaterThan(6);
    for (const resource of resources) roundTrips(JSON.stringify(resource));
  });

  const concrete = Object.keys(definitions.types).filter((type) => isConcreteResource(definitions, type));

  it('changes no resource of any type, whatever elements it has', () => {
    expect(concrete.length).toBeGreaterThan(140);
    for (const type of concrete) {
      fc.assert(
        fc.property(fc.gen(), (gen) => {
          roundTrips(randomResource(definitions, type, (below) => gen(fc.nat, { max: below - 1 })));
        }),
        { numRuns: 2, endOnFailure: true },
      );
    }
  });
});

it('reads the same in steps of any length', () => {
  const text = `<Patient xmlns="http://hl7.org/fhir">\r\n<text><status value="generated"/>${narrative}</text>
    <extension url="http://e.example/x"><valueDecimal value="1.00"/></extension><!-- \u{1f600} -->
    <name><family value="A &lt; \u{1f600}"/></name></Patient>`;
  const whole = parseFhirXml(text, definitions);
  expect(whole.ok).toBe(true);
  for (const length of [1, 2, 3, 7, 100]) {
    expect(parseAtOnce(beginFhirXml(text, definitions, length))).toEqual(whole);
  }
});

it.each([true, false])(
  'writes a Bundle entry by entry as it does at a stretch (pretty: %s)',
  async (pretty) => {
    const bundle = json(
      '{"resourceType":"Bundle","type":"searchset","total":2,"link":[{"relation":"self","url":"http://a"}],"entry":[{"fullUrl":"http://a/1","resource":{"resourceType":"Patient","active":true},"search":{"mode":"match"}},{"fullUrl":"http://a/2"}],"signature":{"type":[{"code":"x"}],"when":"2020-01-01T00:00:00Z","who":{"display":"x"}}}',
    );
    let pauses = 0;
    const pause = () => {
      pauses++;
      return undefined;
    };
    const written = await toXmlWithPauses(bundle, definitions, { pretty, pause });
    expect([written, pauses]).toEqual([toXml(bundle, definitions, { pretty }), 2]);
  },
);
