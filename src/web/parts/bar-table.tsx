import type { VNode } from 'preact';

export type BarRow = {
  readonly name: string;
  /** Of 100. Absent where it must not be told. */
  readonly percent?: number;
  /** A second series, drawn hatched behind the first. */
  readonly second?: number;
  readonly count: string;
};

type BarTableProps = {
  readonly caption: string;
  readonly heads: readonly [name: string, percent: string, count: string];
  readonly rows: readonly BarRow[];
  /** A tick in each bar. */
  readonly goal?: number;
  /** What stands where a number must not be told. */
  readonly hidden: string;
};

const width = 170;

/** The chart is the table: each bar stands beside its number. */
export function BarTable({ caption, heads, rows, goal, hidden }: BarTableProps): VNode {
  return (
    <table class="bars">
      <caption class="out-of-sight">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{heads[0]}</th>
          <td aria-hidden="true" />
          <th scope="col" class="number">
            {heads[1]}
          </th>
          <th scope="col" class="number">
            {heads[2]}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            <td aria-hidden="true" class="bar-cell">
              {row.percent !== undefined && <BarOf row={row} percent={row.percent} goal={goal} />}
            </td>
            <td class="number">{row.percent === undefined ? hidden : <b>{`${row.percent}%`}</b>}</td>
            <td class="number">{row.count}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type BarProps = { readonly row: BarRow; readonly percent: number; readonly goal: number | undefined };

function BarOf({ row, percent, goal }: BarProps): VNode {
  const at = (share: number) => (Math.min(Math.max(share, 0), 100) * width) / 100;
  return (
    <svg
      viewBox={`0 0 ${width} 14`}
      width={width}
      height="14"
      class="drawn"
      aria-hidden="true"
      focusable="false"
    >
      <rect class="ground" width={width} height="14" rx="3" />
      {row.second !== undefined && <rect class="hatched" width={at(row.second)} height="14" rx="3" />}
      <rect class="filled" width={at(percent)} height="14" rx="3" />
      {goal !== undefined && <rect class="tick" x={at(goal) - 1} width="2" height="14" />}
    </svg>
  );
}
