// Who may import whom. A folder may always import itself; a folder that is not listed is an error.
// A new row is a design decision: it comes with an ADR.
const mayImport = {
  values: [],
  thread: [],
  fhir: ['values'],
  forecast: ['values'],
  search: ['fhir', 'values'],
  access: ['search', 'fhir', 'values'],
  demo: ['values'],
  'store/contract': ['search', 'fhir', 'values'],
  'store/sqlite': ['thread', 'store/contract', 'search', 'fhir', 'values'],
  'store/mongo': ['store/contract', 'search', 'fhir', 'values'],
  job: ['store/contract', 'values'],
  request: ['fhir', 'values'],
  interaction: ['request', 'access', 'store/contract', 'search', 'fhir', 'values'],
  operation: ['interaction', 'request', 'access', 'search', 'fhir', 'values'],
  registry: ['job', 'operation', 'interaction', 'forecast', 'store/contract', 'search', 'fhir', 'values'],
  auth: ['registry', 'operation', 'interaction', 'access', 'store/contract', 'search', 'fhir', 'values'],
  rest: ['registry', 'operation', 'interaction', 'request', 'access', 'search', 'fhir', 'values'],
  bulk: [
    'job',
    'registry',
    'operation',
    'interaction',
    'access',
    'store/contract',
    'search',
    'fhir',
    'values',
  ],
  hl7v2: ['registry', 'operation', 'interaction', 'access', 'search', 'fhir', 'values'],
  web: ['registry', 'operation', 'interaction', 'access', 'search', 'fhir', 'values'],
  cli: [
    'demo',
    'job',
    'bulk',
    'registry',
    'operation',
    'interaction',
    'forecast',
    'store/contract',
    'search',
    'fhir',
    'values',
  ],
  shipped: [
    'thread',
    'registry',
    'operation',
    'interaction',
    'forecast',
    'store/contract',
    'search',
    'fhir',
    'values',
  ],
};

/** A driver may be imported only where the port it implements lives. */
const driverHome = {
  '@photostructure/sqlite': 'store/sqlite',
  mongodb: 'store/mongo',
  jsonwebtoken: 'auth',
  fastify: '(app|rest|bulk|auth|web|hl7v2)',
  commander: '(main|cli)',
};

module.exports = { mayImport, driverHome };
