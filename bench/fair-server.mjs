// The fair limit that rest.mjs compares with: node's own http server, which fetches as many rows as the answer needs by
// one prepared statement from the same SQLite file, and answers bytes that lie ready. `?id=` says whose rows.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { DatabaseSync } from '@photostructure/sqlite';

const [, , port, file, bodies] = process.argv;
const texts = JSON.parse(readFileSync(bodies, 'utf8'));
const db = new DatabaseSync(file, { readOnly: true });
const typeId = (name) => db.prepare('SELECT id FROM type WHERE name = ?').get(name).id;
const paramId = (type, code) =>
  db.prepare('SELECT id FROM param WHERE type = ? AND code = ?').get(typeId(type), code).id;
const patient = typeId('Patient');

const statements = {
  read: [
    'SELECT v.text FROM resource r JOIN version v ON v.seq = r.seq WHERE r.type = ? AND r.id = ?',
    (id) => [patient, id],
  ],
  'search-by-patient': [
    `SELECT v.text FROM resource p JOIN reference_value x ON x.target = p.rid AND x.param = ?
      JOIN resource r ON r.rid = x.rid JOIN version v ON v.seq = r.seq WHERE p.type = ? AND p.id = ?`,
    (id) => [paramId('Immunization', 'patient'), patient, id],
  ],
  'search-by-identifier': [
    `SELECT v.text FROM token_value x JOIN resource r ON r.rid = x.rid JOIN version v ON v.seq = r.seq
      WHERE x.param = ? AND x.code = ?`,
    (code) => [paramId('Patient', 'identifier'), code],
  ],
  everything: [
    `SELECT v.text FROM resource p JOIN reference_value x ON x.target = p.rid AND x.param = ?
      JOIN resource r ON r.rid = x.rid JOIN version v ON v.seq = r.seq WHERE p.type = ? AND p.id = ?
      UNION ALL SELECT v.text FROM resource r JOIN version v ON v.seq = r.seq WHERE r.type = ? AND r.id = ?`,
    (id) => [paramId('Immunization', 'patient'), patient, id, patient, id],
  ],
  history: [
    `SELECT v.text FROM resource r JOIN version v ON v.rid = r.rid AND v.rid = v.seq
      WHERE r.type = ? AND r.id = ?`,
    (id) => [patient, id],
  ],
};
const routes = new Map(
  Object.entries(statements).map(([name, [sql, bound]]) => {
    const constants = bound('');
    const at = constants.map((value, place) => (value === '' ? place : -1)).filter((place) => place >= 0);
    return [name, { statement: db.prepare(sql), constants, at, body: Buffer.from(texts[name] ?? '') }];
  }),
);

createServer((request, response) => {
  const [path, id] = request.url.slice(1).split('?id=');
  const { statement, constants, at, body } = routes.get(path);
  // Codes are kept folded.
  for (const place of at) constants[place] = path === 'search-by-identifier' ? id.toLowerCase() : id;
  const rows = statement.all(...constants);
  if (rows.length === 0) {
    response.writeHead(404).end();
    return;
  }
  response
    .writeHead(200, { 'content-type': 'application/fhir+json; charset=utf-8', 'content-length': body.length })
    .end(body);
}).listen(Number(port), '127.0.0.1');
