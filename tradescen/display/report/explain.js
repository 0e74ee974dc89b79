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

function open(...kids) {
  byId("explained").replaceChildren(...kids.flat(Infinity).filter((k) => k));
  const head = byId("explanation-h");
  head.focus({ preventScroll: true });
  byId("explanation").scrollIntoView({ block: "nearest" });
}

function heading(what, run, day) {
  const late = projected(run, day) ? ", projected" : "";
  const odds = chanceOf(run) ? ` (odds ${chanceOf(run)})` : "";
  return h("h3", {}, swatch(run), ` ${what}, ${inWords(day)}${late} – ${RUNS[run].label}${odds}`);
}

function table(label, heads, rows) {
  return h("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": label },
    h("table", {}, h("thead", {}, h("tr", {}, heads.map(([text, num]) => h("th", { scope: "col", class: num ? "num" : "" }, text)))),
      h("tbody", {}, rows)));
}

// -- an average --------------------------------------------------------------------------

function explainMean(direction, run, day) {
  const row = holding(cell(MEANS, run, direction), day)[0];
  const own = holding(cell(PIECES, run, direction), day).filter((p) => p.rate !== 0);
  const spells = holding(FRAMES.status.filter(
    (s) => s.run === run && s.importer === direction.importer), day);
  const weights = (DATA.definition.weights || {})[`${direction.importer} on ${direction.exporter}`];
  const charging = new Set(own.map((p) => p.measure));
  const body = own.map((p) => {
    const mine = grouped(spells.filter((s) => s.measure === p.measure && s.status !== "threatened"
      && s.status !== "scheduled"), (s) => `${s.status}|${s.duty}`);
    return h("tr", {}, h("td", { class: "num" }, mean(p.rate)), h("th", { scope: "row" }, p.measure),
      h("td", {}, p.authority),
      h("td", {}, [...mine.values()].map((list) => h("div", {}, `${list[0].status}: ${list[0].duty}`))),
      h("td", { class: "wide" }, h("ul", { class: "plain" },
        [...new Set([...mine.values()].flat().flatMap((s) => s.because.split("; ")))]
          .map((id) => actLine(id, run, p.measure)))));
  });
  const idle = grouped(spells.filter((s) => s.status === "threatened" || s.status === "scheduled"
    || (s.status === "suspended" && !charging.has(s.measure))), (s) => `${s.status}|${s.measure}|${s.because}`);
  open(
    heading(`${direction.label}: ${row ? mean(row.rate) : "unknown"}`, run, day),
    row && h("p", {}, `Of which additional ${mean(row.additional_rate)}. `,
      DATA.average === "trade"
        ? `Weighted by ${weights}; the rate is known for ${mean(row.known_share)} of that trade, the additional rate for ${mean(row.additional_known_share)}. `
        : `The plain mean over tariff lines; known for ${mean(row.known_share)} of them. `,
      `Rates of lines run from ${exact(row.min_rate)} to ${exact(row.max_rate)}. `,
      `This average holds from ${shortDay(row.from)} until ${shortDay(row.to)}.`),
    table("Measures that make up the average", [["Part", true], ["Measure"], ["Authority"], ["Status and duty"], ["Acts and sources"]], body),
    idle.size > 0 && h("details", {}, h("summary", {}, `Charging nothing on this day (${idle.size})`),
      h("ul", { class: "plain" }, [...idle.values()].map(([s]) => h("li", {},
        `${s.measure} (${s.authority}), ${s.status}: ${s.duty || "other terms"}`,
        h("ul", { class: "plain" }, s.because.split("; ").map((id) => actLine(id, run, s.measure))))))),
    row && RUNS[run].probability !== null && RUNS[run].path && h("p", {}, oddsText(direction, day)));
}

function oddsText(direction, day) {
  const rows = FRAMES.expected.filter((r) => r.importer === direction.importer
    && r.exporter === direction.exporter && r.scenario === RUNS[STATE.run].scenario && dayOf(r.date) <= day);
  const now = rows[rows.length - 1];
  return now ? `Expected over the paths of ${now.scenario} on this day: ${mean(now.rate)}, of which additional ${mean(now.additional_rate)}.` : "";
}

// -- a tariff line -----------------------------------------------------------------------

function stepRow(s, run, part) {
  const acts = [...(s.because || []), ...(s.scope_by || [])];
  return h("tr", {}, h("td", { class: "num" }, part), h("th", { scope: "row" }, s.measure),
    h("td", {}, s.authority), h("td", {}, `${s.status}: ${s.duty}`,
      known(s.coverage) && s.coverage !== 1 && ` on ${exact(s.coverage)} of value`,
      s.snapback && h("div", {}, h("b", {}, "Snapback: "), s.snapback),
      s.reason && h("div", {}, h("b", {}, "Unknown: "), s.reason),
      s.note && h("div", {}, h("b", {}, "Assumed: "), s.note),
      clocks(s) && h("div", { class: "faint" }, clocks(s)),
      s.moved_by && h("div", { class: "faint" }, `moved by ${s.moved_by.join(", ")}`)),
    h("td", { class: "wide" },
      h("div", { class: "source" }, `Source: ${s.source}`,
        s.confidence && s.confidence !== "high" && ` [confidence: ${s.confidence}]`),
      h("details", {}, h("summary", {}, `Acts: ${acts.join(", ")}`),
        h("ul", { class: "plain" }, acts.map((id) => actLine(id, run, s.measure))))));
}

function explainLine(direction, code, kind, run, day) {
  const { importer, exporter } = direction;
  const steps = stepsOf(importer, exporter, run, kind, day);
  const sums = summed(steps);
  const idle = steps.filter((s) => s.status === "suspended" && s.contribution === 0);
  const ahead = aheadOf(importer, exporter, run, kind, day);
  const exempt = exemptOf(importer, exporter, run, kind, day);
  const assumed = DATA.definition.assumptions.filter((a) => a !== "none");
  const heads = [["Part", true], ["Measure"], ["Authority"], ["Status and duty"], ["Source and acts"]];
  open(
    heading(`${direction.label}, ${dotted(code)}: ${exact(sums.rate)}`, run, day),
    h("p", {}, `Of which additional ${exact(sums.additional_rate)}. `,
      assumed.length > 0 && `Assumptions: ${assumed.join(", ")}. `, textOf(importer, code)),
    table("Parts of the rate", heads, steps.filter((s) => !idle.includes(s))
      .map((s) => stepRow(s, run, exact(s.contribution)))),
    (idle.length || ahead.length || exempt.length) > 0 && [
      h("h4", {}, "Charging nothing"),
      (idle.length || ahead.length) > 0 && table("Charging nothing", heads, [
        ...ahead.map((s) => stepRow(s, run, "–")), ...idle.map((s) => stepRow(s, run, exact(0)))]),
      exempt.length > 0 && h("ul", {}, exempt.map((e) => h("li", {},
        `${e.measure}: this product is on its list of exceptions (acts: ${e.by.join(", ")})`))),
    ]);
}
