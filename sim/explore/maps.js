// A map of the districts: coloured by a measure, with a mark for the bases of each.
import { number, percent, signed } from "./numbers.js";
import { BASE_MARKS, svg } from "./marks.js";

const ENOUGH = 5; // runs by which a district can be coloured, as in sim/show/figures/where.py
const HALF_YEAR = 26;
const LEVELS = [0.1, 0.25, 0.5, 0.75];

/** What maps can show. `of` returns the class of a district, its value in words, and a number for a table. */
export const MEASURES = {
  since: {
    label: "Killed since the start, more or fewer than if every base stayed",
    of: (facts, runs, s, d, k) => excess(facts, runs, s, d, 0, k),
  },
  half: {
    label: "Killed in the half-year before, more or fewer than if every base stayed",
    of: (facts, runs, s, d, k) => excess(facts, runs, s, d, Math.max(0, k - HALF_YEAR / facts.step), k),
  },
  vacuum: {
    label: "Security vacuum that week, share of worlds",
    of: (facts, runs, s, d, k) => {
      const count = runs.inVacuum(s, d, k);
      return { mark: level("x", count / runs.R), words: `in ${count} of ${runs.R} worlds`, value: count };
    },
  },
  protection: {
    label: "Chance that somebody comes when civilians are attacked",
    of: (facts, runs, s, d, k) => {
      const [un, state] = runs.protection(s, d, k);
      const words = `${percent(un + state)} (the UN ${percent(un)}, state forces ${percent(state)})`;
      return { mark: level("v", un + state), words, value: Math.round((un + state) * 1000) / 1000 };
    },
  },
};

function level(colours, share) {
  return share <= 0 ? `${colours}0` : `${colours}${1 + LEVELS.filter((edge) => share >= edge).length}`;
}

/** Killed under a schedule beyond those if every base stayed: coloured only if the runs can tell it from nothing. */
export function excess(facts, runs, s, d, from, k) {
  if (s === facts.none) return { mark: "same", words: "every base stays here: this is what others are held against", value: "" };
  const [mean, error] = runs.mean(s, facts.none, d, from, k);
  const told = runs.R >= ENOUGH && Math.abs(mean) > facts.tell * error;
  if (!told) return { mark: "unsure", words: "the runs cannot tell it from no difference", value: "", rate: NaN };
  const weeks = Math.min(k * facts.step, facts.weeks) - from * facts.step;
  const rate = (mean / (weeks / facts.year) / facts.districts[d].people) * 1e5;
  const above = facts.edges.filter((edge) => Math.abs(rate) >= edge).length;
  const words = `${signed(mean)} on average (${rate > 0 ? "+" : "-"}${rated(Math.abs(rate))} a year per 100,000 people)`;
  return { mark: `${mean > 0 ? "p" : "m"}${above}`, words, value: Math.round(mean * 10) / 10, rate };
}

function rated(x) {
  return x >= 9.95 ? number(x) : x.toFixed(x >= 0.995 ? 1 : 2);
}

/** The colours of a measure with what they mean, as [class, words]; and the sentence under the map. */
export function legend(facts, measure) {
  if (measure === "vacuum" || measure === "protection") {
    const names = ["none", "under 10 %", "10 to 25 %", "25 to 50 %", "50 to 75 %", "75 % or more"];
    const what =
      measure === "vacuum"
        ? "A security vacuum: armed groups are there, and for most people nobody's protection would deter them. Share of matched worlds."
        : "Mean of all worlds: the UN, or state forces where the UN does not come.";
    return { keys: names.map((words, i) => [`${measure === "vacuum" ? "x" : "v"}${i}`, words]), what };
  }
  const e = facts.edges.map((edge) => String(edge));
  const more = [`under +${e[0]}`, ...e.map((edge, i) => (i + 1 < e.length ? `+${edge} to +${e[i + 1]}` : `+${edge} or more`))];
  const fewer = [`under -${e[0]}`, ...e.map((edge, i) => (i + 1 < e.length ? `-${edge} to -${e[i + 1]}` : `-${edge} or more`))];
  return {
    keys: [
      ...fewer.map((words, i) => [`m${i}`, words]).reverse(),
      ["unsure", "the runs cannot tell"],
      ...more.map((words, i) => [`p${i}`, words]),
    ],
    what: "Civilians killed a year per 100,000 people, more (orange) or fewer (violet) than in the same world if every base stayed: mean of all worlds. Uncoloured: the runs cannot tell it from no difference.",
  };
}

