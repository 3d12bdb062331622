// Drawings of the runs: dots for worlds, how a difference grows, and who protects a district.
import { quantile, signed } from "./numbers.js";
import { lettered, svg, ticks, years } from "./marks.js";

const DOTS = 50;

function size(node) {
  const width = Math.max(node.clientWidth, 240);
  const height = Number(node.dataset.height);
  node.setAttribute("viewBox", `0 0 ${width} ${height}`);
  node.setAttribute("height", height);
  return [width, height];
}

/** Worlds as dots along their difference; the scale is that of all weeks, so that dots move and it does not. */
export class Dots {
  constructor(node) {
    this.node = node;
    this.range = [0, 0];
  }

  /** `low`, `high`: the smallest and largest difference of any week. */
  scale(low, high) {
    this.range = [Math.min(low, 0), Math.max(high, 0)];
    this.draw();
  }

  draw() {
    const [width, height] = size(this.node);
    const [low, high] = this.range;
    const reach = high - low || 1;
    this.x = (v) => 12 + ((v - low) / reach) * (width - 24);
    this.floor = height - 34;
    this.slot = Math.max(6, Math.min(11, width / 46));
    this.dots = Array.from({ length: DOTS }, () => svg("circle", { r: this.slot * 0.43, cx: -99, cy: -99 }));
    const zero = this.x(0);
    this.node.replaceChildren(
      svg("line", { class: "axis", x1: 8, x2: width - 8, y1: this.floor, y2: this.floor }),
      svg("line", { class: "zero", x1: zero, x2: zero, y1: 6, y2: this.floor + 5 }),
      ...ticks(low, high, width / 90).map((v) =>
        lettered(v === 0 ? "0" : signed(v), { class: "tick", x: Math.min(Math.max(this.x(v), 16), width - 20), y: this.floor + 17, "text-anchor": "middle" }),
      ),
      lettered("fewer under A", { class: "tick", x: Math.max(zero - 6, 76), y: height - 2, "text-anchor": "end" }),
      lettered("more under A", { class: "tick", x: Math.min(zero + 6, width - 76), y: height - 2, "text-anchor": "start" }),
      svg("g", {}, ...this.dots),
    );
    this.node.lastChild.previousSibling.previousSibling.setAttribute("display", zero < 90 ? "none" : "inline");
    this.node.lastChild.previousSibling.setAttribute("display", zero > width - 90 ? "none" : "inline");
  }

  /** Of fewer worlds than dots each has one; of more, a dot stands for as many as fit (quantiles). */
  show(gap) {
    const sorted = Float64Array.from(gap).sort();
    const count = Math.min(DOTS, sorted.length);
    const zero = this.x(0);
    const piles = new Map();
    const places = [];
    for (let i = 0; i < count; i += 1) {
      const q = quantile(sorted, (i + 0.5) / count);
      const at = (this.x(q) - zero) / this.slot;
      const pile = q === 0 ? 0 : q > 0 ? Math.floor(at) + 1 : -(Math.floor(-at) + 1);
      const rank = piles.get(pile) || 0;
      piles.set(pile, rank + 1);
      places.push([pile, rank]);
    }
    const highest = Math.max(...piles.values());
    const step = Math.min(this.slot * 0.92, (this.floor - 10) / highest);
    this.dots.forEach((dot, i) => {
      if (i >= count) {
        dot.setAttribute("class", "no");
        return;
      }
      const [pile, rank] = places[i];
      dot.setAttribute("cx", zero + pile * this.slot);
      dot.setAttribute("cy", this.floor - step * (rank + 0.55));
      dot.setAttribute("class", pile > 0 ? "more" : pile < 0 ? "fewer" : "equal");
    });
  }
}

/** How the difference grows: the middle world, nine worlds in ten, three single worlds. */
export class Fan {
  constructor(node, facts) {
    this.node = node;
    this.facts = facts;
  }

