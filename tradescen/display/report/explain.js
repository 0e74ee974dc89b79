// Why a number is what it is: measures, what they charge, the acts behind them and their sources.

function clocks(one) {
  return ["announced", "enacted", "effective", "until", "withdrawn"]
    .filter((c) => one[c]).map((c) => `${c} ${shortDay(dayOf(one[c]))}`).join(", ");
}

// An act by its id: what it does, its days, where it was read.
function actLine(id, run, measure) {
  const act = DATA.acts[RUNS[run].acts[id]];
  if (!act) {
    const source = DATA.sources[measure];
    return h("li", {}, h("b", {}, id), source && h("span", { class: "source" }, `Source: ${source}`));
  }
  const doubt = act.confidence && act.confidence !== "high" ? ` [confidence: ${act.confidence}]` : "";
  return h("li", {}, h("b", {}, id), `: ${act.what}`, clocks(act) && `; ${clocks(act)}`,
    act.by && `; moved by ${act.by.join(", ")}`,
    act.source && h("span", { class: "source" }, "Source: ", cited(act.source, act.url), doubt),
    act.note && h("span", { class: "source" }, `Note: ${act.note}`));
}

// back: takes the reader to the chart the question was asked at
function open(back, ...kids) {
  byId("explained").replaceChildren(...kids.flat(Infinity).filter((k) => k),
    h("p", {}, h("button", { type: "button", onclick: back }, "Back to the chart")));
  const head = byId("explanation-h");
  head.focus({ preventScroll: true });
  byId("explanation").scrollIntoView({ block: "nearest" });
}

function heading(what, run, day) {
  const late = projected(run, day) ? ", projected" : "";
  const odds = chanceOf(run) ? ` (odds ${chanceOf(run)})` : "";
  return h("h3", {}, swatch(run), ` ${what}, ${inWords(day)}${late} – ${RUNS[run].label}${odds}`);
}

// One measure: its part, what it charges, and why.
function part(value, name, what, why) {
  return h("li", {}, h("div", { class: "num" }, value), h("div", {}, h("b", {}, name), what), h("div", {}, why));
}

function actList(ids, run, measure) {
  return h("details", {}, h("summary", {}, `Acts: ${ids.join(", ")}`),
    h("ul", { class: "plain" }, ids.map((id) => actLine(id, run, measure))));
}

// -- an average --------------------------------------------------------------------------

function explainMean(direction, run, day, back) {
  const row = holding(cell(MEANS, run, direction), day)[0];
  const own = holding(cell(PIECES, run, direction), day).filter((p) => p.rate !== 0);
  const totals = holding(cell(PARTS, run, direction), day);
  const spells = holding(FRAMES.status.filter(
    (s) => s.run === run && s.importer === direction.importer), day);
  const weights = (DATA.definition.weights || {})[`${direction.importer} on ${direction.exporter}`];
  const ahead = (s) => s.status === "threatened" || s.status === "scheduled";
  const pieces = (p) => {
    const mine = spells.filter((s) => s.measure === p.measure && !ahead(s));
    const kinds = [...new Set(mine.map((s) => `${s.status}: ${s.duty}`))];
    const ids = [...new Set(mine.flatMap((s) => s.because.split("; ")))];
    return part(mean(p.rate), p.measure, kinds.map((k) => h("div", {}, k)), actList(ids, run, p.measure));
  };
  const blocks = [...grouped(own, (p) => p.authority)].map(([name, list]) => {
    const total = totals.find((t) => t.authority === name);
    list.sort((a, b) => b.rate - a.rate);
    return h("details", { class: "authority", open: list.length < 4 },
      h("summary", {}, h("span", { class: "num" }, mean(total && total.rate)), ` ${name} `,
        h("span", { class: "faint" }, list.length === 1 ? "1 measure" : `${list.length} measures`)),
      h("ul", { class: "plain steps" }, list.map(pieces)));
  });
  const charging = new Set(own.map((p) => p.measure));
  const idle = [...grouped(spells.filter((s) => ahead(s)
    || (s.status === "suspended" && !charging.has(s.measure))), (s) => `${s.status}|${s.measure}|${s.because}`).values()];
  open(back,
    heading(`${direction.label}: ${row ? mean(row.rate) : "unknown"}`, run, day),
    row && h("p", {}, `Of which additional ${mean(row.additional_rate)}. `,
      DATA.average === "trade"
        ? `Weighted by ${weights}; the rate is known for ${mean(row.known_share)} of that trade, the additional rate for ${mean(row.additional_known_share)}. `
        : `The plain mean over tariff lines; known for ${mean(row.known_share)} of them. `,
      `Rates of lines run from ${exact(row.min_rate)} to ${exact(row.max_rate)}. `,
      `This average holds from ${shortDay(row.from)} until ${shortDay(row.to)}.`),
    h("p", { class: "faint" }, "The parts sum to the rate; open one to see its measures, a measure to see its acts."),
    blocks,
    idle.length > 0 && h("details", { class: "authority" }, h("summary", {}, `Charging nothing on this day: ${idle.length}`),
      h("ul", { class: "plain steps" }, idle.map(([s]) => part("–", s.measure,
        [h("div", {}, `${s.status}: ${s.duty || "other terms"}`), h("div", { class: "faint" }, s.authority)],
        actList(s.because.split("; "), run, s.measure))))),
    oddsTexts(direction, day).map((text) => h("p", {}, text)));
}

