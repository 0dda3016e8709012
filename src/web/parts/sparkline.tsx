import type { VNode } from 'preact';

type SparkProps = {
  readonly values: readonly number[];
  /** What it shows, in a sentence; the numbers stand in a table beside it. */
  readonly title: string;
};

const width = 240;
const height = 44;
const edge = 4;

/** How a number has gone, without axes: the last one is the point. */
export function Sparkline({ values, title }: SparkProps): VNode {
  const most = Math.max(1, ...values);
  const at = (value: number, nth: number): readonly [number, number] => [
    edge + (nth * (width - 2 * edge)) / Math.max(1, values.length - 1),
    height - edge - (value * (height - 2 * edge)) / most,
  ];
  const points = values.map(at);
  const [x = edge, y = height - edge] = points.at(-1) ?? [];
  return (
    <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} class="drawn spark" role="img">
      <title>{title}</title>
      <polyline
        class="spark-line"
        points={points.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join(' ')}
      />
      <circle class="spark-point" cx={x.toFixed(1)} cy={y.toFixed(1)} r="4" />
    </svg>
  );
}
