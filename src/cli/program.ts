import { Command, InvalidArgumentError, Option } from 'commander';
import { type AccountCommands, addAccountCommands } from './account-program.ts';
import type { ExportOptions } from './export-command.ts';
import { addReporterCommands, type ReporterCommands } from './reporter-program.ts';
import { addViewCommands, type ViewCommands } from './view-program.ts';

/** What main does for each command; each answers the exit code. */
export type DedupeCommandOptions = {
  readonly matching: 'review' | 'automatic';
  readonly all: boolean;
  readonly report?: string;
};

export type Commands = {
  readonly serve: () => Promise<number>;
  readonly demo: (options: { readonly people: number; readonly describe?: string }) => Promise<number>;
  readonly import: (
    files: readonly string[],
    options: { readonly rejected: string; readonly skipUnkept: boolean; readonly as?: string },
  ) => Promise<number>;
  readonly export: (folder: string, options: ExportOptions) => Promise<number>;
  readonly forecast: (file: string | undefined, options: ForecastOptions) => Promise<number>;
  readonly scheduleList: () => Promise<number>;
  readonly scheduleImport: (path: string, options: { readonly release?: string }) => Promise<number>;
  readonly scheduleDiff: (a: string, b: string) => Promise<number>;
  readonly scheduleRemove: (name: string) => Promise<number>;
  readonly reindex: (options: { readonly changed: boolean }) => Promise<number>;
  readonly dedupe: (options: DedupeCommandOptions) => Promise<number>;
  readonly jobs: (options: { readonly json: boolean }) => Promise<number>;
  readonly jobsCancel: (id: string, options: { readonly json: boolean }) => Promise<number>;
  readonly move: (options: { readonly from: string; readonly to: string }) => Promise<number>;
  readonly backup: (file: string, options: BackupOptions) => Promise<number>;
  readonly restore: (file: string, options: { readonly key: string }) => Promise<number>;
  /** Absent where there are none to run. */
  readonly bench?: (name: string, args: readonly string[]) => Promise<number>;
  readonly config: () => Promise<number>;
} & AccountCommands &
  ReporterCommands &
  ViewCommands;

export type BackupOptions = { readonly key: string; readonly check: boolean };

export type ForecastOptions = {
  readonly patient?: string;
  readonly date?: string;
  readonly as?: string;
  readonly explain: boolean;
  readonly json: boolean;
};

type Done = (code: Promise<number>) => Promise<void>;

/** The command line of `jenner`; `report` is called with the exit code of the command that ran. */
export function buildProgram(commands: Commands, version: string, report: (code: number) => void): Command {
  const program = new Command('jenner')
    .description(
      'Immunization information system on FHIR R4. Settings are environment variables: jenner config',
    )
    .version(version)
    .showHelpAfterError();
  const done: Done = async (code) => report(await code);
  addServerCommands(program, commands, done);
  addExchangeCommands(program, commands, done);
  addDataCommands(program, commands, done);
  addBackupCommands(program, commands, done);
  addForecastCommands(program, commands, done);
  addViewCommands(program, commands, done);
  addAccountCommands(program, commands, done);
  return program;
}

function addServerCommands(program: Command, commands: Commands, done: Done): void {
  program
    .command('serve')
    .description('run the server')
    .action(() => done(commands.serve()));
  program
    .command('demo')
    .description('run the server in memory, filled with made-up people')
    .option('--people <number>', 'how many people', wholeNumber, 100)
    .option('--describe <file>', 'write its users, apps and a token to a JSON file once it listens')
    .action((options) => done(commands.demo(options)));
  program
    .command('config')
    .description('every setting with its meaning and present value')
    .action(() => done(commands.config()));
  const { bench } = commands;
  if (!bench) return;
  program
    .command('bench')
    .description('measure: forecast, …')
    .argument('<name>')
    .argument('[args...]')
    .allowUnknownOption()
    .action((name, args) => done(bench(name, args)));
}

function addExchangeCommands(program: Command, commands: Commands, done: Done): void {
  program
    .command('import')
    .description('import NDJSON or FHIR Bundles (.gz too); goes on where an interrupted import stopped')
    .argument(
      '<files...>',
      'files of resources (.ndjson, .jsonl, .json) or HL7 v2 messages (.hl7, .er7), .gz too, or folders of them',
    )
    .option('--rejected <folder>', 'where what was refused is kept with its reason', '.')
    .option('--skip-unkept', 'pass over, and count, what this server does not keep (docs/import.md)', false)
    .option('--as <login>', 'act as this account: what it may not write is refused')
    .addHelpText(
      'after',
      '\nExit code: 0 when all was imported, 1 when something was refused or a file could not be read.',
    )
    .action((files, options) => done(commands.import(files, options)));
  program
    .command('export')
    .description(
      'write the registry to gzipped NDJSON files, or tables, as it is now, beside running servers',
    )
    .argument('<folder>', 'new or empty, or with a part of the same export, which is then gone on with')
    .option('--type <types...>', 'only these types')
    .option('--since <instant>', 'only what was written after it; what was deleted goes into FOLDER/deleted')
    .option('--group <id>', 'only the members of the Group and what belongs to them')
    .option('--view <names...>', 'tables of these views instead (jenner view list)')
    .option(
      '--format <format>',
      'of tables: parquet, which is usual, or csv; without --view, those of what is stored',
    )
    .option('--as-of <date>', 'of the views that are forecasts: the day; today when absent')
    .addHelpText(
      'after',
      '\njenner import FOLDER takes it back. The files hold the health data of many people.',
    )
    .action((folder, options) => done(commands.export(folder, options)));
}

