import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const [light = '', dark = '', chosen = ''] = readFileSync('web/styles/tokens.css', 'utf8').split('@media');

function coloursOf(css: string): ReadonlyMap<string, string> {
  return new Map(
    [...css.matchAll(/--([\w-]+): #([0-9a-f]{6})/g)].map(([, name = '', hex = '']) => [name, hex]),
  );
}

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const channels = [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = channels.map((one) =>
    one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

/** What stands on what; symbols too, which axe cannot judge. */
const texts: readonly (readonly [text: string, ground: string])[] = [
  ...['canvas', 'surface', 'sunken'].flatMap((ground) => [
    ['ink', ground] as const,
    ['ink-2', ground] as const,
  ]),
  ['accent', 'canvas'],
  ['accent', 'surface'],
  ['on-accent', 'accent'],
  ['ink', 'accent-soft'],
  ['ink-2', 'accent-soft'],
  // Marks and symbols stand on cards too.
  ...['overdue', 'due', 'later', 'complete', 'none', 'never', 'shared'].map(
    (name) => [name, 'surface'] as const,
  ),
  ...['overdue', 'due', 'later', 'complete', 'none', 'never', 'shared'].map(
    (name) => [name, `${name}-soft`] as const,
  ),
  ...['overdue-soft', 'later-soft', 'complete-soft'].map((ground) => ['ink', ground] as const),
  ['accent', 'overdue-soft'],
];

it('the dark colours are the same by choice as by the system', () => {
  expect(coloursOf(chosen)).toEqual(coloursOf(dark));
});

describe.each([
  ['light', light],
  ['dark', dark],
])('in %s', (_name, css) => {
  const colours = coloursOf(css);
  const between = (one = '', other = '') => contrast(colours.get(one) ?? '', colours.get(other) ?? '');

  it.each(texts)('%s can be read on %s', (text, ground) => {
    expect(between(text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['canvas', 'surface'])('edges of controls and the focus are seen on %s', (ground) => {
    expect(between('edge', ground)).toBeGreaterThanOrEqual(3);
    expect(between('focus', ground)).toBeGreaterThanOrEqual(3);
  });
});
