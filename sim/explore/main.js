// The page: what is chosen, and what follows from it.
import { average } from "./numbers.js";
import { byThen, dayAfter, dayOf, protectedBy, robust, short, vacuum, verdict, written } from "./words.js";
import { Runs, readStories } from "./runs.js";
import { baseStates, byId, html, svg } from "./marks.js";
import { DistrictMap, MEASURES, excess, legend } from "./maps.js";
import { Cliff, Dots, Fan, topOf } from "./charts.js";
import { Strip, Timeline, closing } from "./timeline.js";
import { csv, lines, picture, save } from "./files.js";

const SECONDS = 24; // to play the whole run
export const facts = JSON.parse(byId("facts").textContent);
const steps = Math.ceil(facts.weeks / facts.step);
export const how = { t: facts.t, fewest: facts.fewest };
export const state = { a: facts.pair[0], b: facts.pair[1], k: steps, measure: "since", assumption: 0, district: 0 };
const slow = matchMedia("(prefers-reduced-motion: reduce)");
const read = new Map();
let runs = null;
let stories = null;
let gaps = [];

const nameOf = (s) => facts.schedules[s].name;
const titleOf = (s) => `${facts.schedules[s].title} (${nameOf(s)})`;
const weekOf = (k) => Math.min(k * facts.step, facts.weeks);
const dayAt = (k) => dayOf(facts.start, weekOf(k));
const said = (node, texts) => node.replaceChildren(...texts.filter((text) => text).map((text) => html("p", {}, text)));

const maps = { a: new DistrictMap(facts, byId("map-a"), selectDistrict), b: new DistrictMap(facts, byId("map-b"), selectDistrict) };
const dots = new Dots(byId("dots"));
const fan = new Fan(byId("fan"), facts);
const cliffs = { a: new Cliff(byId("cliff-a"), facts), b: new Cliff(byId("cliff-b"), facts) };
const strip = new Strip(byId("strip"), facts);
const timeline = new Timeline(byId("timeline"), facts);

// -- what follows from what is chosen -----------------------------------------------------------------

/** Everything that depends on the schedules, the assumptions or the width of the page. */
function drawPair() {
  const { a, b } = state;
  gaps = Array.from({ length: steps + 1 }, (_, k) => runs.gap(a, b, k));
  const [low, high] = fan.draw(gaps);
  dots.scale(low, high);
  strip.draw(a, b);
  timeline.draw(a, b, selectDistrict);
  const others = facts.bases.length - timeline.shown;
  byId("others").textContent = others ? `${others === 1 ? "One base that closes" : `${others} bases that close`} under neither ${others === 1 ? "is" : "are"} in the table alone.` : "";
  for (const [side, s] of [["a", a], ["b", b]]) {
    byId(`name-${side}`).textContent = `${side.toUpperCase()}  ${titleOf(s)}`;
    for (const head of ["bases", "closings", "table", "cliff-name", "story-name"]) {
      byId(`${head}-${side}`).textContent = `${side.toUpperCase()}  ${nameOf(s)}`;
    }
  }
  drawVerdict();
  drawAssumptions();
  drawClosings();
  drawDistrict();
  drawStep();
}

export function gapAtEnd(assumption) {
  const { totals } = facts.assumptions[assumption];
  return totals[state.a].map((killed, r) => killed - totals[state.b][r]);
}

function drawVerdict() {
  const { a, b, assumption } = state;
  const gap = gapAtEnd(assumption);
  const pairs = (facts.schedules.length * (facts.schedules.length - 1)) / 2;
  const told = facts.assumptions[assumption].told[a][b];
  said(
    byId("verdict"),
    a === b
      ? ["The same schedule is chosen twice: there is nothing to compare."]
      : verdict(nameOf(a), nameOf(b), gap, told, pairs, dayAt(steps), how),
  );
  const found = facts.assumptions.map((one, i) => [one.told[a][b], average(gapAtEnd(i))]);
  byId("robust").textContent = a === b || facts.runs < facts.fewest ? "" : robust(nameOf(a), nameOf(b), found);
  const under = assumption ? `Under another assumption: ${facts.assumptions[assumption].label} (${facts.assumptions[assumption].meaning}). When bases close, and the stories, stay those of the case.` : facts.note || "";
  byId("under").textContent = under;
  byId("under").hidden = !under;
  byId("verdict-title").textContent = assumption ? `At the end of the run, ${facts.assumptions[assumption].label.toLowerCase()}` : "At the end of the run";
}

