// Goods looked up by code or by words: every line with its rate on the day, and one line in full.

const GOODS = []; // all lines of all directions
for (const direction of DIRECTIONS) {
  const one = LINES[direction.importer];
  if (!one) continue;
  one.codes.forEach((code, n) => GOODS.push({ direction, code, kind: one.of[n] }));
}

// A code and its beginnings, or words that begin words of its text or of its heading's.
function findGoods(words) {
  const digits = words.replace(/[.\s]/g, "");
  if (/^\d+$/.test(digits)) return (row) => row.code.startsWith(digits);
  const wanted = words.toLowerCase().split(/\s+/);
  const memo = new Map();
  const fits = (row) => {
    const key = row.code.slice(0, 6) + (DATA.described.includes(row.direction.importer) ? "" : "!");
    if (!memo.has(key)) {
      const text = key.endsWith("!") ? "" : ` ${DATA.texts[row.code.slice(0, 4)] || ""} ${DATA.texts[row.code.slice(0, 6)] || ""}`.toLowerCase();
      memo.set(key, wanted.every((w) => begins(text, w)));
    }
    return memo.get(key);
  };
  return fits;
}

function begins(text, word) {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1])) return true;
  }
  return false;
}

function rateColumns(get, say) {
  return shownRuns().map((n) => ({
    key: `run${n}`, label: RUNS[n].label, csv: `${RUNS[n].label}: ${STATE.quantity}`, num: true,
    head: () => [swatch(n), " ", named(RUNS[n].label)], raw: (row) => get(row, n), show: (row) => say(get(row, n)),
  }));
}

function onDay() {
  return `${STATE.quantity === "rate" ? "All-in rate" : "Additional rate"} on ${inWords(STATE.day)}`;
}

const DIRECTION_FILTER = {
  key: "direction", label: "Direction",
  options: () => [["", "both sides"], ...DIRECTIONS.map((d) => [d.label, d.label])],
  test: (row, value) => row.direction.label === value,
};

function lookUp() {
  const card = h("div", { id: "card", "aria-live": "polite" });
  const get = (row, run) => lineRate(row.direction.importer, row.direction.exporter, run, row.kind, STATE.day)[STATE.quantity];
  const list = sheet({
    id: "lines", label: "HS code or words", hint: "8517.13 or lithium", file: "rates-by-line",
    page: 10, rows: () => GOODS, search: findGoods, filters: [DIRECTION_FILTER],
    caption: () => `${onDay()}, by tariff line`,
    columns: () => [
      { key: "product", label: "Line", raw: (r) => dotted(r.code),
        under: (r) => `${r.direction.label}: ${textOf(r.direction.importer, r.code)}`,
        show: (r) => h("button", { type: "button", class: "link", onclick: () => open(r) }, dotted(r.code)) },
      { key: "direction", label: "Direction", tight: true, roomy: true, raw: (r) => r.direction.label },
      { key: "goods", label: "Goods", wide: true, roomy: true, raw: (r) => textOf(r.direction.importer, r.code) },
      ...rateColumns(get, exact),
    ],
  });

  function open(row) {
    const { direction, code, kind } = row;
    const chart = stepChart({
      label: `${direction.label}, ${dotted(code)}`, say: exact,
      points: (run) => linePoints(direction, run, kind),
      parts: (run, day) => {
        const steps = stepsOf(direction.importer, direction.exporter, run, kind, day);
        const parts = [...grouped(steps, (s) => s.authority)].map(
          ([name, list]) => [name, list.reduce((sum, s) => sum + s.contribution, 0)])
          .filter(([, v]) => v !== 0);
        return { parts, ...summed(steps) };
      },
      moves: () => LINES[direction.importer].days,
      explain: (run, day, back) => explainLine(direction, code, kind, run, day, back),
    });
    const others = GOODS.filter((o) => o.direction !== direction && o.code.slice(0, 6) === code.slice(0, 6)).slice(0, 12);
    const heads = [2, 4, 6].map((n) => code.slice(0, n)).filter((c, n, list) => list.indexOf(c) === n)
      .map((c) => [c, DATA.described.includes(direction.importer) ? DATA.texts[c] : ""]).filter(([, t]) => t);
    const same = LINES[direction.importer].of.filter((k) => k === kind).length;
    card.replaceChildren(
      h("h3", { tabindex: -1 }, `${dotted(code)}: ${direction.label}`),
      h("ol", { class: "plain heads" }, heads.map(([c, t]) => h("li", {}, h("b", {}, dotted(c)), ` ${t}`))),
      same > 1 && h("p", { class: "faint" }, `${count(same - 1)} other ${same === 2 ? "line is" : "lines are"} treated alike in every ${UNIT} shown.`),
      chart,
      others.length > 0 && h("p", {}, "The same goods the other way: ", others.map((o) => [
        h("button", { type: "button", class: "link", onclick: () => open(o) }, `${dotted(o.code)} (${o.direction.label})`), " "])));
    card.chart = chart;
    chart.draw();
    card.querySelector("h3").focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }

  const holder = h("div", {}, list, card);
  holder.render = () => { list.render(); if (card.chart) card.chart.draw(); };
  holder.point = () => card.chart && card.chart.point();
  holder.list = list;
  return holder;
}
