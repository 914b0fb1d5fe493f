"use strict";
// Small helpers. Text from logs only ever becomes text nodes or attribute values, never markup.
const DATA = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  return fill(node, attributes, children);
}

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  for (const child of children) node.append(child);
  return node;
}

const DIGIT = new Map([...DATA.digits].map((c, i) => [c, i]));
const BASE = DATA.digits.length, MISSING = BASE * BASE - 1;

function decode(text, metric) {  // the inverse of analysis/web/compact_numbers.py; NaN: no value
  const values = [];
  for (let i = 0; i < text.length; i += 2) {
    const code = DIGIT.get(text[i]) * BASE + DIGIT.get(text[i + 1]);
    values.push(code === MISSING ? NaN : (code + metric.offset) / metric.factor);
  }
  return values;
}

function steps(t) {
  if (t >= 1e6) return `${+(t / 1e6).toPrecision(4)}M`;
  return t >= 1e3 ? `${+(t / 1e3).toPrecision(4)}k` : String(t);
}

function show(x, digits = 1) {
  if (x === null || x === undefined || x === "") return "-";
  if (typeof x !== "number") return String(x);
  return Number.isInteger(x) ? String(x) : x.toFixed(digits);
}

function duration(s) {
  if (typeof s !== "number") return "-";
  if (s < 90) return `${s.toFixed(0)} s`;
  return s < 5400 ? `${(s / 60).toFixed(0)} min` : `${(s / 3600).toFixed(1)} h`;
}

function csvCell(x) {
  let text = x === null || x === undefined ? "" : String(x);
  // a leading = + - @ would be run as a formula by spreadsheets; numbers stay numbers
  if (typeof x === "string" && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
  return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

function download(name, rows) {
  const text = rows.map((r) => r.map(csvCell).join(",")).join("\n") + "\n";
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const a = el("a", { href: url, download: name });
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
