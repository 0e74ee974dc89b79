// The page: controls, charts, calendar, tables, and light or dark.

function controls() {
  const toggles = h("fieldset", { class: "chips" }, h("legend", {}, `${capital(UNIT)}s`), RUNS.map((r) => {
    const box = h("input", { type: "checkbox", checked: STATE.visible[r.n], id: `run${r.n}`,
      onchange: () => { STATE.visible[r.n] = box.checked; choose({}); } });
    return h("label", { class: "chip", for: box.id }, box, swatch(r.n), h("span", {}, r.label),
      chanceOf(r.n) && h("span", { class: "faint" }, ` ${chanceOf(r.n)}`));
  }));
  const kinds = h("fieldset", { class: "chips" }, h("legend", {}, "Rate"),
    [["rate", "all-in"], ["additional_rate", "additional"]].map(([key, label]) => h("label", { class: "chip" },
      h("input", { type: "radio", name: "quantity", value: key, checked: STATE.quantity === key,
        onchange: () => choose({ quantity: key }) }), label)));
  const day = h("input", { type: "date", id: "day", min: DATA.start, max: isoOf(END - 1),
    onchange: () => {
      const given = day.value && dayOf(day.value);
      if (given >= START && given < END) choose({ day: given });
    } });
  const go = (label, text, find) => h("button", { type: "button", "aria-label": label, title: label,
    onclick: () => { const to = find(); if (to !== undefined) choose({ day: to }); } }, text);
  const days = h("fieldset", { class: "chips" }, h("legend", {}, h("label", { for: "day" }, "Day")),
    go("Change before", "◀", () => MOVES.filter((m) => m < STATE.day).pop()), day,
    go("Next change", "▶", () => MOVES.find((m) => m > STATE.day)));
  VIEWS.push(() => {
    day.value = isoOf(STATE.day);
    RUNS.forEach((r) => { byId(`run${r.n}`).checked = STATE.visible[r.n]; });
  });
  byId("controls").append(toggles, kinds, days, h("p", { id: "keys", class: "faint" },
    "Point at a chart to read a day; click for the explanation. Keys: ← → a day (with Shift 30), ",
    "Page Up and Page Down the next and last change, ↑ ↓ the " + UNIT + ", Enter the explanation."));
}

function charts() {
  for (const direction of DIRECTIONS) {
    const chart = stepChart({
      label: direction.label, say: mean,
      points: (run) => cell(MEANS, run, direction),
      parts: (run, day) => {
        const row = holding(cell(MEANS, run, direction), day)[0] || {};
        const parts = holding(cell(PARTS, run, direction), day).filter((p) => p.rate !== 0)
          .map((p) => [p.authority, p.rate]);
        return { parts, rate: row.rate, additional_rate: row.additional_rate, known_share: row.known_share };
      },
      explain: (run, day, back) => explainMean(direction, run, day, back),
      odds: (day) => oddsTexts(direction, day),
    });
    const weights = (DATA.definition.weights || {})[`${direction.importer} on ${direction.exporter}`];
    byId("charts").append(h("section", { class: "direction" }, h("h3", {}, direction.label),
      h("p", { class: "faint" }, `${DATA.average === "trade" ? "Trade-weighted" : "Simple"} mean statutory rate, % of customs value`,
        weights && `; weighted by ${weights}`), chart));
    VIEWS.push(chart.draw);
    PEEKS.push(chart.point);
    new ResizeObserver(() => chart.draw()).observe(chart.querySelector(".plotted"));
  }
}

function where(row) {
  return row.runs.length === RUNS.length ? (RUNS.length > 1 ? `every ${UNIT}` : "") : row.runs.map((n) => RUNS[n].label).join(", ");
}

