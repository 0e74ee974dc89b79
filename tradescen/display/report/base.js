// Small things everything uses: elements, days, numbers as text, CSV.
// Text of users only ever becomes text nodes and attributes, never markup.

function fill(element, props, kids) {
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "css") for (const [k, v] of Object.entries(value)) element.style.setProperty(k, v);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...kids.flat(Infinity).filter((k) => k !== null && k !== undefined && k !== false));
  return element;
}

function h(tag, props, ...kids) {
  return fill(document.createElement(tag), props, kids);
}

function svg(tag, props, ...kids) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), props, kids);
}

function byId(id) {
  return document.getElementById(id);
}

// A word as it begins a label.
function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August",
  "September", "October", "November", "December"];

// Days are counted from 1970, so that no time zone can move them.
function dayOf(iso) {
  const [y, m, d] = iso.split("-").map(Number);
  return Date.UTC(y, m - 1, d) / 864e5;
}

function isoOf(day) {
  return new Date(day * 864e5).toISOString().slice(0, 10);
}

function inWords(day) {
  const [y, m, d] = isoOf(day).split("-").map(Number);
  return `${d} ${MONTHS[m - 1]} ${y}`;
}

function shortDay(day) {
  const [y, m, d] = isoOf(day).split("-").map(Number);
  return `${d} ${MONTHS[m - 1].slice(0, 3)} ${y}`;
}

function known(value) {
  return value !== null && value !== undefined && !Number.isNaN(value);
}

// A mean rate, to a tenth of a point.
function mean(value) {
  return known(value) ? `${(value * 100).toFixed(1)}%` : "unknown";
}

// A rate of a line, with the digits it has.
function exact(value) {
  return known(value) ? `${Number((value * 100).toFixed(4))}%` : "unknown";
}

function points(value) {
  if (!known(value)) return "unknown";
  return `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value * 100).toFixed(1)} pp`;
}

function money(value) {
  if (!known(value)) return "–";
  if (value >= 1e9) return `${(value / 1e9).toFixed(1)} bn`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} m`;
  return Math.round(value).toLocaleString("en");
}

function count(n) {
  return n.toLocaleString("en");
}

function dotted(code) {
  if (code === "*") return "all other goods";
  return [code.slice(0, 4), code.slice(4, 6), code.slice(6, 8), code.slice(8, 10)]
    .filter((p) => p).join(".");
}

// A name of a scenario; a short one is not broken at its hyphens.
function named(label) {
  return h("span", { class: label.length < 17 ? "tight" : "" }, label);
}

// Only addresses of the web become links; anything else stays text.
function cited(text, url) {
  if (!/^https?:\/\//i.test(url || "")) return text;
  return h("a", { href: url, rel: "noopener noreferrer" }, text || url);
}

// Text that a spreadsheet would take for a formula gets a quote before it.
function csvCell(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+@\t\r-]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

function download(name, head, rows) {
  const text = [head, ...rows].map((r) => r.map(csvCell).join(",")).join("\r\n");
  const blob = new Blob(["\ufeff", text, "\r\n"], { type: "text/csv;charset=utf-8" });
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
