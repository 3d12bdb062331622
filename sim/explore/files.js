// What can be taken away: tables as CSV, and the picture as PNG.
import { svg } from "./marks.js";

function cell(value) {
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text; // no formulas
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(rows) {
  return `\uFEFF${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

export function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const KEPT = ["font-size", "fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-family", "font-weight", "text-anchor", "paint-order", "display", "vector-effect", "stroke-linejoin"];

/** A copy of a drawing that looks the same without the page's style. */
function bare(node) {
  const copy = node.cloneNode(true);
  const [from, to] = [[node, ...node.querySelectorAll("*")], [copy, ...copy.querySelectorAll("*")]];
  from.forEach((one, i) => {
    const style = getComputedStyle(one);
    for (const name of KEPT) to[i].setAttribute(name, style.getPropertyValue(name));
  });
  return copy;
}

/** Put drawings and lines of text on one picture and save it. `parts`: {node, x, y, width, height} or {words, x, y, size}. */
export async function picture(name, width, height, parts) {
  const style = getComputedStyle(document.body);
  const sheet = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  sheet.append(svg("rect", { width, height, fill: style.backgroundColor }));
  for (const part of parts) {
    if (part.node) {
      const copy = bare(part.node);
      copy.setAttribute("overflow", "visible");
      for (const key of ["x", "y", "width", "height"]) copy.setAttribute(key, part[key]);
      sheet.append(copy);
    } else {
      const text = svg("text", { x: part.x, y: part.y, "font-size": part.size, fill: part.fill || style.color, "font-family": style.fontFamily, "font-weight": part.bold ? 700 : 400 });
      text.textContent = part.words;
      sheet.append(text);
    }
  }
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(sheet))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * 2, height * 2];
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  context.drawImage(image, 0, 0);
  const blob = await new Promise((done) => {
    canvas.toBlob(done, "image/png");
  });
  save(name, blob);
}

/** Break a text into lines of at most `most` characters. */
export function lines(words, most) {
  const found = [""];
  for (const word of words.split(" ")) {
    if (`${found[found.length - 1]} ${word}`.length > most) found.push("");
    found[found.length - 1] = `${found[found.length - 1]} ${word}`.trim();
  }
  return found;
}
