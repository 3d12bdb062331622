// Numbers as sim/show/numbers.py prints them, and what sim/intervals.py and sim/measures.py make of the runs.

/** Round half to even, as Python does. */
function rounded(x) {
  const floor = Math.floor(x);
  const part = x - floor;
  if (part !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

function grouped(whole) {
  return String(whole).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A whole number, "1,234"; in millions from ten million on, "12.3 m". */
export function number(x) {
  if (Math.abs(x) >= 1e7) {
    const tenths = Math.abs(x) / 1e6;
    const [whole, rest] = tenths.toFixed(1).split(".");
    return `${x < 0 ? "-" : ""}${grouped(whole)}.${rest} m`;
  }
  const whole = rounded(x);
  return `${whole < 0 ? "-" : ""}${grouped(Math.abs(whole))}`;
}

/** With its sign, "+1,234"; "0" without one. */
export function signed(x) {
  const text = number(x);
  return text === "0" || text.startsWith("-") ? text : `+${text}`;
}

/** A share, "54 %"; "under 1 %" and "over 99 %" for what is not quite none or all. */
export function percent(part) {
  if (Math.abs(part) > 0 && Math.abs(part) < 0.005) return "under 1 %";
  if (part >= 0.995 && part < 1) return "over 99 %";
  return `${rounded(part * 100)} %`;
}

/** NumPy's linear quantile of values that are sorted. */
export function quantile(sorted, q) {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  const part = at - low;
  const gap = sorted[high] - sorted[low];
  return part >= 0.5 ? sorted[high] - gap * (1 - part) : sorted[low] + gap * part;
}

const UNSEEN = 15; // sim/intervals.py

/** The 95 % interval of a mean (sim/intervals.py: Student's t and Hall's, whichever reaches farther). */
export function meanInterval(x, t) {
  const n = x.length;
  if (n < 2) return [NaN, NaN];
  const mean = average(x);
  let second = 0;
  let third = 0;
  for (const value of x) {
    const off = value - mean;
    second += off * off;
    third += off * off * off;
  }
  const spread = Math.sqrt(second / (n - 1));
  if (spread <= 0) return [mean, mean];
  const error = spread / Math.sqrt(n);
  const g = ((third / n / (spread * spread * spread)) * (1 + UNSEEN / n)) / Math.sqrt(n);
  const back = (u) => {
    if (Math.abs(g) < 1e-9) return u;
    const inner = 1 + g * (u - g / 6);
    return (3 / g) * (Math.sign(inner) * Math.cbrt(Math.abs(inner)) - 1);
  };
  return [mean - error * Math.max(t, back(t)), mean - error * Math.min(-t, back(-t))];
}

export function average(x) {
  let sum = 0;
  for (const value of x) sum += value;
  return x.length ? sum / x.length : 0;
}

/** What sim.measures.difference says of paired differences; `t`: Student's quantile for so many runs. */
export function difference(gap, t, fewest) {
  const sorted = Float64Array.from(gap).sort();
  const [low, high] = gap.length >= fewest ? meanInterval(gap, t) : [NaN, NaN];
  return {
    runs: gap.length,
    mean: average(gap),
    meanLow: low,
    meanHigh: high,
    low: quantile(sorted, 0.05),
    median: quantile(sorted, 0.5),
    high: quantile(sorted, 0.95),
    higher: gap.filter((x) => x > 0).length,
    lower: gap.filter((x) => x < 0).length,
    clear: low > 0 || high < 0,
  };
}
