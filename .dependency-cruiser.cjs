const { mayImport, driverHome } = require('./tools/layers.cjs');

const layerRules = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `layer-${folder}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [folder, ...allowed].map((f) => `^src/${f}/`) },
}));

const driverRules = Object.entries(driverHome).map(([pkg, home]) => ({
  name: `driver-${pkg}`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${home}(/|\\.ts$)` },
  to: { path: `node_modules/${pkg}/` },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    ...driverRules,
    {
      name: 'registry-siblings',
      severity: 'error',
      from: { path: '^src/registry/([^/]+)/' },
      to: { path: '^src/registry/', pathNot: '^src/registry/$1/' },
    },
    {
      name: 'pure-folders',
      severity: 'error',
      from: { path: '^src/(values|fhir|search|forecast|access)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-open-store-knows-which-stores-there-are',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(open-store\\.ts|store/(sqlite|mongo)/)' },
      to: { path: '^src/store/(sqlite|mongo)/' },
    },
    {
      name: 'only-main-reads-what-ships',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main\\.ts|start-demo\\.ts|start-server\\.ts|shipped/)' },
      to: { path: '^src/shipped/' },
    },
    {
      name: 'only-main-and-cli-read-config',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main\\.ts|start-demo\\.ts|cli/)' },
      to: { path: '^src/config\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'one-door-to-the-store',
      comment: 'what a caller may see is decided in caller-view, what a caller may write in commit',
      severity: 'error',
      from: { path: '^(src|test)/', pathNot: '^src/interaction/(caller-view|commit|context)\\.ts$' },
      to: { path: '^src/interaction/store-door\\.ts$' },
    },
    {
      name: 'nobody-imports-main',
      severity: 'error',
      from: { path: '^(src|test)/' },
      to: { path: '^src/main\\.ts$' },
    },
    {
      name: 'only-main-starts-a-server',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|serve|start-demo)\\.ts$' },
      to: { path: '^src/start-server\\.ts$' },
    },
    {
      name: 'only-main-opens-a-store',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(main|serve|start-demo|start-workers|worker-line|worker-messages)\\.ts$',
      },
      to: { path: '^src/open-store\\.ts$' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'unplaced-folder',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: Object.keys(mayImport).map((f) => `^src/${f}/`) },
      to: {},
    },
    { name: 'src-not-to-test', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'types', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
};
