// The sentences that follow the slider: the same as sim/explore/words.py, from the same numbers.
import { average, difference, number, percent, signed } from "./numbers.js";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A day so many days after an ISO date, as a Date in UTC. */
export function dayAfter(start, days) {
  return new Date(Date.parse(`${start}T00:00:00Z`) + days * 86400000);
}

export function written(day) {
  return `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]} ${day.getUTCFullYear()}`;
}

/** The last day of the first `week` weeks of a run; its first day for 0. */
export function dayOf(start, week) {
  return written(dayAfter(start, Math.max(7 * week - 1, 0)));
}

export function worlds(gap, a, b, day, place = "") {
  const n = gap.length;
  const more = gap.filter((x) => x > 0).length;
  const fewer = gap.filter((x) => x < 0).length;
  const where = place ? ` in ${place}` : "";
  const start = `By ${day}, in the model,`;
  if (more === 0 && fewer === 0) {
    return `${start} '${a}' and '${b}' would have exactly as many civilians killed${where} in each of ${n} worlds.`;
  }
  const [word, count, other, rest] = more >= fewer ? ["more", more, "fewer", fewer] : ["fewer", fewer, "more", more];
  const same = n - more - fewer;
  const tail = `, ${other} in ${rest}${same ? ` and as many in ${same}` : ""}`;
  return `${start} ${word} civilians would be killed${where} under '${a}' than under '${b}' in ${count} of ${n} worlds${tail}.`;
}

/** `how`: Student's quantile `t` for so many runs, and the `fewest` that an interval needs. */
export function spread(gap, how) {
  if (!gap.some((x) => x !== 0)) return "";
  const d = difference(gap, how.t, how.fewest);
  if (d.runs < how.fewest) {
    return `Too few worlds to say what to expect: ${d.runs}, and the method needs ${how.fewest}.`;
  }
  const mean = `Nine worlds in ten lie between ${signed(d.low)} and ${signed(d.high)}; the mean is ${signed(d.mean)} (95 % interval ${signed(d.meanLow)} to ${signed(d.meanHigh)})`;
  return d.clear ? `${mean}.` : `${mean}: the runs cannot tell it from no difference.`;
}

export function byThen(gap, a, b, day, how, place = "") {
  return [worlds(gap, a, b, day, place), spread(gap, how)].filter((text) => text);
}

export function vacuum(place, a, b, inA, inB, of) {
  const start = `That week ${place} would be in a security vacuum in ${inA} of ${of} worlds under`;
  return inA === inB ? `${start} either schedule.` : `${start} '${a}' and in ${inB} under '${b}'.`;
}

export function protectedBy(place, a, b, sharesA, sharesB) {
  const one = (name, [un, state]) =>
    `${percent(un + state)} of cases under '${name}' (the UN ${percent(un)}, state forces ${percent(state)})`;
  return `If civilians in ${place} were attacked that week, somebody would come in ${one(a, sharesA)} and ${one(b, sharesB)}.`;
}

export function short(gap, how) {
  const d = difference(gap, how.t, how.fewest);
  if (!gap.some((x) => x !== 0)) return `the same in each of ${d.runs} worlds`;
  const [count, word] = d.higher >= d.lower ? [d.higher, "more"] : [d.lower, "fewer"];
  const mean = `${word} in ${count} of ${d.runs} worlds; mean ${signed(d.mean)}`;
  return d.runs < how.fewest ? mean : `${mean} (${signed(d.meanLow)} to ${signed(d.meanHigh)})`;
}

export function judged(a, b, gap, told, pairs, how) {
  if (gap.length < how.fewest || !gap.some((x) => x !== 0)) return "";
  const among = pairs > 1 ? `among all ${pairs} pairs of schedules judged together` : "by itself";
  if (told === 2) {
    const word = average(gap) > 0 ? "more" : "fewer";
    return `'${a}' has ${word} killed than '${b}' on average, beyond chance ${among}.`;
  }
  if (told === 1) return `The runs tell '${a}' from '${b}' only if looked at alone, not ${among}.`;
  return `The runs cannot tell '${a}' from '${b}' ${among}.`;
}

export function robust(a, b, found) {
  const more = found.filter(([told, mean]) => told === 2 && mean > 0).length;
  const fewer = found.filter(([told, mean]) => told === 2 && mean < 0).length;
  const n = found.length;
  if (n < 2) return "";
  if (more + fewer === 0) {
    return `Under none of the ${n} sets of assumptions tried here can the runs tell '${a}' from '${b}'.`;
  }
  if (n === more || n === fewer) {
    return `Under all ${n} sets of assumptions tried here '${a}' has clearly ${more ? "more" : "fewer"} killed than '${b}'.`;
  }
  const parts = more ? [`more killed than '${b}' under ${more}`] : [];
  if (fewer) parts.push(`fewer${more ? "" : ` killed than '${b}'`} under ${fewer}`);
  const rest = n - more - fewer;
  const tail = rest ? `; under ${rest} the runs cannot tell` : "";
  return `Of ${n} sets of assumptions tried here, '${a}' has clearly ${parts.join(" and ")}${tail}.`;
}

/** What is said of the end of the run: what can be told first, if nothing can. */
export function verdict(a, b, gap, told, pairs, day, how) {
  const sure = judged(a, b, gap, told, pairs, how);
  const seen = byThen(gap, a, b, day, how);
  return (told === 2 ? [...seen, sure] : [sure, ...seen]).filter((text) => text);
}
