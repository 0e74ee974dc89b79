// The data of the page: frames as rows, steps of each line, and what the reader has chosen.

const DATA = JSON.parse(byId("data").textContent);
const START = dayOf(DATA.start);
const END = dayOf(DATA.end); // the first day no longer shown
const RUNS = DATA.runs.map((r, n) => ({ ...r, n, horizon: r.horizon ? dayOf(r.horizon) : null }));
// What a line of a chart is called: a path, if any scenario has several.
const UNIT = new Set(RUNS.map((r) => r.scenario)).size < RUNS.length ? "path" : "scenario";
const DIRECTIONS = DATA.directions.map(([importer, exporter]) => (
  { importer, exporter, label: `${importer} on goods of ${exporter}` }));

function rowsOf(table) {
  if (!table) return [];
  const names = Object.keys(table.columns);
  const columns = names.map((n) => {
    const c = table.columns[n];
    return Array.isArray(c) ? c : c.at.map((k) => c.of[k]);
  });
  return Array.from({ length: table.rows }, (_, i) => {
    const row = {};
    names.forEach((n, j) => { row[n] = columns[j][i]; });
    if (row.start !== undefined) {
      row.from = row.start === null ? -Infinity : dayOf(row.start);
      row.to = row.end === null ? Infinity : dayOf(row.end);
    }
    return row;
  });
}

const FRAMES = {
  bilateral: rowsOf(DATA.bilateral), authorities: rowsOf(DATA.authorities),
  measures: rowsOf(DATA.measures), chapters: rowsOf(DATA.chapters),
  differences: rowsOf(DATA.differences), status: rowsOf(DATA.status),
  expected: rowsOf(DATA.expected),
};

function grouped(rows, key) {
  const found = new Map();
  for (const row of rows) {
    const k = key(row);
    if (!found.has(k)) found.set(k, []);
    found.get(k).push(row);
  }
  return found;
}

const byCell = (r) => `${r.run}|${r.importer}|${r.exporter}`;
const MEANS = grouped(FRAMES.bilateral, byCell);
const PARTS = grouped(FRAMES.authorities, byCell);
const PIECES = grouped(FRAMES.measures, byCell);

function cell(map, run, direction) {
  return map.get(`${run}|${direction.importer}|${direction.exporter}`) || [];
}

function holding(rows, day) {
  return rows.filter((r) => r.from <= day && day < r.to);
}

function projected(run, day) {
  return RUNS[run].horizon !== null && day > RUNS[run].horizon;
}

function chanceOf(run) {
  const p = RUNS[run].probability;
  return known(p) && RUNS[run].path ? `${Number((p * 100).toFixed(1))}%` : "";
}

// -- lines -----------------------------------------------------------------------------

function unrun(list) {
  const out = [];
  for (let i = 0; i < list.length; i += 2) for (let j = 0; j < list[i + 1]; j++) out.push(list[i]);
  return out;
}

const MAPS = DATA.lines.maps.map(() => null);
function mapped(n) {
  MAPS[n] = MAPS[n] || unrun(DATA.lines.maps[n]);
  return MAPS[n];
}

const LINES = {};
for (const [importer, one] of Object.entries(DATA.lines.importers)) {
  LINES[importer] = {
    codes: one.codes.split(" "), of: unrun(one.class), days: one.days.map(dayOf), paths: one.paths,
  };
}

function lastAt(days, day) {
  let n = 0;
  while (n + 1 < days.length && days[n + 1] <= day) n += 1;
  return n;
}

// The steps of a class of lines on a day, in the order in which they are added.
function stepsOf(importer, exporter, run, kind, day) {
  const goods = LINES[importer];
  const at = lastAt(goods.days, day);
  const out = [];
  for (const [base, map, cells] of goods.paths[run][exporter].groups) {
    const changes = DATA.lines.cells[cells][mapped(map)[kind]];
    let steps = [];
    for (let i = 0; i < changes.length && changes[i] <= at; i += 2) steps = changes[i + 1];
    for (const n of steps) {
      const [meta, duty, coverage, contribution, reason] = DATA.lines.steps[n];
      out.push({
        ...DATA.lines.metas[meta], base: base === 1, duty: DATA.lines.duties[duty], coverage,
        contribution: contribution === null ? NaN : contribution, reason: reason || "",
      });
    }
  }
  return out;
}

