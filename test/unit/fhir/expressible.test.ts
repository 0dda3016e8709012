import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonObject, type JsonValue, parseFhirJson } from '../../../src/fhir/fhir-json.ts';
import { parseFhirXml } from '../../../src/fhir/parse-fhir-xml.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { resourceTypes } from '../../../src/fhir/resource-type.ts';
import { toXml } from '../../../src/fhir/to-xml.ts';
import { writeJson } from '../../../src/fhir/write-json.ts';
import { loadDefinitions, loadValidator } from '../../../src/shipped/validator.ts';
import { tellingResource } from './telling-resource.ts';

const definitions = loadDefinitions();
const validator = loadValidator();

/** What a write takes; undefined where it is refused. */
function accepted(parsed: ReturnType<typeof parseFhirJson>): Resource | undefined {
  if (!parsed.ok) return undefined;
  const resource = parsed.value as Resource;
  const issues = validator.validate(resource, { declared: 'ignore' });
  return issues.some(({ severity }) => severity === 'error') ? undefined : resource;
}

/** The same to who reads it: nulls only fill gaps, and in a narrative line ends and blanks around it are XML's. */
function meant(value: JsonValue, name = ''): JsonValue | undefined {
  if (typeof value === 'string') {
    return name === 'div' ? value.replace(/\r\n?/g, '\n').replace(/^[ \t\n]+|[ \t\n]+$/g, '') : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.every((item) => item === null) ? undefined : value.map((item) => meant(item) ?? null);
  }
  const members = Object.entries(value).map(([key, inner]) => [key, meant(inner as JsonValue, key)] as const);
  return Object.fromEntries(members.filter(([, inner]) => inner !== undefined)) as JsonObject;
}

/** With the digits of numbers. */
function valuesIn(xml: string): readonly string[] {
  return xml.match(/ value="[^"]*"/g) ?? [];
}

function readXml(xml: string): JsonObject {
  const parsed = parseFhirXml(xml, definitions);
  if (!parsed.ok) throw new Error(`${parsed.message} in ${xml}`);
  return parsed.value as JsonObject;
}

/** Runs the property on telling resources of every type; the share of those that came to be judged. */
function shareOf(judge: (text: string, gen: (below: number) => number) => boolean): number {
  let [judged, all] = [0, 0];
  for (const type of resourceTypes) {
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        const pick = (below: number) => gen(fc.nat, { max: below - 1 });
        all++;
        if (judge(tellingResource(definitions, type, pick), pick)) judged++;
      }),
      { numRuns: 25, endOnFailure: true },
    );
  }
  return judged / all;
}

describe('what is accepted', () => {
  it('as JSON can be answered as XML, and reads back equal', () => {
    const share = shareOf((text) => {
      const resource = accepted(parseFhirJson(text));
      if (!resource) return false;
      const xml = toXml(resource, definitions);
      const back = readXml(xml);
      expect(meant(back)).toEqual(meant(resource));
      expect(accepted(parseFhirXml(xml, definitions))).toBeDefined();
      expect(valuesIn(toXml(back, definitions))).toEqual(valuesIn(xml));
      return true;
    });
    expect(share).toBeGreaterThan(0.1);
  });

  it('as XML can be answered as JSON, and reads back equal', () => {
    const share = shareOf((text, pick) => {
      const sent = toRoughXml(text, pick);
      const resource = sent === undefined ? undefined : accepted(parseFhirXml(sent, definitions));
      if (!resource) return false;
      const json = writeJson(resource, true);
      const read = accepted(parseFhirJson(json));
      expect(read).toEqual(resource);
      expect(toXml(read as JsonObject, definitions)).toBe(toXml(resource, definitions));
      return true;
    });
    expect(share).toBeGreaterThan(0.1);
  });
});

/** The resource as somebody else may write it: blanks in and round values, other quotes, comments, references. */
function toRoughXml(text: string, pick: (below: number) => number): string | undefined {
  const parsed = parseFhirJson(text);
  if (!parsed.ok) return undefined;
  let xml: string;
  try {
    xml = toXml(parsed.value as JsonObject, definitions);
  } catch {
    return undefined;
  }
  const rough = [
    (attribute: string) => attribute.replace('="', '=" '),
    (attribute: string) => attribute.replace(/"$/, '\r\n"'),
    (attribute: string) => attribute.replace('="', ' =\t"'),
    (attribute: string) => attribute.replaceAll("'", '&apos;').replace(/"/g, "'"),
    (attribute: string) => attribute.replace(/="([a-z])/, (_, letter) => `="&#${letter.charCodeAt(0)};`),
  ];
  return xml
    .replace(/ (?:value|url|id)="[^"]*"/g, (attribute) =>
      pick(4) === 0 ? (rough[pick(rough.length)]?.(attribute) ?? attribute) : attribute,
    )
    .replace(/><(?=[a-z])/g, (between) => (pick(8) === 0 ? '><!-- c -->\r\n<' : between));
}
