import type { JsonObject } from '../fhir-json.ts';
import type { ProfileDefinition } from './definitions.ts';
import { hasChoice } from './element-presence.ts';
import { isAbsoluteUri } from './primitive-rules.ts';
import { quote, type Run, report, reportAt } from './run.ts';
import type { Holder } from './walk.ts';

/** ext-1, and a url that is one: inside of another extension it may be a plain name. */
export function checkExtensionShape(run: Run, extension: JsonObject, isNested: boolean): void {
  const { url } = extension;
  if (!isNested && typeof url === 'string' && !isAbsoluteUri(url)) {
    const text = `${quote(url)} is not an absolute URL, which an extension must have`;
    reportAt(run, ['url'], { severity: 'error', code: 'value', text });
  }
  if ((extension['extension'] !== undefined) === hasChoice(extension, 'value')) {
    report(run, {
      severity: 'error',
      code: 'invariant',
      text: 'An extension must have either a value or extensions, not both (ext-1)',
    });
  }
}

/** R4 extensibility.html#modifierExtension: the definition says which of the two lists the extension belongs to. */
export function checkModifier(run: Run, { url, differential }: ProfileDefinition): void {
  const isModifier = differential.element.some(
    ({ id, isModifier }) => id === 'Extension' && isModifier === true,
  );
  const list = isModifier ? 'modifierExtension' : 'extension';
  const [found] = run.path.slice(-2);
  if (found === list) return;
  report(run, {
    severity: 'error',
    code: 'structure',
    text: `The extension ${url} belongs into ${list}, not into ${found}`,
  });
}

/** Does the definition let the extension stand in this element? */
export function checkContext(run: Run, { url, context }: ProfileDefinition, holder: Holder): void {
  if (!context || context.length === 0 || context.some((each) => fits(each, holder, run))) return;
  const places = context.map(({ expression }) => expression).join(', ');
  report(run, {
    severity: 'error',
    code: 'structure',
    text: `The extension ${url} may stand in ${places}, not here`,
  });
}

function fits(
  { type, expression }: { readonly type: string; readonly expression: string },
  holder: Holder,
  run: Run,
): boolean {
  // Contexts by FHIRPath and by extension are rare and not looked at.
  if (type !== 'element' || expression === 'Element' || expression === '*') return true;
  const { node, slot } = holder;
  if (expression === node.name || expression === slot?.type || expression === slot?.path) return true;
  if (expression === 'Quantity' && slot?.type === 'SimpleQuantity') return true;
  if (node.kind === 'resource')
    return expression === 'Resource' || (expression === 'DomainResource' && node.slots.has('contained'));
  if (expression === 'BackboneElement') return node.kind === 'backbone';
  return isPath(expression, run.path);
}

/** A path through datatypes, `StructureDefinition.snapshot.element.binding`; the resource may lie in another. */
function isPath(expression: string, path: readonly (string | number)[]): boolean {
  const dot = expression.indexOf('.');
  if (dot < 0) return false;
  const steps = path.filter((step) => typeof step === 'string').slice(0, -1);
  return steps.join('.').endsWith(expression.slice(dot).replaceAll('[x]', ''));
}
