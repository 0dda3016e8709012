// Keywords for ajv: what FHIR asks of an object, each as one short check with one error.
import ajvPackage from 'ajv';

const { _, str, Name, stringify } = ajvPackage;
const vErrors = new Name('vErrors');
const errors = new Name('errors');
const instancePath = new Name('instancePath');

/** Free names of the generated code, bound by the first lines of each file. */
const types = new Name('types');
const own = new Name('own');
const codes = new Name('codes');

const absent = (data, key) => _`${data}[${key}] === undefined`;

function failWith(cxt, params) {
  cxt.setParams(params);
  cxt.error();
}

export const fhirKeywords = [
  { keyword: 'orNull' },
  {
    // Every name of the object is one of these.
    keyword: 'elements',
    type: 'object',
    schemaType: 'array',
    error: { message: 'unknown', params: ({ params }) => _`{element: ${params.element}}` },
    code(cxt) {
      const names = cxt.gen.scopeValue('obj', {
        ref: cxt.schema,
        code: _`new Set(${stringify(cxt.schema)})`,
      });
      cxt.gen.forIn('key', cxt.data, (key) => {
        cxt.gen.if(_`!${names}.has(${key})`, () => failWith(cxt, { element: key }));
      });
    },
  },
  {
    // Each of these is there; a primitive may be there by its extensions alone.
    keyword: 'mandatory',
    type: 'object',
    schemaType: 'array',
    error: { message: 'missing', params: ({ params }) => _`{element: ${params.element}}` },
    code(cxt) {
      for (const { key, primitive } of cxt.schema) {
        const missing = absent(cxt.data, key);
        const condition = primitive ? _`${missing} && ${absent(cxt.data, `_${key}`)}` : missing;
        cxt.gen.if(condition, () => failWith(cxt, { element: _`${key}` }));
      }
    },
  },
  {
    // At most one name of each choice, and at least `min`.
    keyword: 'choices',
    type: 'object',
    schemaType: 'array',
    error: {
      message: 'choice',
      params: ({ params }) => _`{element: ${params.element}, count: ${params.count}}`,
    },
    code(cxt) {
      for (const { element, min, keys } of cxt.schema) {
        const count = cxt.gen.let('count', _`0`);
        for (const { key, primitive } of keys) {
          const there = _`${cxt.data}[${key}] !== undefined`;
          const sibling = _`${there} || ${cxt.data}[${`_${key}`}] !== undefined`;
          cxt.gen.if(primitive ? sibling : there, () => cxt.gen.code(_`${count}++`));
        }
        const wrong = min > 0 ? _`${count} !== 1` : _`${count} > 1`;
        cxt.gen.if(wrong, () => failWith(cxt, { element: _`${element}`, count }));
      }
    },
  },
  {
    // The value is of another type, whose check is a function of its own.
    keyword: 'is',
    schemaType: 'string',
    code(cxt) {
      const check = _`${cxt.schema.includes('.') ? own : types}[${cxt.schema}]`;
      const path = str`${instancePath}${cxt.it.errorPath}`;
      const fails = _`!${check}(${cxt.data}, {instancePath: ${path}})`;
      // Siblings of primitives in a list: null holds the place of those that have none.
      cxt.gen.if(cxt.parentSchema.orNull ? _`${cxt.data} !== null && ${fails}` : fails, () => {
        // Appended in place: with concat, a list of n faulty entries would be copied n times.
        cxt.gen.if(
          _`${vErrors} === null`,
          () => cxt.gen.assign(vErrors, _`${check}.errors`),
          () => cxt.gen.code(_`for (const each of ${check}.errors) ${vErrors}.push(each)`),
        );
        cxt.gen.assign(errors, _`${vErrors}.length`);
      });
    },
  },
  {
    // The string is a code of the value set.
    keyword: 'code',
    schemaType: 'string',
    error: { message: 'code', params: ({ schema }) => _`{valueSet: ${schema}}` },
    code(cxt) {
      cxt.fail(_`typeof ${cxt.data} === "string" && !${codes}[${cxt.schema}].has(${cxt.data})`);
    },
  },
];
