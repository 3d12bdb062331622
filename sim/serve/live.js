// The server's page: a plan that is changed, and the answer that sharpens as runs come in.
import { number, percent } from "../explore/numbers.js";
import { dayAfter, short, written } from "../explore/words.js";
import { byId, html, lettered, svg, years } from "../explore/marks.js";
import { surroundings, votes } from "../explore/timeline.js";
import { facts, gapAtEnd, how, ready, renew, state } from "../explore/main.js";

const LINE = 26; // a row of the editor
const QUARTER = 13;
const SHOWN = 40; // bases up to which all have a row
const VISIT = "drawdown-visit";
const ENDS = ""; // the row of the mission's end
let visit = null; // {id, and the plan as the server has it}
let wish = null;
let heard = 0; // the version that the answer shown is of
let wanted = 0; // counts changes, so that an earlier reply does not undo a later one
const seen = new Set(); // bases that have a row

// -- days and weeks -----------------------------------------------------------------------------------

const iso = (week) => dayAfter(facts.start, week * 7).toISOString().slice(0, 10);
const weekOn = (day) => (Date.parse(`${day}T00:00:00Z`) - Date.parse(`${facts.start}T00:00:00Z`)) / 604800000;
const dayOn = (day) => written(new Date(`${day}T00:00:00Z`));

/** The first weeks of a base's stay and the last, if nothing closed it. */
function stay(base) {
  const spans = facts.schedules[facts.none].spans[base];
  return spans.length ? [spans[0][0], spans[spans.length - 1][1]] : [0, facts.weeks];
}

function earliest(name) {
  if (name === ENDS) return 0;
  const [opens] = stay(numberOf(name));
  return opens > 0 ? Math.ceil(opens) + 1 : 0;
}

function latest(name) {
  return name !== ENDS && wish.end ? Math.min(weekOn(wish.end), facts.weeks) : facts.weeks;
}

const numberOf = (name) => facts.bases.findIndex((base) => base.name === name);
const dayFor = (name) => (name === ENDS ? wish.end : wish.closings[name]) || null;

/** Where the end of a bar is: the week of the closure, or where it ends without one. */
function endOf(name) {
  const day = dayFor(name);
  return day ? weekOn(day) : latest(name);
}

function says(name) {
  const day = dayFor(name);
  if (day) return name === ENDS ? `the mission ends on ${dayOn(day)}` : `closes on ${dayOn(day)}`;
  if (name === ENDS) return "the mission does not end";
  return wish.end ? `closes with the mission on ${dayOn(wish.end)}` : "stays";
}

/** Let a base close in a week, or not at all from the last week on. */
function put(name, week) {
  const whole = Math.max(Math.round(week), earliest(name));
  const day = whole >= latest(name) ? null : iso(whole);
  if (name === ENDS) {
    wish.end = day;
    if (day) for (const [base, own] of Object.entries(wish.closings)) if (own && weekOn(own) > whole) delete wish.closings[base];
  } else if (day) wish.closings[name] = day;
  else delete wish.closings[name];
}

// -- the editor ---------------------------------------------------------------------------------------

class Editor {
  constructor(node) {
    this.node = node;
    this.rows = new Map();
  }

  /** Bases with a row, in the order in which they close when the plan is begun. */
  order() {
    if (facts.bases.length <= SHOWN) facts.bases.forEach(({ name }) => seen.add(name));
    for (const name of Object.keys(wish.closings)) seen.add(name);
    const names = facts.bases.map(({ name }) => name).filter((name) => seen.has(name));
    return [...names.sort((a, b) => endOf(a) - endOf(b)), ENDS];
  }

