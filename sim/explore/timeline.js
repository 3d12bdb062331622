// When bases close under two schedules, against votes, wet seasons and the UN's budget years.
import { lettered, svg, years } from "./marks.js";
import { middle } from "./charts.js";
import { dayAfter, written } from "./words.js";

const ROW = 24;
const BAR = 8;

/** Wet seasons, votes and budget years between two heights. */
export function surroundings(facts, x, top, floor) {
  return [
    ...facts.wet.map(([a, b]) => svg("rect", { class: "wet", x: x(a), width: x(b) - x(a), y: top, height: floor - top })),
    ...facts.budget.map((week) => svg("line", { class: "budget", x1: x(week), x2: x(week), y1: top, y2: floor })),
    ...facts.elections.map((week) => svg("line", { class: "vote", x1: x(week), x2: x(week), y1: top, y2: floor })),
  ];
}

export function votes(facts, x, y) {
  return facts.elections.map((week) =>
    svg("path", { class: "vote", d: `M${x(week)} ${y - 5}l5 5l-5 5l-5 -5Z` }, svg("title", {}, `Vote on ${written(dayAfter(facts.start, week * 7))}`)),
  );
}

/** The strip under the slider: what happens when, and closures of both schedules as ticks. */
export class Strip {
  constructor(node, facts) {
    this.node = node;
    this.facts = facts;
  }

  draw(a, b) {
    const { facts, node } = this;
    const width = Math.max(node.clientWidth, 200);
    node.setAttribute("viewBox", `0 0 ${width} 50`);
    const thumb = 9; // half the slider's
    this.x = (week) => thumb + (week / facts.weeks) * (width - 2 * thumb);
    const ticksOf = (s, side, from, to) =>
      facts.schedules[s].closures
        .filter((c) => c.weeks.length)
        .map((c) => svg("line", { class: `closes ${side}`, x1: this.x(middle(c.weeks)), x2: this.x(middle(c.weeks)), y1: from, y2: to }));
    const every = Math.ceil(years(facts).length / (width / 46));
    this.now = svg("line", { class: "now", y1: 0, y2: 36 });
    node.replaceChildren(
      ...surroundings(facts, this.x, 2, 34),
      svg("line", { class: "axis", x1: thumb, x2: width - thumb, y1: 18, y2: 18 }),
      ...ticksOf(a, "a", 4, 17),
      ...ticksOf(b, "b", 19, 32),
      ...votes(facts, this.x, 18),
      ...years(facts).filter((_, i) => i % every === 0).map(([week, name]) => lettered(name, { class: "tick", x: this.x(week), y: 47, "text-anchor": "middle" })),
      this.now,
    );
  }

  at(week) {
    this.now.setAttribute("x1", this.x(week));
    this.now.setAttribute("x2", this.x(week));
  }
}

/** When a base stands and closes under a schedule, in words. */
export function closing(facts, s, b) {
  const plan = facts.schedules[s];
  const own = plan.closures.filter((c) => c.base === b);
  const spans = plan.spans[b];
  const opens = spans.length && spans[0][0] > 0 ? `opens on ${written(dayAfter(facts.start, Math.round(spans[0][0] * 7)))}; ` : "";
  if (!own.length) {
    if (!spans.length) return "not there";
    const end = spans[spans.length - 1][1];
    if (end < facts.weeks - 1) return `${opens}its units leave by ${written(dayAfter(facts.start, Math.round(end * 7)))}`;
    return `${opens}stays to the end of the run`;
  }
  return opens + own.map((c) => closed(facts, c, plan.moves)).join("; then ");
}

function closed(facts, c, moves) {
  const verb = moves.some(([mover, when]) => mover === c.base && Math.floor(when) === c.planned) ? "moves away" : "closes";
  const day = (week) => written(dayAfter(facts.start, week * 7));
  const in_ = c.weeks.reduce((sum, [, count]) => sum + count, 0);
  if (!in_) return `does not ${verb === "closes" ? "close" : "move"} in any of ${facts.runs} worlds`;
  const share = in_ < facts.runs ? `, in ${in_} of ${facts.runs} worlds` : "";
  const first = c.weeks[0][0];
  const last = c.weeks[c.weeks.length - 1][0];
  if (first === last) return `${verb} in the week of ${day(first)}${share}`;
  return `${verb} between ${day(first)} and ${day(last)}, the middle world on ${day(middle(c.weeks))}${share}`;
}

