// Elements, scales and the marks that several drawings share.

const SVG = "http://www.w3.org/2000/svg";

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

export function html(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Text in a drawing. */
export function lettered(words, attributes) {
  const node = svg("text", attributes);
  node.textContent = words;
  return node;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Round numbers that divide a range into about `count` parts. */
export function ticks(low, high, count) {
  const raw = (high - low) / Math.max(count, 1) || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  const found = [];
  for (let x = Math.ceil(low / step) * step; x <= high + step * 1e-9; x += step) found.push(Math.round(x / step) * step);
  return found;
}

/** The first weeks of the years of a run, as [week, "2019"]. */
export function years(facts) {
  const start = Date.parse(`${facts.start}T00:00:00Z`);
  const first = new Date(start).getUTCFullYear();
  const found = [];
  for (let year = first + 1; ; year += 1) {
    const week = (Date.UTC(year, 0, 1) - start) / 604800000;
    if (week >= facts.weeks) return found;
    found.push([week, String(year)]);
  }
}

/** Open, partly closed, closed: what stands where a district's bases are, about 10 across. */
export const BASE_MARKS = {
  open: "M0 -5.5L5.5 4.5H-5.5Z",
  partly: "M0 -5.5L5.5 4.5H-5.5ZM-4.1 2H4.1",
  closed: "M-4 -4L4 4M-4 4L4 -4",
};

/** How the bases of each district stand in a week under a schedule: open, partly or closed; null for none. */
export function baseStates(facts, schedule, week) {
  const plan = facts.schedules[schedule];
  const counts = facts.districts.map(() => ({ open: 0, shut: 0 }));
  facts.bases.forEach((base, b) => {
    const own = plan.spans[b];
    if (!own.length || own[0][0] > week) return;
    const moves = plan.moves.filter(([mover, when]) => mover === b && when <= week);
    const place = moves.length ? moves[moves.length - 1][2] : base.district;
    const shut = closedShare(facts, plan, b, week, own);
    counts[place].open += 1 - shut;
    counts[place].shut += shut;
  });
  return counts.map(({ open, shut }) => {
    if (open + shut < 1e-9) return null;
    if (shut < 1e-9) return "open";
    return open < 1e-9 ? "closed" : "partly";
  });
}

/** The share of worlds in which a base has closed by a week. */
function closedShare(facts, plan, b, week, spans) {
  const own = plan.closures.filter((c) => c.base === b && !plan.moves.some(([m, when]) => m === b && Math.floor(when) === c.planned));
  if (!own.length) return spans[spans.length - 1][1] < week && spans[spans.length - 1][1] < facts.weeks - 1 ? 1 : 0;
  const closed = own[own.length - 1].weeks.filter(([w]) => w < week).reduce((sum, [, count]) => sum + count, 0);
  return closed / facts.runs;
}