  draw() {
    const held = document.activeElement?.dataset?.base;
    this.width = Math.max(this.node.clientWidth, 240);
    this.narrow = this.width < 560;
    const line = this.narrow ? LINE + 20 : LINE;
    const left = this.narrow ? 12 : 150;
    const right = this.width - 24;
    const top = 24;
    const names = this.order();
    const floor = top + names.length * line;
    this.x = (week) => left + (week / facts.weeks) * (right - left);
    this.week = (x) => ((x - left) / (right - left)) * facts.weeks;
    this.node.setAttribute("viewBox", `0 0 ${this.width} ${floor + 6}`);
    this.node.setAttribute("height", floor + 6);
    const every = Math.ceil(years(facts).length / ((right - left) / 46));
    this.rows.clear();
    this.node.replaceChildren(
      ...surroundings(facts, this.x, top - 4, floor),
      ...votes(facts, this.x, top - 4),
      ...years(facts).filter((_, i) => i % every === 0).map(([week, name]) => lettered(name, { class: "tick", x: this.x(week), y: 11, "text-anchor": "middle" })),
      ...names.map((name, n) => this.row(name, top + n * line, left)),
    );
    byId("add").hidden = facts.bases.length <= SHOWN;
    if (held !== undefined) this.rows.get(held)?.handle.focus();
  }

  row(name, y, left) {
    const middle = y + (this.narrow ? 32 : LINE / 2);
    const title = name === ENDS ? "End of the mission" : name;
    const from = name === ENDS ? 0 : stay(numberOf(name))[0];
    const bar = svg("rect", { class: "bar", x: this.x(from), y: middle - 4, height: 8 });
    const grip = svg("circle", { class: "grip", r: 7, cy: middle });
    const area = svg("rect", { class: "area", y: middle - 20, width: 44, height: this.narrow ? 44 : LINE });
    if (!this.narrow) area.setAttribute("y", y);
    const handle = svg("g", { class: "handle", role: "slider", tabindex: 0, "data-base": name, "aria-label": title, "aria-valuemin": 0, "aria-valuemax": facts.weeks }, area, grip);
    const words = lettered("", { class: "says" });
    const label = lettered(title, { class: "name", x: this.narrow ? left : left - 10, y: this.narrow ? y + 13 : middle + 4, "text-anchor": this.narrow ? "start" : "end" });
    const whisker = svg("path", { class: "whisker" });
    const group = svg("g", { class: `row${name === ENDS ? " ends" : ""}` }, label, bar, whisker, words, handle);
    const row = { name, group, bar, grip, area, handle, words, whisker, middle, from, y };
    this.rows.set(name, row);
    this.follow(row);
    handle.addEventListener("keydown", (event) => this.key(event, name));
    handle.addEventListener("pointerdown", (event) => this.drag(event, name));
    return group;
  }

  /** Put a row where the plan has it. */
  follow(row) {
    const end = endOf(row.name);
    const x = this.x(end);
    row.bar.setAttribute("width", Math.max(x - this.x(row.from), 0.5));
    row.grip.setAttribute("cx", x);
    row.area.setAttribute("x", x - 22);
    row.group.classList.toggle("going", !dayFor(row.name));
    row.handle.setAttribute("aria-valuenow", Math.round(end));
    row.handle.setAttribute("aria-valuetext", says(row.name));
    const day = dayFor(row.name);
    row.words.textContent = day ? dayOn(day) : row.name === ENDS ? "does not end" : wish.end ? "with the mission" : "stays";
    const room = this.width - x > 110;
    row.words.setAttribute("x", this.narrow ? this.width - 24 : x + (room ? 14 : -14));
    row.words.setAttribute("y", this.narrow ? row.y + 13 : row.middle + 4);
    row.words.setAttribute("text-anchor", this.narrow || !room ? "end" : "start");
    this.spread(row);
  }

  /** Over how many weeks the base closes in the worlds of the answer, where they differ. */
  spread(row) {
    const own = facts.schedules[state.a].closures.filter((c) => c.base === numberOf(row.name) && c.weeks.length > 1);
    const weeks = own.length && heard === visit?.version ? own[own.length - 1].weeks : [];
    const y = row.middle + 9;
    row.whisker.setAttribute("d", weeks.length ? `M${this.x(weeks[0][0])} ${y}H${this.x(weeks[weeks.length - 1][0])}` : "");
  }

  followAll() {
    for (const row of this.rows.values()) this.follow(row);
  }