function addDataCommands(program: Command, commands: Commands, done: Done): void {
  addReporterCommands(program, commands, done);
  program
    .command('reindex')
    .description('draw the index values of every resource anew, after search-params/ has changed')
    .option('--changed', 'only the types whose search parameters have changed', false)
    .action((options) => done(commands.reindex(options)));
  program
    .command('dedupe')
    .description('look for Patients who are one person; after a run that ended, among those written since')
    .addOption(
      new Option('--matching <mode>', 'review: people are asked; automatic: who is certain is joined')
        .choices(['review', 'automatic'])
        .default('review'),
    )
    .option('--all', 'look at everybody again', false)
    .option('--report <file>', 'write what was found, and some of the pairs that were joined, as JSON')
    .action((options) => done(commands.dedupe(options)));
  const jobs = program
    .command('jobs')
    .description('long work that is kept in the store: list it, or cancel a job')
    .option('--json', 'one JSON array', false)
    .action((options) => done(commands.jobs(options)));
  jobs
    .command('cancel')
    .description('a waiting job never begins; a running one stops within seconds')
    .argument('<id>', 'as jenner jobs shows it')
    .action((id, _options, command) => done(commands.jobsCancel(id, command.optsWithGlobals())));
  program
    .command('move')
    .description(
      'copy a registry into another store with ids, versions and history; goes on where it was stopped',
    )
    .requiredOption('--from <store>', 'a store as JENNER_STORE names it; nobody may write to it meanwhile')
    .requiredOption(
      '--to <store>',
      'the store to fill; only Jenner with the same JENNER_PUBLIC_URL will serve it',
    )
    .addHelpText(
      'after',
      '\nThe source is only read. At the end both are counted; then set JENNER_STORE to the new one.',
    )
    .action((options) => done(commands.move(options)));
}

function addBackupCommands(program: Command, commands: Commands, done: Done): void {
  const keyHelp =
    '\nThe key file has at least 32 bytes: openssl rand -hex 32 > FILE. Without it a backup is lost.';
  program
    .command('backup')
    .description('seal the store, the keys and the imported schedules into a file, beside a running server')
    .argument('<file>', 'a file that is not there yet')
    .requiredOption('--key <file>', 'what it is sealed by; keep it elsewhere')
    .option('--check', 'look instead whether a backup is whole: all its bytes, and the store in it', false)
    .addHelpText('after', keyHelp)
    .action((file, options) => done(commands.backup(file, options)));
  program
    .command('restore')
    .description('open a backup where there is no store yet (JENNER_STORE, JENNER_DATA)')
    .argument('<file>', 'as jenner backup made it')
    .requiredOption('--key <file>', 'what it was sealed by')
    .action((file, options) => done(commands.restore(file, options)));
}

function addForecastCommands(program: Command, commands: Commands, done: Done): void {
  program
    .command('forecast')
    .description('what somebody is due and why, for a person to read')
    .argument('[file]', 'JSON file with Parameters of $immds-forecast, or - for standard input')
    .option('--patient <id>', 'instead of a file, a patient of the store (JENNER_STORE)')
    .option('--date <date>', 'with --patient, the day to forecast for; today when absent')
    .option('--as <login>', 'with --patient, act as this account: it sees what it may')
    .option('--explain', 'also every rule that decided', false)
    .option('--json', 'the FHIR answer of $immds-forecast', false)
    .action((file, options) => done(commands.forecast(file, options)));
  const schedule = program.command('schedule').description('the schedules that forecasts follow');
  schedule
    .command('list')
    .description('the schedules that are there, and how far each may be trusted today')
    .action(() => done(commands.scheduleList()));
  schedule
    .command('import')
    .description(
      "keep a release of CDC's supporting data (XML), a schedule or an overlay (JSON) in the store",
    )
    .argument('<path>', 'folder with the XML files of one release, or a JSON file')
    .option('--release <version>', 'version, where the folder does not tell it, such as 4.64-508')
    .addHelpText('after', '\nServers on the store follow it from their next start on.')
    .action((path, options) => done(commands.scheduleImport(path, options)));
  schedule
    .command('diff')
    .description('where two schedules differ')
    .argument('<a>', 'ID, ID|VERSION, or a version of CDC')
    .argument('<b>')
    .action((a, b) => done(commands.scheduleDiff(a, b)));
  schedule
    .command('remove')
    .description('take an imported schedule or overlay out of the store')
    .argument('<name>', 'ID|VERSION')
    .action((name) => done(commands.scheduleRemove(name)));
}

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number was expected');
  return Number(text);
}