function summed(steps) {
  let rate = 0;
  let additional = 0;
  for (const s of steps) {
    rate += s.contribution;
    if (!s.base) additional += s.contribution;
  }
  return { rate, additional_rate: additional };
}

// Acts threatened or scheduled over a class on a day, and lists of exceptions it is on.
function aheadOf(importer, exporter, run, kind, day) {
  return LINES[importer].paths[run][exporter].ahead
    .filter(([from, to, , map]) => dayOf(from) <= day && day < dayOf(to) && mapped(map)[kind] > 0)
    .map(([, , meta, map]) => (
      { ...DATA.lines.metas[meta], duty: DATA.lines.duties[mapped(map)[kind] - 1] }));
}

function exemptOf(importer, exporter, run, kind, day) {
  return LINES[importer].paths[run][exporter].exempt
    .filter(([from, to, , , map]) => dayOf(from) <= day && day < dayOf(to) && mapped(map)[kind])
    .map(([, , measure, by]) => ({ measure, by }));
}

const MEMO = new Map();
function lineRate(importer, exporter, run, kind, day) {
  const at = lastAt(LINES[importer].days, day);
  const key = `${importer}|${exporter}|${run}|${kind}|${at}`;
  if (!MEMO.has(key)) MEMO.set(key, summed(stepsOf(importer, exporter, run, kind, day)));
  return MEMO.get(key);
}

function linePoints(direction, run, kind) {
  const { importer, exporter } = direction;
  const days = LINES[importer].days;
  return days.map((from, n) => (
    { from, to: n + 1 < days.length ? days[n + 1] : END,
      ...lineRate(importer, exporter, run, kind, from) }));
}

function textOf(importer, code) {
  if (!DATA.described.includes(importer)) return "";
  return DATA.texts[code.slice(0, 6)] || DATA.texts[code.slice(0, 4)] || DATA.texts[code.slice(0, 2)] || "";
}

// -- what the reader has chosen ----------------------------------------------------------

// The first day on which the scenarios differ most, else the last change.
function telling() {
  let best = MOVES[MOVES.length - 1];
  let most = DIRECTIONS.length;
  for (const day of RUNS.length > 1 ? MOVES : []) {
    const kinds = DIRECTIONS.reduce((n, d) => n + new Set(RUNS.map((r) => {
      const row = holding(cell(MEANS, r.n, d), day)[0];
      return row ? mean(row.rate) : "";
    })).size, 0);
    if (kinds > most) { best = day; most = kinds; }
  }
  return best;
}

const MOVES = [...new Set([START, ...FRAMES.bilateral.map((r) => r.from)])].sort((a, b) => a - b);
const STATE = {
  visible: RUNS.map((_, n) => n < 8),
  quantity: "rate",
  day: telling(),
  peek: null, // the day under the pointer, for charts only
  run: 0,
};
const VIEWS = []; // called when the choice changes
const PEEKS = []; // called when only the pointer moves

function shownRuns() {
  return RUNS.filter((r) => STATE.visible[r.n]).map((r) => r.n);
}

function choose(change) {
  Object.assign(STATE, change);
  const shown = shownRuns();
  if (shown.length && !shown.includes(STATE.run)) STATE.run = shown[0];
  for (const view of VIEWS) view();
}

function peek(day, run) {
  STATE.peek = day;
  if (run !== undefined && run !== null) STATE.run = run;
  for (const view of PEEKS) view();
}

function dayShown() {
  return STATE.peek === null ? STATE.day : STATE.peek;
}