  key(event, name) {
    const now = endOf(name);
    const steps = {
      ArrowLeft: Math.ceil(now) - 1, ArrowDown: Math.ceil(now) - 1, ArrowRight: Math.floor(now) + 1, ArrowUp: Math.floor(now) + 1,
      PageDown: Math.round(now) - QUARTER, PageUp: Math.round(now) + QUARTER, Home: earliest(name), End: facts.weeks, Delete: facts.weeks,
    };
    if (!(event.key in steps)) return;
    event.preventDefault();
    put(name, steps[event.key]);
    this.followAll();
    changed(400);
  }

  drag(event, name) {
    if (event.button) return;
    event.preventDefault();
    const { handle } = this.rows.get(name);
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const box = this.node.getBoundingClientRect();
    const off = event.clientX - box.left - this.x(endOf(name));
    let moved = false;
    const move = (now) => {
      moved = true;
      put(name, this.week(now.clientX - box.left - off));
      this.followAll();
    };
    const end = () => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
      if (moved) changed(0);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  }
}

const editor = new Editor(byId("editor"));

// -- the server ---------------------------------------------------------------------------------------

async function ask(method, path, what) {
  const given = { method };
  if (method !== "GET") {
    given.headers = { "Content-Type": "application/json" };
    given.body = JSON.stringify(what ?? {});
  }
  let reply;
  try {
    reply = await fetch(path, given);
  } catch {
    throw new Error("The server does not answer.");
  }
  const found = await reply.json();
  if (!reply.ok) throw new Error(found.error);
  return found;
}

function trouble(words) {
  byId("plan-trouble").hidden = !words;
  byId("plan-trouble").textContent = words;
}

let waiting = 0;
/** Send the plan once it has stood still for so many milliseconds. */
function changed(wait) {
  wanted += 1;
  follow();
  stale();
  clearTimeout(waiting);
  waiting = setTimeout(send, wait);
}

async function send() {
  const mine = wanted;
  try {
    const found = await ask("PUT", `/visit/${visit.id}/plan`, wish);
    if (mine === wanted) take(found);
  } catch (error) {
    if (mine === wanted) trouble(error.message);
  }
}

async function put_(path, what) {
  wanted += 1;
  const mine = wanted;
  clearTimeout(waiting);
  try {
    const found = await ask("PUT", `/visit/${visit.id}/${path}`, what);
    if (mine !== wanted) return;
    if (path !== "plan") seen.clear();
    take(found);
    editor.draw();
  } catch (error) {
    trouble(error.message);
    byId("start").value = visit.start;
  }
}

/** Take the plan as the server has it. */
function take(found) {
  trouble("");
  visit = { ...visit, ...found };
  const { name, closings, end, notice, mobile, wait, readiness, against } = found;
  wish = { name, closings: { ...closings }, end, notice, mobile, wait, readiness, against };
  byId("notes").replaceChildren(...found.notes.map((text) => html("li", {}, text)));
  byId("commands").textContent = found.commands.join("\n");
  byId("save-schedule").href = `/visit/${visit.id}/schedule`;
  follow();
  stale();
}

function stale() {
  const old = !visit || heard !== visit.version;
  for (const id of ["verdict", "short"]) byId(id).classList.toggle("stale", old);
}

function listen() {
  const source = new EventSource(`/visit/${visit.id}/events`);
  source.addEventListener("state", (event) => show(JSON.parse(event.data)));
  source.addEventListener("answer", (event) => answer(JSON.parse(event.data)));
  source.addEventListener("saving", (event) => saving(JSON.parse(event.data)));
  source.addEventListener("elsewhere", () => {
    source.close();
    trouble("This plan is open in another tab now; load the page again to go on here.");
  });
  source.addEventListener("error", () => {
    byId("doing").textContent = "The server does not answer; trying again …";
    if (source.readyState === EventSource.CLOSED) setTimeout(again, 2000);
  });
}

/** The visit has ended (the server was begun anew, say): begin another with the same plan. */
async function again() {
  const { start } = visit;
  const mine = { ...wish };
  try {
    visit = await ask("POST", "/visit", {});
    sessionStorage.setItem(VISIT, visit.id);
    if ([...byId("start").options].some((one) => one.value === start)) await ask("PUT", `/visit/${visit.id}/start`, { name: start }).catch(() => {});
    take(await ask("PUT", `/visit/${visit.id}/plan`, mine));
    listen();
  } catch {
    setTimeout(again, 4000);
  }
}

