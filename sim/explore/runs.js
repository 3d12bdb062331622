// The runs: unpacked once, then asked for sums by schedule, district and step of weeks.

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;,=>?@^_`{|}~";

/** The bytes of a text in base85: five characters are four bytes; a shorter end counts as if filled up with "~". */
function fromText(text) {
  const value = new Uint8Array(128);
  for (let i = 0; i < DIGITS.length; i += 1) value[DIGITS.charCodeAt(i)] = i;
  const missing = (5 - (text.length % 5)) % 5;
  const full = text + "~".repeat(missing);
  const view = new DataView(new ArrayBuffer((full.length / 5) * 4));
  for (let i = 0, at = 0; i < full.length; i += 5, at += 4) {
    let number = 0;
    for (let j = i; j < i + 5; j += 1) number = number * 85 + value[full.charCodeAt(j)];
    view.setUint32(at, number);
  }
  return new Uint8Array(view.buffer, 0, view.byteLength - missing);
}

/** The bytes that were gzipped and written as text. */
async function unzipped(text) {
  const stream = new Blob([fromText(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function there(i) {
  return document.getElementById(`runs-${i}`).textContent;
}

export async function readStories(facts) {
  return JSON.parse(new TextDecoder().decode(await unzipped(there(facts.layout.length))));
}

/** The runs under one assumption. Shapes: S schedules, R runs, D districts, K steps. */
export class Runs {
  static async read(facts, assumption, packed = there(assumption)) {
    return new Runs(facts, await unzipped(packed), facts.layout[assumption]);
  }

  constructor(facts, bytes, layout) {
    this.S = facts.schedules.length;
    this.R = facts.runs;
    this.D = facts.districts.length;
    this.K = Math.ceil(facts.weeks / facts.step);
    const arrays = {};
    for (const { name, at, count, planes } of layout) {
      const values = new Int32Array(count);
      for (let plane = 0; plane < planes; plane += 1) {
        const from = at + plane * count;
        for (let i = 0; i < count; i += 1) values[i] |= bytes[from + i] << (8 * plane);
      }
      arrays[name] = values;
    }
    // Killed up to each step, (R, D, S, K + 1), and over all districts, (S, R, K + 1).
    const length = this.K + 1;
    this.killed = new Int32Array(this.R * this.D * this.S * length);
    this.all = new Int32Array(this.S * this.R * length);
    for (let row = 0; row < this.R * this.D * this.S; row += 1) {
      const s = row % this.S;
      const r = Math.floor(row / (this.S * this.D));
      const sum = (s * this.R + r) * length;
      let total = 0;
      for (let k = 0; k < this.K; k += 1) {
        total += arrays.killed[row * this.K + k];
        this.killed[row * length + k + 1] = total;
        this.all[sum + k + 1] += total;
      }
    }
    this.vacuum = arrays.vacuum;
    this.un = arrays.un;
    this.state = arrays.state;
    this.shares = facts.shares;
  }

  /** Killed under schedule a less those under b, by run, up to step k: everywhere, or in district d. */
  gap(a, b, k, d = -1) {
    const found = new Array(this.R);
    for (let r = 0; r < this.R; r += 1) found[r] = this.upTo(a, r, k, d) - this.upTo(b, r, k, d);
    return found;
  }

  upTo(s, r, k, d = -1) {
    const length = this.K + 1;
    if (d < 0) return this.all[(s * this.R + r) * length + k];
    return this.killed[((r * this.D + d) * this.S + s) * length + k];
  }

  /** Mean and standard error of killed under a less b in a district, from step `from` to step k. */
  mean(a, b, d, from, k) {
    let sum = 0;
    let squares = 0;
    const length = this.K + 1;
    for (let r = 0; r < this.R; r += 1) {
      const rowA = ((r * this.D + d) * this.S + a) * length;
      const rowB = ((r * this.D + d) * this.S + b) * length;
      const gap = this.killed[rowA + k] - this.killed[rowA + from] - this.killed[rowB + k] + this.killed[rowB + from];
      sum += gap;
      squares += gap * gap;
    }
    const mean = sum / this.R;
    const variance = this.R > 1 ? Math.max(squares - sum * mean, 0) / (this.R - 1) : 0;
    return [mean, Math.sqrt(variance / this.R)];
  }

  /** Of the week that ends step k (from 1): runs with a vacuum; chance that the UN, that the state comes. */
  inVacuum(s, d, k) {
    return this.vacuum[(s * this.D + d) * this.K + Math.max(k - 1, 0)];
  }

  protection(s, d, k) {
    const at = (s * this.D + d) * this.K + Math.max(k - 1, 0);
    return [this.un[at] / this.shares, this.state[at] / this.shares];
  }
}
