import type { ResourceType } from '../../fhir/resource-type.ts';
import { concerningParams } from '../../search/compartment.ts';
import { isBorneByOne } from '../../search/reach.ts';
import type { ReachPart } from './conjuncts.ts';
import type { Names } from './names.ts';
import { disjunction, glue, never, type Sql, sql } from './sql.ts';
import { oneOfTexts } from './value-sql.ts';

// Whom a version concerns is one number (patient-code.ts). Of one of which it is not known, no test holds and its negation
// neither: both are NULL.

/** All whom it concerns are among these or their aliases; `patient` is the SQL of the number. */
export function concernsSql(patient: string, ids: readonly string[], names: Names): Sql {
  const rids = glue('(', aliasRids(ids, names), ')');
  const others = glue(`EXISTS (SELECT 1 FROM json_each(${listOf(patient)}) WHERE value NOT IN `, rids, ')');
  const one = ids.length === 1 ? isOrAlias(patient, ids, names) : glue(`${patient} IN `, rids);
  return byNumber(patient, one, glue('NOT ', others));
}

/** As to be among the one and its aliases, but compared: SQLite would make a table of them in each run. */
function isOrAlias(patient: string, ids: readonly string[], names: Names): Sql {
  // Who is not there is nobody, and not of whom nothing is known.
  const rid = glue('coalesce((', patientRids(ids, names), '), 0)');
  const ofAlias = `EXISTS (${someAlias}) AND EXISTS (SELECT 1 FROM ${aliasesOfA} WHERE a.patient = `;
  return glue(`(${patient} = `, rid, ` OR (${ofAlias}`, rid, ` AND b.patient = ${patient})))`);
}

/** All whom it concerns bear the same one of these marks. */
export function reachSql(patient: string, part: ReachPart, names: Names, asked?: AskedPerson): Sql {
  const { anyOf, person } = part;
  const bears = (who: Sql) => oneBears(who, bearingOne(anyOf, names, testedMark));
  const any = byNumber(patient, bears(sql(patient)), severalBear(patient, anyOf, names));
  if (person === undefined) return any;
  if (asked) {
    const known = asked.find(bears(sql('who.rid')));
    return glue(`CASE WHEN ${patient} = ${asked.rid} THEN ${known} ELSE `, any, ' END');
  }
  // Neither of the two is about the row, so SQLite asks them once.
  const rid = glue('(', patientRids([person], names), ')');
  return glue(`CASE WHEN ${patient} = `, rid, ' THEN ', bears(rid), ' ELSE ', any, ' END');
}

/** The one person whom a search asks for, as a row that stands before all others: what is asked of the person is found once. */
export type AskedPerson = {
  readonly rid: string;
  /** The SQL of what is found by a condition on `who.rid`. */
  readonly find: (condition: Sql) => string;
  /** The row, under its name; undefined where nothing was asked. */
  readonly row: () => Sql | undefined;
};

export function askedPerson(id: string, names: Names): AskedPerson {
  const found: Sql[] = [];
  const rid = glue('SELECT (', patientRids([id], names), ') AS rid');
  return {
    rid: 'one.rid',
    find: (condition) => `one.b${found.push(glue(', ', condition, ` AS b${found.length}`)) - 1}`,
    // By the limit it is a row of its own; else SQLite would look for each of its columns where it is asked for.
    row: () =>
      found.length === 0
        ? undefined
        : glue('(SELECT who.rid AS rid', ...found, ' FROM (', rid, ') who LIMIT 1) one'),
  };
}

/** By itself or by an alias; where nobody has any, the aliases are asked for once in a statement. */
function oneBears(who: Sql, bearing: Sql): Sql {
  const itself = glue('EXISTS (SELECT 1 FROM patient_mark m WHERE m.patient = ', who, ' AND ', bearing, ')');
  const marks = 'CROSS JOIN patient_mark m ON m.patient = b.patient';
  const ofAlias = glue(`SELECT 1 FROM ${aliasesOfA} ${marks} WHERE a.patient = `, who, ' AND ', bearing);
  return glue('(', itself, ` OR (EXISTS (${someAlias}) AND EXISTS (`, ofAlias, ')))');
}

const someAlias = 'SELECT 1 FROM alias WHERE patient > 0 LIMIT 1';

/** `b` = whoever is known as the same person as `a`, itself among them. */
const aliasesOfA = 'alias a CROSS JOIN alias b ON b.person = a.person';

function severalBear(patient: string, anyOf: readonly string[], names: Names): Sql {
  const list = listOf(patient);
  const ofEach = 'LEFT JOIN alias a ON a.patient = j.value LEFT JOIN alias b ON b.person = a.person';
  const marks = 'CROSS JOIN patient_mark m ON m.patient = coalesce(b.patient, j.value)';
  const from = `EXISTS (SELECT 1 FROM json_each(${list}) j ${ofEach} ${marks} WHERE `;
  const bearing = (marks: readonly string[]) => bearingOne(marks, names, testedMark);
  const ofAll = bearing(anyOf.filter((mark) => !isBorneByOne(mark)));
  const ofOne = bearing(anyOf.filter(isBorneByOne));
  const all = glue(
    from,
    ofAll,
    ` GROUP BY m.mark HAVING count(DISTINCT j.value) = json_array_length(${list}))`,
  );
  return anyOf.some(isBorneByOne) ? disjunction([all, glue(from, ofOne, ')')]) : all;
}

function byNumber(patient: string, one: Sql, several: Sql): Sql {
  const cases = [`CASE WHEN ${patient} > 0 THEN `, one, ` WHEN ${patient} < 0 THEN `, several];
  return glue(...cases, ` WHEN ${patient} = 0 THEN 0 END`);
}