function calendar() {
  const whole = h("input", { type: "checkbox", id: "whole", onchange: () => render() });
  const side = h("select", { id: "side", onchange: () => render() }, h("option", { value: "" }, "all"),
    [...new Set(DATA.calendar.flatMap((r) => r.actor.split(", ")))].filter((a) => a).sort()
      .map((a) => h("option", { value: a }, a)));
  const list = h("div", { class: "months" });
  function entry(row) {
    const day = dayOf(row.date);
    const mark = row.threat ? "threat" : row.kind;
    const change = row.threat ? `${row.after}, ${row.threat}: charges nothing`
      : row.what.includes("scope of") ? "other goods or origins"
      : row.before || row.after ? `${row.before || "nothing"} → ${row.after || "nothing"}` : "";
    return h("li", { class: row.moves ? "moves" : "" },
      h("button", { type: "button", class: "link day", title: "Show this day in the charts",
        onclick: () => choose({ day: Math.max(START, Math.min(END - 1, day)) }) },
      h("time", { datetime: row.date }, shortDay(day))),
      h("div", {}, h("span", { class: `mark ${mark}` }, mark), " ", h("b", {}, row.actor), " ", row.what,
        change && h("span", {}, `: ${change}`),
        where(row) && h("span", { class: "faint" }, ` – in ${where(row)}`),
        h("span", { class: "source" }, `${row.id}${row.source ? `; ${row.source}` : ""}`)));
  }
  function render() {
    const shown = DATA.calendar.filter((r) => (whole.checked || r.moves)
      && (!side.value || r.actor.split(", ").includes(side.value))
      && r.runs.some((n) => STATE.visible[n]));
    const months = grouped(shown, (r) => r.date.slice(0, 7));
    list.replaceChildren(...[...months].map(([month, rows]) => {
      const [y, m] = month.split("-").map(Number);
      return h("section", {}, h("h3", {}, `${MONTHS[m - 1]} ${y}`), h("ol", { class: "plain" }, rows.map(entry)));
    }));
    if (!shown.length) list.replaceChildren(h("p", {}, "No act moves a rate in this window."));
  }
  byId("acts").append(h("div", { class: "tools" },
    h("label", { for: side.id }, "Actor", side),
    h("label", { class: "chip", for: whole.id }, whole, `also what moves no rate (${DATA.calendar.length} in all)`)), list);
  VIEWS.push(render);
}

const direct = (row) => `${row.importer} on goods of ${row.exporter}`;
const column = (key, label, show) => ({ key, label, num: Boolean(show), raw: (r) => r[key], show: show && ((r) => show(r[key])) });
const SCENARIO = { key: "scenario", tight: true, label: capital(UNIT), raw: (r) => RUNS[r.run].label, show: (r) => [swatch(r.run), " ", RUNS[r.run].label] };
const SIDES = [column("importer", "Importer"), column("exporter", "Origin")];
const TIMES = [column("start", "From"), column("end", "Until")].map((c) => ({ ...c, tight: true }));
const FILTERS = [
  { key: "run", label: "Scenario", options: () => [["", "all"], ...RUNS.map((r) => [String(r.n), r.label])], test: (r, v) => String(r.run) === v },
  { key: "side", label: "Direction", options: () => [["", "all"], ...DIRECTIONS.map((d) => [d.label, d.label])], test: (r, v) => direct(r) === v },
];
const DAY_FILTER = { key: "when", label: "Days", options: () => [["day", "the day chosen"], ["", "all days"]], test: (r) => r.from <= STATE.day && STATE.day < r.to };

function plainSheet(id, title, note, columns, rows, filters, more) {
  return sheet({ id, title, note, columns, rows: () => rows, filters, search: anyText(columns), file: id, ...more });
}

function chapterSheet() {
  const keyed = grouped(FRAMES.chapters, (r) => `${r.importer}|${r.exporter}|${r.product}`);
  const rows = [...keyed.values()].map((list) => ({
    direction: DIRECTIONS.find((d) => d.importer === list[0].importer && d.exporter === list[0].exporter),
    code: list[0].product, weight: list[0].weight_usd, list,
  }));
  const at = (row, run) => row.list.find((r) => r.run === run && r.from <= STATE.day && STATE.day < r.to) || {};
  const least = (row) => Math.min(...shownRuns().map((n) => at(row, n).known_share).filter(known));
  const long = ["importer", "exporter", "product", "start", "end", "rate", "additional_rate", "min_rate", "max_rate", "weight_usd", "known_share", "additional_known_share", "status"];
  const columns = () => [
    { key: "product", label: "Chapter", raw: (r) => r.code,
      under: (r) => `${r.direction.label}: ${textOf(r.direction.importer, r.code)}` },
    { key: "goods", label: "Goods", wide: true, roomy: true, raw: (r) => textOf(r.direction.importer, r.code) },
    { key: "direction", label: "Direction", tight: true, roomy: true, raw: (r) => r.direction.label },
    { key: "weight_usd", label: "Trade, USD", num: true, raw: (r) => r.weight, show: (r) => money(r.weight) },
    ...rateColumns((row, run) => at(row, run)[STATE.quantity], mean),
    { key: "known_share", label: "Known for", num: true, raw: least, show: (r) => mean(least(r)) },
  ];
  return sheet({
    id: "chapters", title: "Rates by chapter", caption: onDay, columns, rows: () => rows,
    filters: [DIRECTION_FILTER], search: (words) => anyText(columns())(words),
    note: "Trade-weighted means over the lines of each chapter.",
    whole: { label: "CSV of all days", get: () => download("chapters-all-days.csv", ["scenario", ...long],
      FRAMES.chapters.map((r) => [RUNS[r.run].label, ...long.map((n) => r[n])])) },
  });
}

