import type { Scope, XmlNode } from './xml-tree.ts';

/** What a selector of RFC 5261 means: an element, or an attribute of it. */
export type Selected = {
  readonly node: XmlNode;
  /** Undefined of the root. */
  readonly parent: XmlNode | undefined;
  /** Name of the attribute, where one is selected. */
  readonly attribute?: string;
};

/** A selector that cannot be followed, or means nothing, or several things. */
export class SelectorFault extends Error {}

type Step = {
  /** Undefined = any, as `*`. */
  readonly name: string | undefined;
  readonly namespace: string;
  readonly predicates: readonly Predicate[];
};

type Predicate =
  | { readonly kind: 'place'; readonly place: number }
  | { readonly kind: 'attribute'; readonly name: string; readonly value: string }
  | { readonly kind: 'child'; readonly name: string; readonly namespace: string; readonly value: string }
  | { readonly kind: 'self'; readonly value: string };

const maxLength = 2000;
const name = String.raw`(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*|\*)`;
const literal = `(?:'([^']*)'|"([^"]*)")`;
const stepShape = new RegExp(String.raw`${name}((?:\[[^\]'"]*(?:${literal})?\s*\])*)`, 'y');
const predicateShape = new RegExp(
  String.raw`\[\s*(?:([1-9]\d{0,8})|(?:@([A-Za-z_][\w.:-]*)|(\.)|${name})\s*=\s*${literal})\s*\]`,
  'y',
);

/**
 * The one node that the selector means (RFC 5261 section 4.1): element steps with positions and equalities, an attribute at
 * the end. A name without a prefix is in the default namespace of the patch. Throws a SelectorFault.
 */
export function select(root: XmlNode, selector: string, scope: Scope): Selected {
  if (selector.length > maxLength) throw new SelectorFault(`sel is longer than ${maxLength} characters`);
  const { steps, attribute } = parseSelector(selector, scope);
  let found: readonly Selected[] = [];
  for (const [index, step] of steps.entries()) {
    found =
      index === 0
        ? pick(step, [{ node: root, parent: undefined }])
        : found.flatMap(({ node }) =>
            pick(
              step,
              node.children.map((child) => ({ node: child, parent: node })),
            ),
          );
  }
  const [only, ...others] = found;
  if (!only) throw new SelectorFault(`"${shown(selector)}" means nothing that is there`);
  if (others.length > 0) {
    throw new SelectorFault(`"${shown(selector)}" means ${found.length} nodes; it must mean one`);
  }
  if (attribute === undefined) return only;
  if (!only.node.attributes.has(attribute)) {
    throw new SelectorFault(`"${shown(selector)}" means nothing that is there`);
  }
  return { ...only, attribute };
}

function shown(selector: string): string {
  return selector.slice(0, 120);
}

function parseSelector(selector: string, scope: Scope) {
  const text = selector.trim().replace(/^\//, '');
  // A literal ends with a quote, so what stands here is no part of one.
  const attribute = /\/@([A-Za-z_][\w.-]*)$/.exec(text)?.[1];
  const path = attribute === undefined ? text : text.slice(0, -attribute.length - 2);
  const steps: Step[] = [];
  let at = 0;
  do {
    stepShape.lastIndex = at;
    const match = stepShape.exec(path);
    if (!match) throw cannotFollow(selector, path.slice(at));
    steps.push(toStep(match, scope, selector));
    at = stepShape.lastIndex + 1;
    if (at <= path.length && path.charAt(at - 1) !== '/') throw cannotFollow(selector, path.slice(at - 1));
  } while (at <= path.length);
  return { steps, attribute };
}

function cannotFollow(selector: string, rest: string): SelectorFault {
  return new SelectorFault(
    `sel="${shown(selector)}" cannot be followed from "${rest.slice(0, 40)}" on; elements, [n], [@a='x'] and /@a at the end are known`,
  );
}

function toStep(
  [, prefix, local = '', predicates = '']: RegExpExecArray,
  scope: Scope,
  selector: string,
): Step {
  return {
    name: local === '*' ? undefined : local,
    namespace: local === '*' ? '' : namespaceOf(prefix, scope, selector),
    predicates: parsePredicates(predicates, scope, selector),
  };
}

function namespaceOf(prefix: string | undefined, scope: Scope, selector: string): string {
  const namespace = scope[prefix ?? ''];
  if (prefix !== undefined && namespace === undefined) {
    throw new SelectorFault(`the prefix "${prefix}" in "${shown(selector)}" stands for no namespace`);
  }
  return namespace ?? '';
}

function parsePredicates(text: string, scope: Scope, selector: string): readonly Predicate[] {
  const predicates: Predicate[] = [];
  predicateShape.lastIndex = 0;
  while (predicateShape.lastIndex < text.length) {
    const match = predicateShape.exec(text);
    if (!match) throw new SelectorFault(`"${text.slice(0, 60)}" is no condition that sel may have`);
    const [, place, attribute, self, prefix, child = '', single, double] = match;
    const value = single ?? double ?? '';
    if (place !== undefined) predicates.push({ kind: 'place', place: Number(place) });
    else if (attribute !== undefined) predicates.push({ kind: 'attribute', name: attribute, value });
    else if (self !== undefined) predicates.push({ kind: 'self', value });
    else {
      const namespace = namespaceOf(prefix, scope, selector);
      predicates.push({ kind: 'child', name: child, namespace, value });
    }
  }
  return predicates;
}

function pick(step: Step, candidates: readonly Selected[]): readonly Selected[] {
  const named = candidates.filter(
    ({ node }) => step.name === undefined || (node.name === step.name && node.namespace === step.namespace),
  );
  return step.predicates.reduce(
    (found, predicate) =>
      predicate.kind === 'place'
        ? found.slice(predicate.place - 1, predicate.place)
        : found.filter(({ node }) => holds(predicate, node)),
    named,
  );
}

function holds(predicate: Exclude<Predicate, { kind: 'place' }>, node: XmlNode): boolean {
  switch (predicate.kind) {
    case 'attribute':
      return node.attributes.get(predicate.name) === predicate.value;
    case 'self':
      return node.text === predicate.value;
    case 'child':
      return node.children.some(
        (child) =>
          child.name === predicate.name &&
          child.namespace === predicate.namespace &&
          child.text === predicate.value,
      );
  }
}
