import type { Advice, Dose, PersonRead, Standing } from './read-record.ts';

type Children = readonly (Node | string)[];

/** An element with children; text goes in as text alone. */
export function el(name: string, className: string, ...children: Children): HTMLElement {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

export function showPerson({ name, birthDate }: PersonRead): Node {
  return el('header', '', el('h1', '', name), el('p', 'quiet', `Born ${birthDate}`));
}

export function showDoses(doses: readonly Dose[]): Node {
  if (doses.length === 0) return el('p', '', 'No vaccines on file.');
  return list(doses.map(({ vaccine, date }) => [vaccine, date]));
}

const words: Readonly<Record<Standing, (date: string) => string>> = {
  overdue: (date) => `overdue since ${date}`,
  due: (date) => `due since ${date}`,
  can: (date) => `can be given now, normally from ${date}`,
  later: (date) => `from ${date}`,
  complete: () => 'complete',
  none: () => 'nothing to do',
};

export function showAdvice(advice: readonly Advice[]): Node {
  return list(advice.map(({ vaccine, standing, date = '' }) => [vaccine, words[standing](date), standing]));
}

type Row = readonly [what: string, how: string, className?: string];

function list(rows: readonly Row[]): Node {
  return el(
    'ul',
    '',
    ...rows.map(([what, how, className = '']) => el('li', className, el('strong', '', what), ` ${how}`)),
  );
}

/** A part of the page; one that cannot be read says why, and the others stand. */
export async function section(title: string, content: Promise<Node>): Promise<Node> {
  const shown = await content.catch((thrown: unknown) => sayFailure(thrown));
  return el('section', '', el('h2', '', title), shown);
}

export function sayFailure(thrown: unknown): Node {
  const said = el('p', 'failure', thrown instanceof Error ? thrown.message : 'Something went wrong.');
  said.setAttribute('role', 'alert');
  return said;
}
