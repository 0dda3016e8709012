import type { Compile, OptionVariants } from 'fhirpath';
import { keyOfReference, keyOfResource } from './keys.ts';
import { ViewError } from './view-definition.ts';
import type { Draw } from './view-path.ts';

export type CompileLibraryPath = (expression: string) => Draw;

/** FHIRPath by its library, with the two functions that SQL on FHIR adds. Throws a ViewError of what is no FHIRPath. */
export async function openLibrary(baseUrl: string): Promise<CompileLibraryPath> {
  const { default: fhirpath } = await import('fhirpath');
  const { default: model } = await import('fhirpath/fhir-context/r4');
  const { FP_Decimal } = fhirpath;
  const toPlain = (value: unknown) => (value instanceof FP_Decimal ? value.toNumber() : value);
  // Else trace() would print what is in the resource.
  const traceFn = () => undefined;
  const options = { userInvocationTable: keyFunctions(baseUrl), traceFn } as unknown as OptionVariants;
  return (expression) => {
    let evaluate: Compile<OptionVariants>;
    try {
      evaluate = fhirpath.compile(expression, model, options);
    } catch (cause) {
      throw new ViewError(`${shown(expression)} is no FHIRPath: ${firstLine(cause)}`, { cause });
    }
    // The tests of SQL on FHIR have a text of nothing where FHIRPath has nothing to join.
    const none = /\.join\([^()]*\)$/.test(expression) ? [''] : [];
    const offset = /\.(low|high)Boundary\(\)$/.exec(expression)?.[1];
    return (focus, { rowIndex, resource }) => {
      try {
        const found: unknown = evaluate((focus ?? {}) as never, {
          rowIndex,
          resource,
          rootResource: resource,
        });
        if (!Array.isArray(found) || found.length === 0) return none;
        return found.map((value) => withOffset(toPlain(value), offset));
      } catch (cause) {
        throw new ViewError(`${shown(expression)} cannot be evaluated: ${withoutValues(cause)}`, { cause });
      }
    };
  };
}

/** FHIRPath, lowBoundary: at its greatest precision a dateTime has an offset, which the library leaves out. */
function withOffset(value: unknown, boundary: string | undefined): unknown {
  if (boundary === undefined || typeof value !== 'string') return value;
  const lacksOffset = /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(value);
  return lacksOffset ? `${value}${boundary === 'low' ? '+14:00' : '-12:00'}` : value;
}

function keyFunctions(baseUrl: string) {
  return {
    getResourceKey: { fn: (focus: readonly unknown[]) => focus.flatMap(keyOfResource), arity: { 0: [] } },
    getReferenceKey: {
      fn: (focus: readonly unknown[], type?: { readonly name: string }) =>
        focus.flatMap((reference) => keyOfReference(reference, type?.name, baseUrl) ?? []),
      arity: { 0: [], 1: ['TypeSpecifier'] },
    },
  };
}

function shown(expression: string): string {
  return `"${expression.slice(0, 100)}"`;
}

/** What is said of an expression's own fault. */
function firstLine(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '').slice(0, 200) : 'unknown';
}

/** What the library says may hold values of the resource. */
function withoutValues(thrown: unknown): string {
  return firstLine(thrown)
    .replace(/["'`:[{(].*$/, '')
    .trim();
}