  /** `gaps`: the differences of all worlds by step, (K + 1) x R. Returns the smallest and the largest. */
  draw(gaps) {
    const [width, height] = size(this.node);
    const sorted = gaps.map((gap) => Float64Array.from(gap).sort());
    const low = Math.min(0, ...sorted.map((s) => s[0]));
    const high = Math.max(0, ...sorted.map((s) => s[s.length - 1]));
    const left = 54;
    const right = width - 10;
    const floor = height - 20;
    const last = gaps.length - 1;
    this.x = (k) => left + (k / last) * (right - left);
    const y = (v) => floor - ((v - low) / (high - low || 1)) * (floor - 8);
    const line = (of) => sorted.map((s, k) => `${k ? "L" : "M"}${this.x(k).toFixed(1)} ${y(of(s, k)).toFixed(1)}`).join("");
    const back = sorted.map((s, k) => `L${this.x(k).toFixed(1)} ${y(quantile(s, 0.05)).toFixed(1)}`).reverse().join("");
    const runs = gaps[0].length;
    const singles = [...new Set([0, Math.floor(runs / 3), Math.floor((2 * runs) / 3)])];
    this.now = svg("line", { class: "now", y1: 4, y2: floor });
    const perYear = years(this.facts).filter((_, i, all) => i % Math.ceil(all.length / (width / 60)) === 0);
    this.node.replaceChildren(
      ...ticks(low, high, 4).map((v) => lettered(v === 0 ? "0" : signed(v), { class: "tick", x: left - 6, y: y(v) + 4, "text-anchor": "end" })),
      ...perYear.map(([week, name]) =>
        lettered(name, { class: "tick", x: Math.min(this.x((week / this.facts.weeks) * last), right - 12), y: height - 4, "text-anchor": "middle" }),
      ),
      svg("path", { class: "band", d: `${line((s) => quantile(s, 0.95))}${back}Z` }),
      ...singles.map((r) => svg("path", { class: "single", d: line((_, k) => gaps[k][r]) })),
      svg("line", { class: "zero", x1: left, x2: right, y1: y(0), y2: y(0) }),
      svg("path", { class: "middle", d: line((s) => quantile(s, 0.5)) }),
      this.now,
    );
    this.at(this.position ?? 0);
    return [low, high];
  }

  at(position) {
    this.position = position;
    this.now.setAttribute("x1", this.x(position));
    this.now.setAttribute("x2", this.x(position));
  }
}

/** Who protects a district under a schedule: the UN and state forces, one on the other, and both if all bases stay. */
export class Cliff {
  constructor(node, facts) {
    this.node = node;
    this.facts = facts;
  }

  draw(runs, s, d, top) {
    const { facts } = this;
    const [width, height] = size(this.node);
    const [left, right, floor] = [38, width - 8, height - 20];
    const K = runs.K;
    this.x = (k) => left + (k / K) * (right - left);
    const y = (share) => floor - (share / top) * (floor - 8);
    const steps = Array.from({ length: K }, (_, k) => runs.protection(s, d, k + 1));
    const stays = Array.from({ length: K }, (_, k) => runs.protection(facts.none, d, k + 1));
    const edge = (of) => of.map((v, k) => `${this.x(k).toFixed(1)} ${y(v).toFixed(1)}L${this.x(k + 1).toFixed(1)} ${y(v).toFixed(1)}`);
    const area = (lower, upper) => `M${edge(upper).join("L")}L${[...edge(lower)].reverse().map((e) => e.split("L").reverse().join("L")).join("L")}Z`;
    const un = steps.map(([u]) => u);
    const both = steps.map(([u, t]) => u + t);
    const closes = facts.schedules[s].closures.filter((c) => c.district === d && c.weeks.length);
    this.now = svg("line", { class: "now", y1: 4, y2: floor });
    const perYear = years(facts).filter((_, i, all) => i % Math.ceil(all.length / (width / 60)) === 0);
    this.node.replaceChildren(
      svg("path", { class: "un", d: area(un.map(() => 0), un) }),
      svg("path", { class: "state", d: area(un, both) }),
      svg("path", { class: "stays", d: `M${edge(stays.map(([u, t]) => u + t)).join("L")}` }),
      svg("line", { class: "axis", x1: left, x2: right, y1: floor, y2: floor }),
      ...ticks(0, top, 4).map((v) => lettered(`${Math.round(v * 100)} %`, { class: "tick", x: left - 5, y: y(v) + 4, "text-anchor": "end" })),
      ...perYear.map(([week, name]) =>
        lettered(name, { class: "tick", x: Math.min(this.x((week / facts.weeks) * K), right - 12), y: height - 4, "text-anchor": "middle" }),
      ),
      ...closes.map((c) => {
        const at = this.x(middle(c.weeks) / facts.step);
        return svg("path", { class: "closes", d: `M${at} ${floor}V10M${at - 4} 5L${at + 4} 13M${at - 4} 13L${at + 4} 5` });
      }),
      this.now,
    );
    this.at(this.position ?? 0);
  }

  at(position) {
    this.position = position;
    this.now.setAttribute("x1", this.x(position));
    this.now.setAttribute("x2", this.x(position));
  }
}

/** The middle of weeks that are counted, as [[week, worlds], ...]. */
export function middle(weeks) {
  const all = weeks.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [week, count] of weeks) {
    seen += count;
    if (seen * 2 >= all) return week;
  }
  return 0;
}

/** The largest share that any of two schedules, or the world in which all stays, reaches in a district. */
export function topOf(runs, schedules, d) {
  let top = 0.05;
  for (const s of schedules) {
    for (let k = 1; k <= runs.K; k += 1) {
      const [un, state] = runs.protection(s, d, k);
      top = Math.max(top, un + state);
    }
  }
  return Math.min(1, top * 1.1);
}

