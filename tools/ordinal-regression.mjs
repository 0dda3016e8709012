// Ordinal logistic regression (proportional odds) with L2 towards given weights, by Newton's method: no chance in it, so the
// same rows give the same weights.

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/**
 * `rows`: `{ on, expect, weight }`, `on` being the indices of the features that hold, `expect` 0, 1 or 2. Answers the weight of
 * each feature and the two thresholds, in logits.
 */
export function fitOrdinal(rows, size, { penalty, priors, steps = 40 }) {
  const weights = Float64Array.from(priors);
  let thresholds = [-1, 1];
  for (let step = 0; step < steps; step++) {
    const { gradient, hessian } = slopes(rows, size, weights, thresholds, { penalty, priors });
    const move = solve(hessian, gradient);
    const scale = Math.min(1, 4 / Math.max(...move.map(Math.abs)));
    for (let at = 0; at < size; at++) weights[at] -= scale * move[at];
    thresholds = thresholds.map((threshold, at) => threshold - scale * move[size + at]);
    if (thresholds[1] - thresholds[0] < 0.1) thresholds[1] = thresholds[0] + 0.1;
    if (Math.max(...move.map(Math.abs)) < 1e-6) break;
  }
  return { weights, thresholds };
}

/** The first and second derivatives of the loss; the thresholds are the last two unknowns. */
function slopes(rows, size, weights, [low, high], { penalty, priors }) {
  const n = size + 2;
  const gradient = new Float64Array(n);
  const hessian = Array.from({ length: n }, () => new Float64Array(n));
  for (let at = 0; at < size; at++) {
    gradient[at] = penalty * (weights[at] - priors[at]);
    hessian[at][at] = penalty;
  }
  hessian[size][size] = hessian[size + 1][size + 1] = 1e-6;
  for (const { on, expect, weight } of rows) {
    let sum = 0;
    for (const at of on) sum += weights[at];
    addRow({ gradient, hessian, size }, on, weight, lossOf(expect, sum, low, high));
  }
  return { gradient, hessian };
}

/** Derivatives of -log P(expect) by the sum s and by the thresholds t1, t2. */
function lossOf(expect, sum, low, high) {
  const p1 = sigmoid(sum - low);
  const p2 = sigmoid(sum - high);
  const d1 = p1 * (1 - p1);
  const d2 = p2 * (1 - p2);
  if (expect === 0) return { s: p1, t1: -p1, t2: 0, ss: d1, st1: -d1, st2: 0, t11: d1, t12: 0, t22: 0 };
  if (expect === 2)
    return { s: p2 - 1, t1: 0, t2: 1 - p2, ss: d2, st1: 0, st2: -d2, t11: 0, t12: 0, t22: d2 };
  // log(p1 - p2) = log(1 - e^(low - high)) + log p1 + log(1 - p2), with both logistic.
  const gap = Math.exp(low - high);
  const g = gap / (1 - gap);
  const gg = gap / (1 - gap) ** 2;
  return {
    s: p1 - 1 + p2,
    t1: 1 - p1 + g,
    t2: -p2 - g,
    ss: d1 + d2,
    st1: -d1,
    st2: -d2,
    t11: d1 + gg,
    t12: -gg,
    t22: d2 + gg,
  };
}

function addRow({ gradient, hessian, size }, on, weight, loss) {
  for (const at of on) {
    gradient[at] += weight * loss.s;
    const row = hessian[at];
    for (const other of on) row[other] += weight * loss.ss;
    row[size] += weight * loss.st1;
    row[size + 1] += weight * loss.st2;
    hessian[size][at] += weight * loss.st1;
    hessian[size + 1][at] += weight * loss.st2;
  }
  gradient[size] += weight * loss.t1;
  gradient[size + 1] += weight * loss.t2;
  hessian[size][size] += weight * loss.t11;
  hessian[size][size + 1] += weight * loss.t12;
  hessian[size + 1][size] += weight * loss.t12;
  hessian[size + 1][size + 1] += weight * loss.t22;
}

/** By Gauss's elimination with the greatest pivot; both arguments are written into. */
function solve(matrix, vector) {
  const n = vector.length;
  for (let column = 0; column < n; column++) {
    pivot(matrix, vector, column);
    for (let row = column + 1; row < n; row++) {
      const factor = matrix[row][column] / matrix[column][column];
      for (let at = column; at < n; at++) matrix[row][at] -= factor * matrix[column][at];
      vector[row] -= factor * vector[column];
    }
  }
  for (let row = n - 1; row >= 0; row--) {
    for (let at = row + 1; at < n; at++) vector[row] -= matrix[row][at] * vector[at];
    vector[row] /= matrix[row][row];
  }
  return vector;
}

function pivot(matrix, vector, column) {
  let best = column;
  for (let row = column + 1; row < vector.length; row++) {
    if (Math.abs(matrix[row][column]) > Math.abs(matrix[best][column])) best = row;
  }
  [matrix[column], matrix[best]] = [matrix[best], matrix[column]];
  [vector[column], vector[best]] = [vector[best], vector[column]];
}
