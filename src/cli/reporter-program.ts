import { type Command, Option } from 'commander';
import type { KeptQuery } from '../hl7v2/kept/kept-documents.ts';
import type { ReportForm } from './report-command.ts';

/** What main does for the commands about who sends messages. */
export type ReporterCommands = {
  readonly outbox: (options: { readonly json: boolean }) => Promise<number>;
  readonly outboxRetry: (id: string | undefined) => Promise<number>;
  readonly reporterReport: (query: KeptQuery, form: ReportForm) => Promise<number>;
  readonly reporterReprocess: (query: KeptQuery) => Promise<number>;
};

type Done = (code: Promise<number>) => Promise<void>;

/** `jenner reporter`: who sends HL7 v2 messages. */
export function addReporterCommands(program: Command, commands: ReporterCommands, done: Done): void {
  addOutboxCommands(program, commands, done);
  const reporter = program.command('reporter').description('who sends HL7 v2 messages');
  reporter
    .command('report')
    .argument('<name>', 'the login of the account, or the client_id of the app, that sends them')
    .description('how good the data of a reporter are, and whether it passes the test of a new one')
    .option('--since <date>', 'of this day, month or year and later')
    .option('--until <date>', 'of this day, month or year and before')
    .option('--json', 'one JSON object', false)
    .option('--fhir', 'one MeasureReport', false)
    .action((account, { since, until, json, fhir }) =>
      done(commands.reporterReport({ account, since, until }, fhir ? 'fhir' : json ? 'json' : 'text')),
    );
  reporter
    .command('reprocess')
    .argument('<name>', 'the login of the account, or the client_id of the app, that sent them')
    .description('answer messages that are kept anew, after what was wrong with their answers was mended')
    .option('--since <date>', 'of this day, month or year and later')
    .option('--until <date>', 'of this day, month or year and before')
    .addOption(new Option('--outcome <code>', 'those that were acknowledged so').choices(['AA', 'AE', 'AR']))
    .action((account, options) => done(commands.reporterReprocess({ ...options, account })));
}

/** `jenner outbox`: what is sent on to another registry. */
function addOutboxCommands(program: Command, commands: ReporterCommands, done: Done): void {
  const outbox = program
    .command('outbox')
    .description(
      'HL7 v2 messages that wait to be sent on (JENNER_HL7_FORWARD_URL), and those that could not be',
    )
    .option('--json', 'one JSON object', false)
    .action((options) => done(commands.outbox(options)));
  outbox
    .command('retry')
    .argument('[id]', 'of the DocumentReference; all of them when absent')
    .description('let what could not be sent on wait again')
    .action((id) => done(commands.outboxRetry(id)));
}
