import type { Command } from 'commander';

/** What main does for the commands about views. */
export type ViewCommands = {
  readonly viewList: (options: { readonly json: boolean }) => Promise<number>;
  readonly viewShow: (name: string) => Promise<number>;
  readonly viewAdd: (file: string) => Promise<number>;
  readonly viewRemove: (name: string) => Promise<number>;
};

type Done = (code: Promise<number>) => Promise<void>;

/** `jenner view`: beside a running server, on the same store. */
export function addViewCommands(program: Command, commands: ViewCommands, done: Done): void {
  const view = program
    .command('view')
    .description('the tables that analysts get: ViewDefinitions of SQL on FHIR (docs/analysts.md)');
  view
    .command('list')
    .description('the views that ship, and those that were added')
    .option('--json', 'one JSON array', false)
    .action((options) => done(commands.viewList(options)));
  view
    .command('show')
    .description('the ViewDefinition')
    .argument('<name>')
    .action((name) => done(commands.viewShow(name)));
  view
    .command('add')
    .description('keep a ViewDefinition in the store, in place of one that was added under its name')
    .argument('<file>', 'JSON')
    .action((file) => done(commands.viewAdd(file)));
  view
    .command('remove')
    .description('take a view that was added out of the store')
    .argument('<name>')
    .action((name) => done(commands.viewRemove(name)));
}