function drawAssumptions() {
  facts.assumptions.forEach((one, i) => {
    const label = byId(`assume-${i}`).parentNode;
    const told = one.told[state.a][state.b];
    const unsure = facts.runs < facts.fewest || told === 2 ? "" : told === 1 ? "clear only if looked at alone: " : "the runs cannot tell: ";
    label.querySelector(".answer").textContent = state.a === state.b ? "" : `${unsure}${short(gapAtEnd(i), how)}`;
    label.querySelector(".answer").classList.toggle("told", told === 2);
    byId(`assume-${i}`).checked = i === state.assumption;
  });
}

function drawClosings() {
  const rows = facts.bases.map((base, i) => [
    base.name, facts.districts[base.district].name, closing(facts, state.a, i), closing(facts, state.b, i),
  ]);
  fill(byId("closings"), rows);
}

function fill(table, rows) {
  table.tBodies[0].replaceChildren(
    ...rows.map((row) => html("tr", {}, ...row.map((value, i) => {
      const cell = html(i ? "td" : "th", i ? {} : { scope: "row" });
      cell.append(value);
      return cell;
    }))),
  );
}

/** Everything that depends on the district. */
function drawDistrict() {
  const { a, b, district: d } = state;
  const top = topOf(runs, [a, b, facts.none], d);
  const { name, people } = facts.districts[d];
  for (const [side, s] of [["a", a], ["b", b]]) {
    cliffs[side].draw(runs, s, d, top);
    byId(`cliff-${side}`).setAttribute("aria-label", `Protection of ${name} over time under ${nameOf(s)}; the sentences above say it for the day chosen`);
    maps[side].choose(d);
    drawStory(side, s, d);
  }
  byId("district").value = d;
  byId("district-title").textContent = `One district: ${name}`;
  const here = facts.bases.map((base, i) => ({ base, i })).filter(({ base, i }) => base.district === d || [a, b].some((s) => facts.schedules[s].moves.some(([m, , to]) => m === i && to === d)));
  const rows = here.map(({ base, i }) => [base.name, closing(facts, a, i), closing(facts, b, i)]);
  fill(byId("bases"), rows.length ? rows : [["none", `No base of the mission stands in ${name} (${people.toLocaleString("en")} people).`, ""]]);
  drawDistrictStep();
}

function drawStory(side, s, d) {
  const list = byId(`story-${side}`);
  if (!stories) return;
  const told = stories[s].told.filter(([, places]) => places.includes(d) || !places.length);
  const own = told.filter(([, places]) => places.length);
  list.replaceChildren(
    ...(own.length ? told : []).map(([week, , text]) =>
      html("li", { "data-week": week }, html("span", { class: "when" }, written(dayAfter(facts.start, week * 7))), ` ${text}`)),
  );
  if (!own.length) list.append(html("li", {}, "Nothing that the story tells of happens here in this world."));
  const { replicate, killed } = stories[s];
  byId(`story-name-${side}`).textContent = `${side.toUpperCase()}  ${nameOf(s)}: world ${replicate + 1} of ${facts.runs}, ${killed.toLocaleString("en")} killed in all`;
  byId("story-words").textContent =
    "One world a schedule, the one in the middle by civilians killed, under the assumptions of the case. One world is one draw of chance: it shows how things come about, not what to expect.";
}