function listOf(patient: string): string {
  return `(SELECT patients FROM patient_list WHERE id = -${patient})`;
}

/** Longer lists are handed over as one text. */
const fewMarks = 8;

/**
 * The mark of somebody who is given. Nobody bears many, so each is compared with a list; an index of the list, which
 * SQLite would make for it in each run of the statement, costs more than all the rest of a read.
 */
const testedMark = '+m.mark';

/** The mark is one of these. What is not there yet is looked up by name, so that the statement stays right when it comes. */
function bearingOne(marks: readonly string[], names: Names, mark: 'm.mark' | typeof testedMark): Sql {
  const newest = names.newestMark();
  const ids = marks.map(names.markId);
  const known = ids.filter((id) => id !== undefined);
  const missing = marks.filter((_mark, place) => ids[place] === undefined);
  if (missing.length === 0) return oneOfIds(known, mark);
  if (mark !== testedMark) return sql(`m.mark IN (${idsOfNames})`, JSON.stringify(marks));
  // Few are as new as that, so that the names are hardly ever looked for.
  const later = sql(`(${mark} > ? AND ${mark} IN (${idsOfNames}))`, newest, JSON.stringify(missing));
  return known.length === 0 ? later : disjunction([oneOfIds(known, mark), later]);
}

const idsOfNames = 'SELECT id FROM mark WHERE name IN (SELECT value FROM json_each(?))';

function oneOfIds(ids: readonly number[], mark: 'm.mark' | typeof testedMark): Sql {
  const only = ids.length === 1 ? ids[0] : undefined;
  if (only !== undefined) return sql('m.mark = ?', only);
  const isListed = mark === testedMark && ids.length <= fewMarks;
  if (isListed) return sql(`${mark} IN (${ids.map(() => '?').join(', ')})`, ...ids);
  return sql('m.mark IN (SELECT value FROM json_each(?))', JSON.stringify(ids));
}

/** `SELECT rid …` of the Patients. */
export function patientRids(ids: readonly string[], names: Names): Sql {
  const ofPatients = sql('type = ? AND ', names.typeId('Patient') ?? -1);
  return glue('SELECT rid FROM resource WHERE ', ofPatients, oneOfTexts('id', ids));
}

/** `SELECT rid …` of the Patients and their aliases, some perhaps twice. */
export function aliasRids(ids: readonly string[], names: Names): Sql {
  const of = sql('r.type = ? AND ', names.typeId('Patient') ?? -1);
  // Where nobody has an alias the first loop ends at once.
  const from = `SELECT b.patient AS rid FROM (${someAlias}) d CROSS JOIN resource r CROSS JOIN ${aliasesOfA}`;
  const aliases = glue(`${from} WHERE a.patient = r.rid AND `, of, oneOfTexts('r.id', ids));
  return glue(patientRids(ids, names), ' UNION ALL ', aliases);
}

/** `SELECT rid …` of those who bear one of the marks, themselves or by an alias, perhaps often. */
export function patientsMarked(marks: readonly string[], names: Names): Sql {
  const bearing = bearingOne(marks, names, 'm.mark');
  const themselves = glue('SELECT m.patient AS rid FROM patient_mark m WHERE ', bearing);
  // Where nobody has an alias the first loop ends at once.
  const from = `SELECT b.patient AS rid FROM (${someAlias}) d CROSS JOIN patient_mark m CROSS JOIN ${aliasesOfA}`;
  return glue(themselves, ` UNION ALL ${from} WHERE a.patient = m.patient AND `, bearing);
}

/** `SELECT rid …` of the resources that concern one of these; more are found than concern these alone. */
export function concernsSet(type: string, ids: readonly string[], names: Names): Sql {
  return setOf(type, aliasRids(ids, names), names);
}

/** `SELECT rid …` of the resources that concern somebody who bears one of these marks, some perhaps often. */
export function reachSet(type: string, marks: readonly string[], names: Names): Sql {
  return setOf(type, patientsMarked(marks, names), names);
}

function setOf(type: string, patients: Sql, names: Names): Sql {
  if (type === 'Patient') return patients;
  const from = glue('SELECT x.rid FROM (', patients, ') p CROSS JOIN reference_value x ');
  return glue(
    from,
    'INDEXED BY reference_by_target ON x.target = p.rid WHERE x.param IN ',
    paramIds(type, names),
  );
}

/** `SELECT seq …` of the versions that concern one of these, past or current; others may be among them. */
export function seqsOfPatients(patients: Sql): Sql {
  const past = glue('SELECT seq FROM past_version WHERE patient IN (', patients, ')');
  const from = glue('SELECT r.seq FROM (', patients, ') p CROSS JOIN reference_value x ');
  const referring = glue(
    from,
    'INDEXED BY reference_by_target ON x.target = p.rid CROSS JOIN resource r ON r.rid = x.rid',
  );
  const own = glue('SELECT seq FROM resource WHERE rid IN (', patients, ')');
  return glue(past, ' UNION ALL ', referring, ' UNION ALL ', own);
}

/** In brackets: the parameters by which resources of the type concern Patients. */
function paramIds(type: string, names: Names): Sql {
  const ids = concerningParams(type as ResourceType).map((code) => names.paramId(type, code));
  const known = ids.filter((id) => id !== undefined);
  return sql(`(${known.map(() => '?').join(', ')})`, ...known);
}

/** A version is of one of the types; `type` is the SQL of the number of its type. */
export function typeSql(type: string, anyOf: readonly string[], names: Names): Sql {
  const ids = anyOf.map(names.typeId).filter((id) => id !== undefined);
  return ids.length === 0 ? never : disjunction(ids.map((id) => sql(`${type} = ?`, id)));
}