// What is expected over the paths of each scenario, where all of them have odds.
function oddsTexts(direction, day) {
  const mine = FRAMES.expected.filter((r) => r.importer === direction.importer
    && r.exporter === direction.exporter && dayOf(r.date) <= day);
  return [...grouped(mine, (r) => r.scenario).values()].map((rows) => rows[rows.length - 1])
    .filter((r) => RUNS.some((run) => run.scenario === r.scenario && run.path))
    .map((r) => `Expected over the paths of ${r.scenario}: ${mean(r.rate)}, additional ${mean(r.additional_rate)}.`);
}

// -- a tariff line -----------------------------------------------------------------------

function stepItem(s, run, value) {
  return part(value, s.measure, [
    h("div", { class: "faint" }, s.authority),
    h("div", {}, `${s.status}: ${s.duty}`, known(s.coverage) && s.coverage !== 1 && ` on ${exact(s.coverage)} of value`),
    s.snapback && h("div", {}, h("b", {}, "Snapback: "), s.snapback),
    s.reason && h("div", {}, h("b", {}, "Unknown: "), s.reason),
    s.note && h("div", {}, h("b", {}, "Assumed: "), s.note),
    clocks(s) && h("div", { class: "faint" }, clocks(s)),
    s.moved_by && h("div", { class: "faint" }, `moved by ${s.moved_by.join(", ")}`),
  ], [
    h("div", { class: "source" }, `Source: ${s.source}`, s.confidence && s.confidence !== "high" && ` [confidence: ${s.confidence}]`),
    actList([...(s.because || []), ...(s.scope_by || [])], run, s.measure),
  ]);
}

function explainLine(direction, code, kind, run, day, back) {
  const { importer, exporter } = direction;
  const steps = stepsOf(importer, exporter, run, kind, day);
  const sums = summed(steps);
  const idle = steps.filter((s) => s.status === "suspended" && s.contribution === 0);
  const ahead = aheadOf(importer, exporter, run, kind, day);
  const exempt = exemptOf(importer, exporter, run, kind, day);
  const assumed = DATA.definition.assumptions.filter((a) => a !== "none");
  open(back,
    heading(`${direction.label}, ${dotted(code)}: ${exact(sums.rate)}`, run, day),
    h("p", {}, `Of which additional ${exact(sums.additional_rate)}. `,
      assumed.length > 0 && `Assumptions: ${assumed.join(", ")}. `, textOf(importer, code)),
    h("ul", { class: "plain steps" }, steps.filter((s) => !idle.includes(s))
      .map((s) => stepItem(s, run, exact(s.contribution)))),
    (idle.length || ahead.length || exempt.length) > 0 && [
      h("h4", {}, "Charging nothing"),
      h("ul", { class: "plain steps" }, ahead.map((s) => stepItem(s, run, "–")),
        idle.map((s) => stepItem(s, run, exact(0))),
        exempt.map((e) => part("–", e.measure, h("div", {}, "exempt: this product is on its list of exceptions"),
          actList(e.by, run, e.measure)))),
    ]);
}