function drawDistrictStep() {
  const { a, b, k, district: d } = state;
  const { name } = facts.districts[d];
  const [na, nb] = [nameOf(a), nameOf(b)];
  said(
    byId("district-said"),
    a === b
      ? []
      : [
          byThen(runs.gap(a, b, k, d), na, nb, dayAt(k), how, name).join(" "),
          `${vacuum(name, na, nb, runs.inVacuum(a, d, k), runs.inVacuum(b, d, k), runs.R)} ${protectedBy(name, na, nb, runs.protection(a, d, k), runs.protection(b, d, k))}`,
        ],
  );
}

/** Everything that depends on the day. */
function drawStep() {
  const { a, b, k, measure } = state;
  const of = MEASURES[measure].of;
  for (const [side, s] of [["a", a], ["b", b]]) {
    maps[side].show((d) => of(facts, runs, s, d, k), baseStates(facts, s, weekOf(k)));
  }
  dots.show(gaps[k]);
  byId("day").textContent = dayAt(k);
  byId("then-day").textContent = dayAt(k);
  said(byId("then"), thenSaid());
  const slider = byId("week");
  if (Number(slider.value) !== k) slider.value = k;
  slider.setAttribute("aria-valuetext", dayAt(k));
  drawDistrictStep();
  if (byId("table-details").open) drawTable();
  if (!playing) mark(k);
}

function thenSaid() {
  const { a, b, k } = state;
  if (a === b) return ["Choose two different schedules."];
  return byThen(gaps[k], nameOf(a), nameOf(b), dayAt(k), how);
}

function mark(position) {
  const week = Math.min(position * facts.step, facts.weeks);
  strip.at(week);
  timeline.at(week);
  fan.at(position);
  cliffs.a.at(position);
  cliffs.b.at(position);
}

function drawTable() {
  const { a, b, k, measure } = state;
  const of = MEASURES[measure].of;
  const rows = facts.districts.map(({ name }, d) => {
    const button = html("button", { type: "button", class: "plain" }, name);
    button.addEventListener("click", () => selectDistrict(d));
    return [button, of(facts, runs, a, d, k).words, of(facts, runs, b, d, k).words, a === b ? "" : short(runs.gap(a, b, k, d), how)];
  });
  fill(byId("table"), rows);
}

/** Say to those who listen what those who look have seen, once it stands still. */
let speak = 0;
function announce() {
  clearTimeout(speak);
  speak = setTimeout(() => {
    byId("live").textContent = thenSaid().join(" ");
  }, 500);
}

// -- choosing -----------------------------------------------------------------------------------------

function selectDistrict(d) {
  state.district = d;
  drawDistrict();
  byId("live").textContent = `District ${facts.districts[d].name}. ${byId("district-said").textContent}`;
}

async function assume(i) {
  state.assumption = i;
  if (!read.has(i)) read.set(i, await Runs.read(facts, i));
  if (state.assumption !== i) return; // another was chosen meanwhile
  runs = read.get(i);
  byId("assumption").value = i;
  drawPair();
  announce();
}

