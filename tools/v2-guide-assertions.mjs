// NIST's assertions as ours: [operator, path, …]. A path is FIELD.COMPONENT.SUBCOMPONENT, in a group SEGMENT-FIELD.…
import { children } from './v2-guide-xml.mjs';

/** 9[1].1[1] is 9.1: rules speak of first repetitions alone. */
export function fieldPath(path) {
  return path.replace(/\[1\]/g, '');
}

/** 3[1].9[1].1[1] in an order group is RXA-9.1; OBX*-3.1 is said of any OBX of the group. */
export function inGroup(group, nameOf) {
  return (path) => {
    let node = group;
    let any = '';
    const steps = path.split('.');
    while (steps.length > 0 && !node.attributes.Ref) {
      const [, at, which] = /^(\d+)\[(\d+|\*)\]$/.exec(steps.shift());
      node = children(node)[at - 1];
      if (which === '*') any = '*';
    }
    if (!node.attributes.Ref) return nameOf.get(children(node)[0].attributes.Ref);
    const field = steps.map((step) => step.replace(/\[(1|\*)\]$/, '')).join('.');
    return `${nameOf.get(node.attributes.Ref)}${any}${field ? `-${field}` : ''}`;
  };
}

/** What the four patterns ask for; src/hl7v2/guide/formats.ts says it in code. */
function formatName(regex) {
  if (regex.startsWith('[0-2](')) return 'oid';
  if (regex.startsWith('([0-9]{4})')) return 'second-with-zone';
  if (regex.startsWith('((([0-9]{4})((0[1-9])|(1[0-2])))|')) return 'month';
  if (regex.startsWith('((([0-9]{4})((0[1-9])|(1[0-2]))((0[1-9])')) return 'day';
  throw new Error(`no name for the pattern ${regex}`);
}

export function assertionOf(node, path) {
  const a = node.attributes;
  const inner = () => children(node).map((one) => assertionOf(one, path));
  switch (node.name) {
    case 'AND':
    case 'OR':
    case 'NOT':
      return [node.name.toLowerCase(), ...inner()];
    case 'IMPLY':
      return ['if', ...inner()];
    case 'Presence':
      return ['valued', path(a.Path)];
    case 'PlainText':
      return ['is', path(a.Path), a.Text];
    case 'StringList':
      return ['in', path(a.Path), a.CSV.split(',')];
    case 'Format':
      return ['format', path(a.Path), formatName(a.Regex)];
    case 'ValueSet':
      return ['table', path(a.Path), a.ValueSetID];
    case 'PathValue':
      return ['same', path(a.Path1), path(a.Path2)];
    case 'SimpleValue':
      return ['above', path(a.Path), Number(a.Value)];
    case 'SetID':
      return ['counted', path(a.Path)];
    case 'IZSetID':
      return ['counted-in-message-or-group', 'OBX-1'];
    case 'Plugin':
      return [
        a.QualifiedClassName.split('.').at(-1) === 'IZ24Constraint' ? 'vis-documented' : a.QualifiedClassName,
      ];
    default:
      throw new Error(`no assertion ${node.name}`);
  }
}