// Where an act stands is said as of the evening or data date the scenarios are told from.
function statusHead() {
  const days = [...new Set(RUNS.map((r) => r.horizon))];
  return days.length === 1 && days[0] !== null ? `Status on ${shortDay(days[0])}` : "Status";
}

function sheets() {
  const made = [plainSheet("bilateral", "Averages by direction", `One row a ${UNIT}, direction and interval.`, [
    SCENARIO, ...SIDES, ...TIMES, column("rate", "Rate", mean), column("additional_rate", "Additional", mean),
    column("min_rate", "Lowest line", exact), column("max_rate", "Highest line", exact),
    column("weight_usd", "Trade, USD", money), column("known_share", "Known for", mean),
    column("additional_known_share", "Additional known for", mean)], FRAMES.bilateral, FILTERS),
  plainSheet("contributions", "Contributions by authority", "They sum to the average rate of their direction.", [
    SCENARIO, ...SIDES, ...TIMES, column("authority", "Authority"), column("rate", "Part", mean)],
  FRAMES.authorities, [...FILTERS, DAY_FILTER])];
  if (FRAMES.chapters.length) made.push(chapterSheet());
  if (DATA.differences) {
    const named = RUNS[DATA.base].label;
    const lines = DATA.differences_by === "line";
    made.push(plainSheet("differences", `Differences from ${named}`,
      lines ? "By classes of lines that no measure tells apart; the first line stands for its class."
        : "Trade-weighted means of the lines’ changes, by chapter; rows without a change are left out.", [
        { key: "product", label: lines ? "Line" : "Chapter", raw: (r) => r.product,
          under: (r) => `${direct(r)}: ${textOf(r.importer, r.product.replace(/\./g, ""))}` },
        { key: "goods", label: "Goods", wide: true, roomy: true, raw: (r) => textOf(r.importer, r.product.replace(/\./g, "")) },
        SCENARIO, ...[...SIDES, ...TIMES].map((c) => ({ ...c, roomy: true })), column("rate_base", named, lines ? exact : mean), column("rate", "Rate", lines ? exact : mean),
        column("change_rate", "Change", points), column("change_relative", "Relative", mean)],
      FRAMES.differences, [...FILTERS, DAY_FILTER]));
  }
  made.push(plainSheet("acts-table", "Acts and milestones", "What each changed, where it stands on the last day the scenario speaks of, and its source.", [
    { ...column("date", "Date"), tight: true }, column("actor", "Actor"), column("kind", "Kind"),
    { key: "what", label: "What", wide: true, raw: (r) => r.what }, column("before", "Before"), column("after", "After"),
    column("status", statusHead()), { key: "scenarios", label: `${capital(UNIT)}s`, raw: where }, column("id", "Id"),
    { key: "source", label: "Source", wide: true, raw: (r) => r.source }],
  DATA.calendar, [{ key: "kind", label: "Kind", options: () => [["", "all"], ...[...new Set(DATA.calendar.map((r) => r.kind))].sort().map((k) => [k, k])], test: (r, v) => r.kind === v }]));
  byId("sheets").append(...made);
  VIEWS.push(() => made.forEach((m) => m.render()));
}

function theme() {
  const button = byId("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const now = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
  const name = () => { button.textContent = now() === "dark" ? "Light page" : "Dark page"; };
  try { // a file may be opened where nothing can be stored
    const kept = localStorage.getItem("tradescen-theme");
    if (kept === "dark" || kept === "light") document.documentElement.dataset.theme = kept;
  } catch (error) { /* then the system's choice stands */ }
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = now() === "dark" ? "light" : "dark";
    try { localStorage.setItem("tradescen-theme", now()); } catch (error) { /* as above */ }
    name();
  });
  dark.addEventListener("change", name);
  name();
}

theme();
byId("main").hidden = false;
controls();
charts();
byId("explained").append(h("p", { class: "faint" }, "Click a point of a chart, or press Enter on it, to see the measures behind it down to their acts and sources."));
calendar();
const LOOKUP = lookUp();
byId("lookup").append(LOOKUP);
VIEWS.push(LOOKUP.render);
PEEKS.push(LOOKUP.point);
sheets();
choose({});
document.documentElement.dataset.ready = "true";