function drawLegend() {
  const { keys, what } = legend(facts, state.measure);
  byId("legend").replaceChildren(...keys.map(([mark_, words]) => html("span", {}, svg("svg", { class: "swatch", viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("rect", { class: `district ${mark_}`, width: 10, height: 10 })), ` ${words}`)));
  byId("legend-words").textContent = what;
  byId("table-words").textContent = `${MEASURES[state.measure].label}, on the day of the slider.`;
  for (const side of ["a", "b"]) byId(`map-${side}`).setAttribute("aria-label", `Map: ${MEASURES[state.measure].label}. The same stands in the table further down.`);
}

// -- playing ------------------------------------------------------------------------------------------

let playing = 0;
let begun = 0;

function play() {
  if (playing) {
    pause();
    return;
  }
  if (state.k >= steps) state.k = 0;
  byId("play").setAttribute("aria-pressed", "true");
  byId("play-sign").textContent = "❚❚";
  byId("play-word").textContent = "Pause";
  begun = performance.now() - (state.k / steps) * SECONDS * 1000;
  playing = slow.matches ? setInterval(jump, 1500) : requestAnimationFrame(frame);
}

function frame(now) {
  if (!playing) return;
  const position = Math.min(Math.max(((now - begun) / (SECONDS * 1000)) * steps, 0), steps);
  if (Math.floor(position) !== state.k) {
    state.k = Math.floor(position);
    drawStep();
  }
  mark(position);
  if (position >= steps) pause();
  else playing = requestAnimationFrame(frame);
}

/** For those who want no motion: from half-year to half-year. */
function jump() {
  state.k = Math.min(steps, state.k + 26 / facts.step);
  drawStep();
  mark(state.k);
  if (state.k >= steps) pause();
}

function pause() {
  cancelAnimationFrame(playing);
  clearInterval(playing);
  playing = 0;
  byId("play").setAttribute("aria-pressed", "false");
  byId("play-sign").textContent = "▶";
  byId("play-word").textContent = "Play";
  mark(state.k);
  announce();
}

// -- taking along -------------------------------------------------------------------------------------

function fileName(end) {
  return `${facts.case}-${nameOf(state.a)}-${nameOf(state.b)}${end}`.replace(/[^\w.+-]+/g, "-");
}

function source() {
  const under = facts.assumptions[state.assumption];
  return `${facts.title}. A: ${nameOf(state.a)}, B: ${nameOf(state.b)}. Assumptions: ${under.label}. ${facts.runs} simulated worlds, seed ${facts.seed}, ${facts.software}; no forecast.`;
}

function districtsTable() {
  const { a, b, k } = state;
  const head = ["district", "people", "day", "killed_a_mean", "killed_b_mean", "a_minus_b_mean", "worlds_more_under_a", "worlds_fewer_under_a", "worlds", "a_told_from_bases_stay", "b_told_from_bases_stay", "vacuum_worlds_a", "vacuum_worlds_b", "protection_un_a", "protection_state_a", "protection_un_b", "protection_state_b"];
  const rows = facts.districts.map(({ name, people }, d) => {
    const gap = runs.gap(a, b, k, d);
    const mean = (s) => average(Array.from({ length: runs.R }, (_, r) => runs.upTo(s, r, k, d))).toFixed(1);
    const told = (s) => (s === facts.none ? "" : excess(facts, runs, s, d, 0, k).mark === "unsure" ? "no" : "yes");
    return [name, people, dayAfter(facts.start, Math.max(weekOf(k) * 7 - 1, 0)).toISOString().slice(0, 10), mean(a), mean(b), average(gap).toFixed(1), gap.filter((x) => x > 0).length, gap.filter((x) => x < 0).length, runs.R, told(a), told(b), runs.inVacuum(a, d, k), runs.inVacuum(b, d, k), ...runs.protection(a, d, k), ...runs.protection(b, d, k)];
  });
  return csv([[source()], head, ...rows]);
}

function weeksTable() {
  const { a, b } = state;
  const worlds = Array.from({ length: runs.R }, (_, r) => r + 1);
  const head = ["day", ...worlds.flatMap((r) => [`killed_a_world_${r}`, `killed_b_world_${r}`])];
  const rows = Array.from({ length: steps + 1 }, (_, k) => [
    dayAfter(facts.start, Math.max(weekOf(k) * 7 - 1, 0)).toISOString().slice(0, 10),
    ...worlds.flatMap((r) => [runs.upTo(a, r - 1, k), runs.upTo(b, r - 1, k)]),
  ]);
  return csv([[`${source()} Civilians killed since the start.`], head, ...rows]);
}

async function savePicture() {
  const width = 1100;
  const [w, h] = facts.size;
  const mapWidth = 370;
  const mapHeight = Math.min((mapWidth * h) / w, 520);
  const top = 96;
  const style = getComputedStyle(byId("name-a"));
  const parts = [
    { words: `${facts.title}: by ${dayAt(state.k)}`, x: 24, y: 34, size: 20, bold: true },
    { words: MEASURES[state.measure].label, x: 24, y: 60, size: 13 },
    { words: `A  ${titleOf(state.a)}`, x: 24, y: top - 10, size: 13, bold: true, fill: style.color },
    { words: `B  ${titleOf(state.b)}`, x: 24 + mapWidth + 12, y: top - 10, size: 13, bold: true, fill: getComputedStyle(byId("name-b")).color },
    { node: byId("map-a"), x: 24, y: top, width: mapWidth, height: mapHeight },
    { node: byId("map-b"), x: 24 + mapWidth + 12, y: top, width: mapWidth, height: mapHeight },
    { node: byId("dots"), x: 796, y: top + 130, width: 290, height: 170 },
  ];
  lines(byId("dots-words").textContent, 50).forEach((words, i) => parts.push({ words, x: 796, y: top + 322 + i * 14, size: 11 }));
  lines(thenSaid().join(" "), 44).forEach((words, i) => parts.push({ words, x: 796, y: top + 6 + i * 16, size: 12.5 }));
  let x = 24;
  const under = top + mapHeight + 22;
  for (const key of byId("legend").children) {
    parts.push({ node: key.querySelector("svg"), x, y: under - 10, width: 11, height: 11 });
    parts.push({ words: key.textContent.trim(), x: x + 15, y: under, size: 11 });
    x += 30 + key.textContent.trim().length * 6;
  }
  lines(`${byId("legend-words").textContent} ${source()} ${facts.caption}`, 165).forEach((words, i) => parts.push({ words, x: 24, y: under + 22 + i * 15, size: 11 }));
  await picture(fileName(`-${dayAt(state.k).replaceAll(" ", "-")}.png`), width, Math.max(under + 76, top + 400), parts);
}

// -- the beginning ------------------------------------------------------------------------------------

function options(id, names, chosen, then) {
  const select = byId(id);
  select.replaceChildren(...names.map((name, i) => html("option", { value: i }, name)));
  select.value = chosen;
  select.addEventListener("change", () => then(Number(select.value)));
}

function choices() {
  const names = facts.schedules.map((one, s) => (s === facts.none ? "none: every base stays" : `${one.name}: ${one.title}`));
  options("a", names, state.a, (s) => { state.a = s; drawPair(); announce(); });
  options("b", names, state.b, (s) => { state.b = s; drawPair(); announce(); });
  options("assumption", facts.assumptions.map((one) => one.label), 0, assume);
  const measures = Object.keys(MEASURES);
  options("measure", measures.map((key) => MEASURES[key].label), 0, (i) => { state.measure = measures[i]; drawLegend(); drawStep(); });
  options("district", facts.districts.map((one) => one.name), state.district, selectDistrict);
  byId("assumptions").append(
    ...facts.assumptions.map((one, i) => {
      const input = html("input", { type: "radio", name: "assume", id: `assume-${i}`, value: i });
      input.addEventListener("change", () => assume(i));
      return html("label", {}, input, html("span", {}, html("b", {}, one.label), ` ${one.meaning}. `, html("span", { class: "answer" })));
    }),
  );
  const slider = byId("week");
  slider.max = steps;
  slider.addEventListener("input", () => {
    if (playing) pause();
    state.k = Number(slider.value);
    drawStep();
    announce();
  });
  byId("play").addEventListener("click", play);
  byId("table-details").addEventListener("toggle", drawTable);
  byId("csv-table").addEventListener("click", () => save(fileName("-districts.csv"), new Blob([districtsTable()], { type: "text/csv" })));
  byId("csv-weeks").addEventListener("click", () => save(fileName("-weeks.csv"), new Blob([weeksTable()], { type: "text/csv" })));
  byId("png").addEventListener("click", savePicture);
  byId("print").addEventListener("click", () => print());
}

function texts() {
  byId("caption").textContent = facts.caption;
  byId("sure").textContent = `Runs pin down what the rules and tables imply; whether these are right is another question. ${facts.confidence.join(" ")}`;
  byId("about").textContent = facts.about;
  byId("made").textContent = `${facts.software}, seed ${facts.seed}, ${facts.runs} matched worlds of ${facts.weeks} weeks under ${facts.schedules.length} schedules and ${facts.assumptions.length} sets of assumptions; scenario ${facts.case} (${facts.digest}). The slider moves by ${facts.step === 1 ? "weeks" : `${facts.step} weeks`}. Killed: civilians, by armed groups, state forces and communal militias. ${facts.live ? "The server that this page came from makes the runs; nothing else is asked." : "This file holds everything it shows and asks for nothing outside itself."}`;
  const count = Math.min(50, facts.runs);
  byId("dots-words").textContent =
    `A dot stands for ${(100 / count).toLocaleString("en", { maximumFractionDigits: 1 })} in 100 matched worlds: civilians killed under A minus those under B in the same world, since the start.`;
  const days = (weeks) => weeks.map((week) => written(dayAfter(facts.start, Math.round(week * 7)))).join(", ");
  byId("calendar").textContent = `${facts.elections.length ? `Votes: ${days(facts.elections)}. ` : ""}Wet seasons: ${facts.wet.map(([from, to]) => `${written(dayAfter(facts.start, Math.round(from * 7)))} to ${written(dayAfter(facts.start, Math.round(to * 7) - 1))}`).join("; ") || "none"}.`;
  const reopen = facts.schedules.filter((one) => one.reopens).map((one) => one.name);
  if (reopen.length) byId("calendar").textContent += ` Bases may reopen under ${reopen.join(", ")}; the marks show first closures.`;
  for (const key of document.querySelectorAll("[data-of=votes]")) key.hidden = !facts.elections.length;
  byId("two").classList.toggle("tall", facts.size[1] > facts.size[0] * 1.15);
}

/** Draw for the width of a sheet, so that letters in drawings stay as large as they are meant. */
function forPaper(on) {
  document.documentElement.classList.toggle("paper", on);
  drawPair();
}

async function begin() {
  choices();
  texts();
  drawLegend();
  const most = facts.districts.map((_, d) => d).sort((x, y) => facts.districts[y].people - facts.districts[x].people);
  runs = await Runs.read(facts, 0);
  read.set(0, runs);
  const apart = (d) => Math.abs(average(runs.gap(state.a, state.b, steps, d)));
  state.district = most.reduce((best, d) => (apart(d) > apart(best) ? d : best), most[0]);
  drawPair();
  document.documentElement.dataset.ready = "yes";
  if (!facts.live) {
    readStories(facts).then((found) => {
      stories = found;
      drawStory("a", state.a, state.district);
      drawStory("b", state.b, state.district);
      document.documentElement.dataset.stories = "yes";
    });
  }
  addEventListener("beforeprint", () => forPaper(true));
  addEventListener("afterprint", () => forPaper(false));
  let width = document.documentElement.clientWidth;
  addEventListener("resize", () => {
    if (document.documentElement.clientWidth === width) return;
    width = document.documentElement.clientWidth;
    drawPair();
  });
}

/** Show other runs of the same case in place of those that are shown: of perhaps other schedules and more worlds. */
export async function renew(fresh, packed) {
  const found = await Runs.read({ ...facts, ...fresh }, 0, packed);
  Object.assign(facts, fresh);
  how.t = facts.t;
  [state.a, state.b] = facts.pair;
  read.set(0, found);
  runs = found;
  texts();
  drawLegend();
  drawPair();
}

export const ready = begin();
ready.catch((error) => {
  byId("trouble").hidden = false;
  byId("trouble").textContent =
    typeof DecompressionStream === "undefined"
      ? "This browser is too old for the maps (it cannot unpack the runs); one of 2023 or later can. What is said above holds."
      : `The page could not be drawn (${error.message}). The file may be damaged: make it again with drawdown explore.`;
  throw error;
});