/** A row for every base that closes under one of two schedules, a bar for each. */
export class Timeline {
  constructor(node, facts) {
    this.node = node;
    this.facts = facts;
  }

  draw(a, b, choose) {
    const { facts, node } = this;
    const width = Math.max(node.clientWidth, 240);
    const narrow = width < 560;
    const left = narrow ? 6 : 190;
    const right = width - 10;
    const row = narrow ? ROW + 14 : ROW;
    const first = (i) => Math.min(...[a, b].flatMap((s) => facts.schedules[s].closures.filter((c) => c.base === i).map((c) => (c.weeks.length ? middle(c.weeks) : c.planned))), Infinity);
    const rows = facts.bases.map((_, i) => i).filter((i) => first(i) < Infinity).sort((i, j) => first(i) - first(j));
    this.shown = rows.length;
    const top = 26;
    const floor = top + rows.length * row;
    node.setAttribute("viewBox", `0 0 ${width} ${floor + 8}`);
    node.setAttribute("height", floor + 8);
    this.x = (week) => left + (week / facts.weeks) * (right - left);
    const every = Math.ceil(years(facts).length / ((right - left) / 46));
    const bars = rows.flatMap((i, n) => {
      const y = top + n * row + (narrow ? 15 : 2);
      const { name, district } = facts.bases[i];
      const label = lettered(name, { class: "name", x: narrow ? left : left - 8, y: narrow ? y - 3 : y + 13, "text-anchor": narrow ? "start" : "end" });
      label.addEventListener("click", () => choose(district));
      const words = `${name} (${facts.districts[district].name}). A: ${closing(facts, a, i)}. B: ${closing(facts, b, i)}.`;
      return [svg("g", {}, svg("title", {}, words), label, ...this.bar(a, i, "a", y), ...this.bar(b, i, "b", y + BAR + 2))];
    });
    this.now = svg("line", { class: "now", y1: top - 6, y2: floor });
    node.replaceChildren(
      ...surroundings(facts, this.x, top - 6, floor),
      ...bars,
      ...votes(facts, this.x, top - 6),
      ...years(facts).filter((_, i) => i % every === 0).map(([week, name]) => lettered(name, { class: "tick", x: this.x(week), y: 11, "text-anchor": "middle" })),
      this.now,
    );
  }

  /** Bars to the week in which the base closed in the middle world, and a whisker over all worlds. */
  bar(s, b, side, y) {
    const plan = this.facts.schedules[s];
    const own = plan.closures.filter((c) => c.base === b && c.weeks.length);
    const last = own.length ? own[own.length - 1] : null;
    const most = Math.max(...plan.spans.flat().map(([, , troops]) => troops), 1);
    const found = plan.spans[b].map(([from, to, troops], i, all) => {
      const end = last && i === all.length - 1 ? middle(last.weeks) : to;
      const high = Math.max(2.5, BAR * Math.sqrt(troops / most));
      return svg("rect", { class: `bar ${side}`, x: this.x(from), width: Math.max(this.x(Math.max(end, from)) - this.x(from), 0.5), y: y + (BAR - high) / 2, height: high });
    });
    if (last && last.weeks.length > 1) {
      const [from, to] = [last.weeks[0][0], last.weeks[last.weeks.length - 1][0]];
      found.push(svg("path", { class: `whisker ${side}`, d: `M${this.x(from)} ${y + BAR / 2}H${this.x(to)}M${this.x(to)} ${y + 1}v${BAR - 2}` }));
    }
    return found;
  }

  at(week) {
    this.now.setAttribute("x1", this.x(week));
    this.now.setAttribute("x2", this.x(week));
  }
}
