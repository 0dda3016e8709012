import { type Issue, Problem, type ProblemKind } from '../fhir/problem.ts';
import { toLiteralReference } from '../fhir/reference.ts';
import { isResourceType, type ResourceType } from '../fhir/resource-type.ts';
import { type ParameterList, parseQuery } from '../interaction/parse-query.ts';
import { unknownIssues } from '../operation/inputs.ts';
import type { OperationCall } from '../operation/operation.ts';
import { type EpochMs, parseMsRange } from '../values/instant.ts';
import { parseRowFormat, rowFormats } from '../views/row-format.ts';

/** What a kick-off asks for, as far as it can be read without the store. */
export type ExportRequest = {
  /** Absent: all that there are. */
  readonly types?: readonly ResourceType[];
  readonly since?: EpochMs;
  readonly until?: EpochMs;
  /** Any one of a type; a type without any is not narrowed. */
  readonly typeFilters: readonly { readonly type: ResourceType; readonly criteria: ParameterList }[];
  /** Root elements of each type; `*` of all. */
  readonly elements: ReadonlyMap<ResourceType | '*', readonly string[]>;
  /** Ids. */
  readonly patients: readonly string[];
  /** Rows of views in place of resources. */
  readonly table?: TableRequest;
  /** Whether the Provenance of what is exported goes with it. */
  readonly withProvenance: boolean;
  /** Whether what belongs to a person stands together, instead of what is of one type. */
  readonly isByPatient: boolean;
  /** Whether files may be told of before all are there. */
  readonly isPartial: boolean;
  /** `Prefer: handling=lenient`: what cannot be done is passed over, and told. */
  readonly isLenient: boolean;
  /** What was passed over, since the client would have it so. */
  readonly issues: readonly Issue[];
};

export type TableRequest = {
  readonly format: 'csv' | 'parquet';
  /** Names or canonicals; none: those that ship. */
  readonly views: readonly string[];
  /** The day that forecasts are of, as it was sent. */
  readonly asOf?: string;
};

const formats: ReadonlySet<string> = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson']);
const associated: ReadonlySet<string> = new Set(['LatestProvenanceResources', 'RelevantProvenanceResources']);
const mostPatients = 1000;

/** Says what is wrong: to the client, or in the file of issues where it would rather have the rest. */
type Complain = (kind: ProblemKind, text: string, name: string) => void;

export function readExportRequest(call: OperationCall, baseUrl: string): ExportRequest {
  const { inputs, asked } = call;
  const issues: Issue[] = [...unknownIssues(inputs)];
  const isLenient = /(?:^|[,;\s])handling=lenient\b/.test(asked?.prefer ?? '');
  const complain: Complain = (kind, text, name) => {
    const problem = new Problem(kind, text, { expression: inputs.place(name) });
    if (!isLenient) throw problem;
    issues.push(...problem.issues.map((issue) => ({ ...issue, severity: 'warning' as const })));
  };
  refuseSummary(call, complain);
  const table = readTable(call, complain);
  const types = readTypes(call, complain);
  const [since, until] = [readInstant(call, '_since'), readInstant(call, '_until')];
  return {
    ...(types && { types }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(table && { table }),
    typeFilters: readTypeFilters(call, types, complain),
    elements: readElements(call, complain),
    patients: readPatients(call, baseUrl),
    withProvenance: readAssociated(call, complain),
    isByPatient: readOrganized(call, complain) && !table,
    isPartial: inputs.flag('allowPartialManifests'),
    isLenient,
    issues,
  };
}

/** A summary of everything would be taken for all of it. */
function refuseSummary({ inputs }: OperationCall, complain: Complain): void {
  const asked = inputs.list.find(([name, text]) => name === '_summary' && text !== 'false');
  if (!asked) return;
  const text = `_summary=${asked[1].slice(0, 80)} has no meaning in an export: _elements says what it holds`;
  complain('not-supported', text, '_summary');
}

/** Undefined for resources as they are. An unescaped plus sign of a query is a blank. */
function readTable(call: OperationCall, complain: Complain): TableRequest | undefined {
  const { inputs } = call;
  const text = inputs.text('_outputFormat')?.replace(' ', '+');
  const isPlain = text === undefined || formats.has(text);
  const format = isPlain ? undefined : parseRowFormat(text);
  if (format === 'csv' || format === 'parquet') return readTableOf(format, call, complain);
  if (!isPlain) {
    const known = [...formats, ...rowFormats.csv.names, ...rowFormats.parquet.names].join(', ');
    throw new Problem('not-supported', `_outputFormat=${text.slice(0, 80)} is none of ${known}`, {
      expression: inputs.place('_outputFormat'),
    });
  }
  for (const name of ['_view', 'asOf'].filter((one) => inputs.has(one))) {
    complain('not-supported', `${name} goes with _outputFormat=parquet and _outputFormat=csv`, name);
  }
  return undefined;
}

/** A row has the columns of its view, and nothing beside it. */
function readTableOf(
  format: TableRequest['format'],
  { inputs }: OperationCall,
  complain: Complain,
): TableRequest {
  const isNamed = (name: string) => inputs.has(name) || inputs.list.some(([sent]) => sent === name);
  for (const name of ['_elements', 'includeAssociatedData', 'organizeOutputBy'].filter(isNamed)) {
    complain('not-supported', `${name} has no meaning for a table`, name);
  }
  const asOf = inputs.text('asOf');
  return { format, views: listOf(inputs.texts('_view'), '_view'), ...(asOf !== undefined && { asOf }) };
}

/** FHIR's instant has a zone; a moment that has not come has no meaning. */
export function readInstant({ inputs }: OperationCall, name: string): EpochMs | undefined {
  const text = inputs.text(name)?.replace(' ', '+');
  if (text === undefined) return undefined;
  const isWhole = /T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})$/.test(text);
  const span = isWhole ? parseMsRange(text) : undefined;
  if (span) return span.first;
  const expected = 'an instant such as 2026-11-28T08:00:00Z';
  throw new Problem('invalid-parameter', `${name}=${text.slice(0, 80)}: expected ${expected}`, {
    expression: inputs.place(name),
  });
}

