import type { Patient } from 'fhir/r4.js';
import { type Issue, Problem, toOperationOutcome } from '../../fhir/problem.ts';
import { type InteractionContext, requireAccess } from '../../interaction/context.ts';
import { membersOf, type SplicedEntry, spliceBundle } from '../../interaction/splice-bundle.ts';
import { missing, unknownIssues } from '../../operation/inputs.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import type { OperationAnswer } from '../../operation/operation-answer.ts';
import { input, output } from '../../operation/operation-parameter.ts';
import { type RankedCandidate, rankCandidates } from './find-candidates.ts';
import { findRanked, namesOne, shownTo } from './find-ranked.ts';
import { matchKeyCode } from './match-index.ts';
import { matchKeys } from './match-keys.ts';
import type { MatchModel } from './match-model.ts';
import type { MatchRecord } from './match-record.ts';
import { toMatchRecord } from './to-match-record.ts';

/** So many are answered where nobody says how many, and at most. */
const mostAnswered = 50;

/** R4 patient-operation-match.html. */
export function matchOperation(model: MatchModel): Operation {
  return {
    code: 'match',
    definition: 'http://hl7.org/fhir/OperationDefinition/Patient-match',
    description: 'Answers the people who may be the one that is described, the most likely first.',
    levels: ['type'],
    types: ['Patient'],
    affectsState: false,
    parameters: [
      input('resource', 'Patient', 'A Patient with what is known: a name and one thing more', { min: 1 }),
      input('onlyCertainMatches', 'boolean', 'Whether one person is answered who is certain, or nobody'),
      input('count', 'integer', `So many are answered, ${mostAnswered} at most`),
      output('return', 'Bundle', 'Each with a score and the extension match-grade', { min: 1 }),
    ],
    run: (ctx, call) => answerMatches(ctx, call, model),
  };
}

async function answerMatches(
  ctx: InteractionContext,
  call: OperationCall,
  model: MatchModel,
): Promise<OperationAnswer> {
  requireAccess(ctx, 'search-type', 'Patient');
  const { inputs } = call;
  const patient = inputs.resource<Patient>('resource');
  if (!patient) throw missing('resource', '$match needs the Patient who is looked for');
  const record = toMatchRecord(patient);
  requireEnough(record, inputs.place('resource'));
  const { finder, ranked } = await findRanked(ctx, {
    keys: matchKeys(record),
    rank: (candidates) => rankCandidates(model, record, candidates),
    namesOne: namesOne(record),
  });
  const asked = inputs.flag('onlyCertainMatches') ? onlyOne(ranked) : ranked;
  const shown = asked.slice(0, Math.min(inputs.count('count') ?? mostAnswered, mostAnswered));
  return { kind: 'text', text: await bundleOf(finder, asked.length, shown, issuesOf(ctx, call)) };
}

/** R4: of several who are certain none is answered, since it is not known which. */
function onlyOne(ranked: readonly RankedCandidate[]): readonly RankedCandidate[] {
  const certain = ranked.filter(({ comparison }) => comparison.grade === 'certain');
  return certain.length === 1 ? certain : [];
}

/** Less is a list of people, and no question about one. */
function requireEnough(record: MatchRecord, place: string): void {
  const { given, family, birth, phones, ssns, medicaids, recordNumbers, addresses } = record;
  const hasNumber = ssns.length + medicaids.length + recordNumbers.length + phones.length > 0;
  const hasHouse = addresses.some(({ street }) => street !== '');
  const hasDay = birth !== undefined && birth.day > 0;
  if ((given.whole !== '' || family.whole !== '') && (hasNumber || hasHouse || hasDay)) return;
  const text =
    'Too little is known of the Patient: a name is needed, and a whole birth date, an identifier, a phone or a street';
  throw new Problem('missing-content', text, { expression: place });
}

/** What is answered is searched for the caller, so it is judged and told as any search is. */
async function bundleOf(
  finder: InteractionContext,
  total: number,
  shown: readonly RankedCandidate[],
  issues: readonly Issue[],
) {
  const texts = new Map<string, string>();
  for (const { id, text } of await shownTo(finder, shown)) texts.set(id, text);
  const entries: SplicedEntry[] = [];
  for (const { stored, comparison } of shown) {
    const text = texts.get(stored.id);
    if (text === undefined) continue;
    const extension = [{ url: gradeUrl, valueCode: comparison.grade }];
    const score = Math.round(comparison.score * 1e4) / 1e4;
    const rest = membersOf({ search: { extension, mode: 'match', score } });
    entries.push({ fullUrl: `${finder.baseUrl}/Patient/${stored.id}`, text, rest });
  }
  if (issues.length > 0) {
    entries.push({
      fullUrl: `urn:uuid:${finder.newId()}`,
      text: JSON.stringify(toOperationOutcome(issues)),
      rest: membersOf({ search: { mode: 'outcome' } }),
    });
  }
  return spliceBundle({ resourceType: 'Bundle', type: 'searchset', total }, entries);
}

const gradeUrl = 'http://hl7.org/fhir/StructureDefinition/match-grade';

function issuesOf(ctx: InteractionContext, { inputs }: OperationCall): readonly Issue[] {
  const unknown = unknownIssues(inputs);
  if (ctx.staleness('Patient', matchKeyCode) === undefined) return unknown;
  const text = 'The index by which people are found is being built anew; some may be missing';
  return [...unknown, { severity: 'warning', code: 'incomplete', text }];
}