export class DistrictMap {
  constructor(facts, node, choose) {
    this.facts = facts;
    this.node = node;
    const [width, height] = facts.size;
    node.setAttribute("viewBox", `0 0 ${width} ${height}`);
    node.style.aspectRatio = `${width} / ${height}`;
    this.paths = facts.districts.map((district, d) => {
      const path = svg("path", { d: district.path, class: "district unsure" }, svg("title"));
      path.addEventListener("click", () => choose(d));
      return path;
    });
    const order = facts.districts.map((_, d) => d).sort((a, b) => facts.districts[a].city - facts.districts[b].city);
    this.ring = svg("path", { class: "ring", d: "" });
    this.marks = facts.districts.map(() => svg("g", { class: "base no" }, svg("path", { class: "halo" }), svg("path", {})));
    this.labels = svg("g", { class: "labels" });
    node.replaceChildren(svg("g", {}, ...order.map((d) => this.paths[d])), this.ring, svg("g", {}, ...this.marks), this.labels);
    this.chosen = -1;
  }

  /** Colour the districts by what `of(d)` says, and mark their bases. */
  show(of, bases) {
    this.paths.forEach((path, d) => {
      const { mark, words } = of(d);
      const cls = `district ${mark}`;
      if (path.getAttribute("class") !== cls) path.setAttribute("class", cls);
      path.firstChild.textContent = `${this.facts.districts[d].name}: ${words}`;
    });
    this.marks.forEach((mark, d) => {
      const state = bases[d];
      const cls = `base ${state || "no"}`;
      if (mark.getAttribute("class") === cls) return;
      mark.setAttribute("class", cls);
      for (const path of mark.children) path.setAttribute("d", state ? BASE_MARKS[state] : "");
    });
  }

  choose(d) {
    this.chosen = d;
    this.ring.setAttribute("d", this.facts.districts[d].path);
    this.place();
  }

  /** Put marks and as many names as have room, in the size they have on the screen. */
  place() {
    const [width, height] = this.facts.size;
    const box = this.node.getBoundingClientRect();
    const scale = Math.min(box.width / width, box.height / height) || 1; // pixels a km
    const size = box.width < 260 ? 9.5 : 11.5;
    this.node.style.setProperty("--px", `${1 / scale}px`);
    this.marks.forEach((mark, d) => {
      const { x, y } = this.facts.districts[d];
      const factor = (box.width < 260 ? 0.8 : 1) / scale;
      mark.setAttribute("transform", `translate(${x} ${y}) scale(${factor})`);
    });
    const taken = this.facts.districts.map(({ x, y }) => [x * scale - 5, y * scale - 6, x * scale + 5, y * scale + 5]);
    const free = (b) => taken.every((t) => b[2] < t[0] || b[0] > t[2] || b[3] < t[1] || b[1] > t[3]);
    const weight = (d) => (d === this.chosen ? 1e18 : this.facts.districts[d].city ? 0 : this.facts.districts[d].people);
    const order = this.facts.districts.map((_, d) => d).sort((a, b) => weight(b) - weight(a));
    this.labels.replaceChildren();
    for (const d of order) {
      const { name, x, y } = this.facts.districts[d];
      const half = name.length * size * 0.29;
      const [px, py] = [x * scale, y * scale];
      const places = [
        [px, py + size + 5],
        [px, py - 9],
        [px + half + 8, py + size * 0.35],
        [px - half - 8, py + size * 0.35],
      ];
      const inside = ([cx, cy]) => cx - half > 0 && cx + half < width * scale && cy < height * scale && cy > size;
      const boxOf = ([cx, cy]) => [cx - half, cy - size * 0.8, cx + half, cy + 2];
      const spot = places.find((p) => inside(p) && free(boxOf(p))) || (d === this.chosen ? places[0] : null);
      if (!spot) continue;
      taken.push(boxOf(spot));
      const text = svg("text", {
        x: spot[0] / scale,
        y: spot[1] / scale,
        "font-size": size / scale,
        class: d === this.chosen ? "chosen" : "",
      });
      text.textContent = name;
      this.labels.append(text);
    }
  }
}