/** Names in one list of a kick-off: more than there are types. */
const mostNames = 200;
/** One for each of several programs, of several types. */
const mostTypeFilters = 50;

/** What stands between the commas; throws 400 for more than anybody needs, before it is cut. */
function listOf(texts: readonly string[], name: string): readonly string[] {
  let names = texts.length;
  for (const text of texts) {
    for (let at = text.indexOf(','); at >= 0 && names <= mostNames; at = text.indexOf(',', at + 1)) names++;
  }
  requireFew(names, mostNames, name);
  return texts.flatMap((text) => text.split(',')).map((text) => text.trim());
}

function requireFew(count: number, most: number, name: string): void {
  if (count <= most) return;
  throw new Problem('invalid-parameter', `${name} may have ${most} values`, { expression: `http.${name}` });
}

function readTypes({ inputs }: OperationCall, complain: Complain): readonly ResourceType[] | undefined {
  if (!inputs.has('_type')) return undefined;
  const types = new Set<ResourceType>();
  for (const name of listOf(inputs.texts('_type'), '_type')) {
    if (isResourceType(name)) types.add(name);
    else
      complain('invalid-parameter', `_type=${name.slice(0, 80)} is no type that this server keeps`, '_type');
  }
  return [...types];
}

function readTypeFilters(
  { inputs }: OperationCall,
  types: readonly ResourceType[] | undefined,
  complain: Complain,
): ExportRequest['typeFilters'] {
  const texts = inputs.texts('_typeFilter').flatMap(queriesOf);
  requireFew(texts.length, mostTypeFilters, '_typeFilter');
  return texts.flatMap((text) => {
    const question = text.indexOf('?');
    const type = text.slice(0, Math.max(question, 0));
    const criteria = parseQuery(text.slice(question + 1));
    if (isResourceType(type) && criteria.length > 0 && (types?.includes(type) ?? true))
      return [{ type, criteria }];
    const expected = 'Type?search with a type that is exported';
    complain('invalid-parameter', `_typeFilter=${text.slice(0, 200)}: expected ${expected}`, '_typeFilter');
    return [];
  });
}

/** Bulk Data 2.0 has several queries in one value, with commas between them; a comma within one stands between values. */
function queriesOf(text: string): readonly string[] {
  const queries: string[] = [];
  for (const piece of text.split(',')) {
    const isNext = isResourceType(piece.slice(0, Math.max(piece.indexOf('?'), 0)));
    if (isNext || queries.length === 0) queries.push(piece);
    else queries.push(`${queries.pop()},${piece}`);
  }
  return queries;
}

function readElements({ inputs }: OperationCall, complain: Complain): ExportRequest['elements'] {
  const elements = new Map<ResourceType | '*', string[]>();
  const sent = inputs.list.flatMap(([name, text]) => (name === '_elements' ? [text] : []));
  for (const path of listOf(sent, '_elements')) {
    const [, type, element] = /^(?:([A-Z][A-Za-z]*)\.)?([a-z][A-Za-z]*)$/.exec(path) ?? [];
    if (element === undefined || (type !== undefined && !isResourceType(type))) {
      const fault =
        element === undefined ? 'expected element or Type.element of the root' : `there is no type ${type}`;
      complain('invalid-parameter', `_elements=${path.slice(0, 80)}: ${fault}`, '_elements');
      continue;
    }
    const key = type === undefined ? '*' : (type as ResourceType);
    elements.set(key, [...(elements.get(key) ?? []), element]);
  }
  return elements;
}

function readPatients({ inputs, asked }: OperationCall, baseUrl: string): readonly string[] {
  const given = inputs.objects('patient');
  if (given.length > 0 && asked?.method !== 'POST') {
    throw new Problem('not-supported', 'patient is sent by POST, in Parameters', {
      expression: 'http.patient',
    });
  }
  if (given.length > mostPatients) {
    throw new Problem('not-supported', `At most ${mostPatients} patients can be named; make a Group of more`);
  }
  return given.map((reference) => {
    const text = typeof reference === 'object' && reference !== null ? reference['reference'] : undefined;
    const parsed = typeof text === 'string' ? toLiteralReference(text, baseUrl) : undefined;
    if (parsed?.kind === 'local' && parsed.type === 'Patient') return parsed.id;
    throw new Problem('invalid-parameter', 'patient must be a reference to a Patient (Patient/id)', {
      expression: inputs.place('patient'),
    });
  });
}

function readOrganized({ inputs }: OperationCall, complain: Complain): boolean {
  const by = inputs.text('organizeOutputBy');
  if (by === undefined || by === 'Patient') return by !== undefined;
  const text = `organizeOutputBy=${by.slice(0, 80)}: files are organized by Patient or not at all`;
  complain('not-supported', text, 'organizeOutputBy');
  return false;
}

function readAssociated({ inputs }: OperationCall, complain: Complain): boolean {
  const codes = listOf(inputs.codes('includeAssociatedData'), 'includeAssociatedData');
  const known = codes.filter((code) => associated.has(code));
  for (const code of codes) {
    if (associated.has(code)) continue;
    const text = `includeAssociatedData=${code.slice(0, 80)} is none of ${[...associated].join(', ')}`;
    complain('not-supported', text, 'includeAssociatedData');
  }
  return known.length > 0;
}