let last = { doing: "" };
function show(told) {
  last = { ...last, ...told };
  const { doing, worlds, of, part, error } = last;
  const words = {
    running: heard === visit.version ? `${number(worlds)} of ${number(of)} worlds so far` : "the first worlds of this plan …",
    ready: `${number(of)} worlds: as many as are run here`,
    stopped: "stopped; what is shown stands",
    failed: `could not be run: ${error}`,
  };
  byId("doing").textContent = words[doing] || "";
  byId("part").value = doing === "ready" ? 1 : ((worlds || 0) + (part || 0) * 0.2) / (of || 1);
  byId("part").hidden = doing !== "running";
  byId("halt").textContent = doing === "stopped" ? "Go on" : "Stop";
  byId("halt").hidden = doing !== "running" && doing !== "stopped";
}

async function answer({ version, facts: fresh, packed }) {
  if (version < heard) return;
  await renew(fresh, packed);
  heard = version;
  const told = facts.assumptions[0].told[state.a][state.b];
  const b = facts.schedules[state.b].name;
  const gap = gapAtEnd(0);
  const apart = !gap.some((x) => x !== 0) ? "" : gap.length < facts.fewest || told === 2 ? "" : "cannot be told apart: ";
  byId("short").textContent = `Killed, against '${b}': ${apart}${short(gap, how)}${facts.note ? `. ${facts.note}` : ""}`;
  stale();
  show({});
  editor.followAll();
  document.documentElement.dataset.worlds = facts.runs;
  document.documentElement.dataset.version = version;
}

function saving({ doing, part, what, error }) {
  const names = { briefing: "The briefing", explorer: "The explorer file" };
  const words = {
    waiting: "waiting for another file to be finished …",
    briefing: `making the briefing: ${percent(part || 0)}`,
    explorer: `making the explorer file: ${percent(part || 0)}`,
    stopped: "stopped",
    failed: `not made: ${error}`,
    ready: `${names[what]} is ready: `,
  };
  byId("saving").textContent = words[doing] || "";
  if (doing === "ready") {
    const link = html("a", { href: `/visit/${visit.id}/saved/${what}`, download: "", id: "saved" }, "save it");
    byId("saving").append(link);
  }
}

// -- controls -----------------------------------------------------------------------------------------

/** Closures in the order of time, as [base, week]. */
function closures() {
  return Object.entries(wish.closings).map(([name, day]) => [name, weekOn(day)]).sort(([, a], [, b]) => a - b);
}

/** Let the controls say what the plan is. */
function follow() {
  const set = (id, value) => {
    if (document.activeElement !== byId(id) || byId(id).type !== "text") byId(id).value = value;
  };
  set("start", visit.start);
  set("against", wish.against);
  set("wait", wish.wait === null ? "" : String(wish.wait));
  set("name", wish.name);
  set("notice", wish.notice ?? 0);
  set("mobile", Math.round(wish.mobile * 100));
  set("readiness", Math.round(wish.readiness * 100));
  const own = closures();
  const gaps = own.slice(1).map(([, week], i) => week - own[i][1]);
  const mean = gaps.length ? gaps.reduce((a, b) => a + b, 0) / gaps.length : 0;
  const even = gaps.every((gap) => Math.abs(gap - mean) < 1e-9);
  byId("pace").disabled = gaps.length === 0;
  byId("pace").max = gaps.length ? Math.max(Math.floor((latest(own[0][0]) - 1 - own[0][1]) / gaps.length), 1) : 52;
  set("pace", Math.round(mean));
  const said = {
    pace: gaps.length ? `${even ? "" : "about "}${Math.round(mean)} week${Math.round(mean) === 1 ? "" : "s"}${even ? "" : " on average"}` : "fewer than two bases close one by one",
    notice: wish.notice === null ? "as in the schedule" : wish.notice ? `${wish.notice} weeks before` : "none",
    mobile: wish.mobile ? `${Math.round(wish.mobile * 100)} %, on the day of the first closure` : "none",
    readiness: readinessWords(wish.readiness),
  };
  for (const [id, words] of Object.entries(said)) {
    byId(`${id}-said`).textContent = words;
    byId(id).setAttribute("aria-valuetext", words);
  }
  byId("date-rows").replaceChildren(...(byId("dates").open ? editor.order().map(dateRow) : []));
}

function readinessWords(shift) {
  if (!shift) return "as the case has it";
  const share = `${Math.abs(Math.round(shift * 100))} %`;
  return shift > 0 ? `${share} of the way to fully able and willing` : `${share} less able and willing`;
}

function dateRow(name) {
  const input = html("input", { type: "date", value: dayFor(name) || "", min: iso(earliest(name)), max: iso(facts.weeks - 1), "aria-label": `${name || "End of the mission"}: closes on` });
  input.addEventListener("change", () => {
    if (!input.validity.valid) return;
    if (name === ENDS) wish.end = input.value || null;
    else if (input.value) wish.closings[name] = input.value;
    else delete wish.closings[name];
    editor.followAll();
    changed(0);
  });
  return html("tr", {}, html("th", { scope: "row" }, name || "End of the mission"), html("td", {}, input));
}

function lever(id, change, wait = 300) {
  byId(id).addEventListener("input", () => {
    change(byId(id).value);
    editor.followAll();
    changed(wait);
  });
}

function spreadOut(weeks) {
  const own = closures();
  own.forEach(([name], i) => put(name, own[0][1] + i * weeks));
}

function controls() {
  lever("pace", (value) => spreadOut(Number(value)));
  lever("notice", (value) => { wish.notice = Number(value); });
  lever("mobile", (value) => { wish.mobile = Number(value) / 100; });
  lever("readiness", (value) => { wish.readiness = Number(value) / 100; });
  lever("wait", (value) => { wish.wait = value === "" ? null : Number(value); }, 0);
  lever("against", (value) => { wish.against = value; }, 0);
  byId("name").addEventListener("change", () => {
    if (!byId("name").validity.valid || !byId("name").value) return;
    wish.name = byId("name").value;
    changed(0);
  });
  byId("start").addEventListener("change", () => {
    if (byId("start").value.startsWith("(")) byId("open").click();
    else put_("start", { name: byId("start").value });
  });
  byId("add-base").addEventListener("change", () => {
    const name = byId("add-base").value;
    if (!name) return;
    seen.add(name);
    if (!wish.closings[name]) put(name, Math.min(Math.max(...closures().map(([, week]) => week), facts.weeks / 4), latest(name) - 1));
    editor.draw();
    editor.rows.get(name).handle.focus();
    changed(0);
    byId("add-base").value = "";
  });
  byId("reset").addEventListener("click", () => put_("start", { name: visit.start }));
  byId("halt").addEventListener("click", () => ask("POST", `/visit/${visit.id}/${last.doing === "stopped" ? "go" : "stop"}`).catch((error) => trouble(error.message)));
  byId("open").addEventListener("change", async () => {
    const [file] = byId("open").files;
    if (file) await put_("open", { text: await file.text(), name: file.name });
    byId("open").value = "";
  });
  for (const what of ["briefing", "explorer"]) {
    byId(`save-${what}`).addEventListener("click", () => ask("POST", `/visit/${visit.id}/save`, { what, language: byId("language").value }).catch((error) => trouble(error.message)));
  }
  byId("dates").addEventListener("toggle", follow);
  let width = document.documentElement.clientWidth;
  addEventListener("resize", () => {
    if (document.documentElement.clientWidth === width) return;
    width = document.documentElement.clientWidth;
    editor.draw();
  });
}

document.documentElement.classList.add("live");
ready.then(async () => {
  const found = await ask("POST", "/visit", { id: sessionStorage.getItem(VISIT) });
  visit = { id: found.id };
  sessionStorage.setItem(VISIT, found.id);
  take(found);
  editor.draw();
  controls();
  listen();
  document.documentElement.dataset.live = "yes";
}).catch((error) => trouble(error.message));
