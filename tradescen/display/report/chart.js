// A stepped chart with a crosshair, and beside it the parts of the rate on that day.

const DASHES = ["", "7 4", "2 3", "10 3 2 3", "5 2", "1 4", "12 4", "8 2 2 2 2 2"];
const NEAR = 52; // pixels a label of the time axis wants

function swatch(n) {
  return svg("svg", { class: `swatch s${n % 8}`, width: 26, height: 10, "aria-hidden": "true" },
    svg("line", { x1: 1, y1: 5, x2: 25, y2: 5, "stroke-dasharray": DASHES[n % 8] }));
}

function niceStep(top) {
  const raw = top / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= raw);
}

function timeTicks(width) {
  const first = isoOf(START).split("-").map(Number);
  const months = Math.ceil((END - START) / 30.4);
  const most = Math.max(2, Math.floor(width / NEAR));
  const by = [1, 2, 3, 4, 6, 12, 24, 60, 120].find((b) => months / b <= most) || 120;
  const ticks = [];
  for (let m = 0; m <= months + 1; m++) {
    const month = first[1] - 1 + m;
    const year = first[0] + Math.floor(month / 12);
    if (month % Math.min(by, 12) !== 0 || (by > 12 && year % (by / 12) !== 0)) continue;
    const day = Date.UTC(year, month % 12, 1) / 864e5;
    if (day < START || day >= END) continue;
    const name = MONTHS[month % 12].slice(0, 3);
    ticks.push({ day, label: by >= 12 ? `${year}` : month % 12 === 0 || !ticks.length ? `${name} ${year}` : name });
  }
  return ticks;
}

// Push labels apart until none covers another; they stay in the order of their lines.
function apart(labels, low, high, gap) {
  labels.sort((a, b) => a.y - b.y || a.run - b.run);
  for (let i = 1; i < labels.length; i++) {
    labels[i].at = Math.max(labels[i].at, labels[i - 1].at + gap);
  }
  const over = labels.length ? labels[labels.length - 1].at - high : 0;
  if (over > 0) labels[labels.length - 1].at -= over;
  for (let i = labels.length - 2; i >= 0; i--) {
    labels[i].at = Math.max(low, Math.min(labels[i].at, labels[i + 1].at - gap));
  }
}

// options: label, points(run), parts(run, day), explain(run, day), say(value)
function stepChart(options) {
  const holder = h("div", {
    class: "plot", role: "slider", tabindex: 0, "aria-label": `${options.label}: day shown`,
    "aria-valuemin": START, "aria-valuemax": END - 1, "aria-describedby": "keys",
  });
  const beside = h("div", { class: "parts scroll", role: "region", tabindex: 0,
    "aria-label": `${options.label}: parts of the rate` });
  const figure = h("figure", { class: "pair" }, h("div", { class: "plotted" }, holder), beside);
  let scale = null;

  function explain(run, day) {
    options.explain(run, day, () => holder.focus());
  }

  function series() {
    return shownRuns().map((n) => ({ run: n, points: options.points(n) }));
  }

  function value(points, day) {
    const found = points.find((p) => p.from <= day && day < p.to);
    return found ? found[STATE.quantity] : NaN;
  }

  function draw() {
    const width = Math.max(260, Math.round(holder.clientWidth || 640));
    const narrow = width < 480;
    const height = narrow ? 250 : 320;
    const lines = series();
    for (const l of lines) {
      const last = l.points.length ? l.points[l.points.length - 1][STATE.quantity] : NaN;
      l.name = RUNS[l.run].label + (known(last) ? "" : " (unknown)");
    }
    const longest = Math.max(4, ...lines.map((l) => l.name.length));
    const right = Math.min(34 + longest * 6.7, narrow ? 112 : 190);
    const box = { left: 44, right: width - right, top: 26, bottom: height - 28 };
    const values = lines.flatMap((l) => l.points.map((p) => p[STATE.quantity])).filter(known);
    const top = Math.max(0.02, ...values) * 1.06;
    const step = niceStep(top);
    const x = (day) => box.left + (box.right - box.left) * (day - START) / (END - START);
    const y = (v) => box.bottom - (box.bottom - box.top) * v / top;
    const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
    const horizons = lines.map((l) => RUNS[l.run].horizon).filter((d) => d !== null && d + 1 < END);
    if (horizons.length) {
      const from = x(Math.max(START, Math.min(...horizons) + 1));
      root.append(svg("rect", { class: "late", x: from, y: box.top, width: box.right - from,
        height: box.bottom - box.top }));
      if (box.right - from > 70) {
        root.append(svg("text", { class: "note", x: box.right - 5, y: box.bottom - 6,
          "text-anchor": "end" }, "projected"));
      }
    }
    for (let v = 0; v <= top + 1e-9; v += step) {
      root.append(
        svg("line", { class: v === 0 ? "axis" : "grid", x1: box.left, x2: box.right, y1: y(v), y2: y(v) }),
        svg("text", { class: "tick", x: box.left - 6, y: y(v) + 4, "text-anchor": "end" },
          `${Number((v * 100).toFixed(1))}%`));
    }
    let taken = 0; // a label that would run into the one before is left out
    for (const t of timeTicks(box.right - box.left)) {
      root.append(svg("line", { class: "axis", x1: x(t.day), x2: x(t.day), y1: box.bottom, y2: box.bottom + 5 }));
      const first = x(t.day) - box.left < 12;
      const long = t.label.length * 6.6;
      const left = x(t.day) - (first ? 0 : long / 2);
      if (left < taken) continue;
      taken = left + long + 6;
      root.append(svg("text", { class: "tick", x: x(t.day), y: box.bottom + 18,
        "text-anchor": first ? "start" : "middle" }, t.label));
    }
    const ends = [];
    for (const { run, points, name } of lines) {
      let d = "";
      let last = null;
      for (const p of points) {
        const v = p[STATE.quantity];
        if (!known(v)) { last = null; continue; }
        d += last === null ? `M${x(p.from).toFixed(1)} ${y(v).toFixed(1)}` : `V${y(v).toFixed(1)}`;
        d += `H${x(Math.min(p.to, END)).toFixed(1)}`;
        last = v;
      }
      root.append(svg("path", { class: `line s${run % 8}`, d, "data-run": run,
        "stroke-dasharray": DASHES[run % 8] }));
      const at = last === null ? box.bottom : y(last);
      ends.push({ run, y: at, at, name });
    }
    apart(ends, box.top, box.bottom, 15);
    const room = Math.floor((right - 32) / 6.4);
    for (const e of ends) {
      const name = e.name.length > room ? `${e.name.slice(0, room - 1)}…` : e.name;
      root.append(
        svg("path", { class: `lead s${e.run % 8}`, "stroke-dasharray": DASHES[e.run % 8],
          d: `M${box.right + 1} ${e.y}L${box.right + 8} ${e.at}H${box.right + 24}` }),
        svg("text", { class: "end", x: box.right + 28, y: e.at + 4 }, name));
    }
    const cross = svg("g", { class: "cross" });
    root.append(cross);
    holder.replaceChildren(root);
    scale = { box, x, y, lines, cross, width };
    point();
  }

  function point() {
    if (!scale) return;
    const { box, x, y, lines, cross } = scale;
    const day = dayShown();
    const at = x(day);
    const said = [];
    const dots = [];
    for (const { run, points } of lines) {
      const v = value(points, day);
      said.push(`${RUNS[run].label} ${options.say(v)}`);
      if (known(v)) {
        dots.push(svg("circle", { class: `dot s${run % 8}`, cx: at, cy: y(v), r: run === STATE.run ? 6 : 3.5 }));
      }
    }
    const own = lines.find((l) => l.run === STATE.run);
    const head = shortDay(day) + (own ? ` · ${RUNS[own.run].label} ${options.say(value(own.points, day))}` : "");
    const half = head.length * 3.3;
    const anchor = at - half < 4 ? "start" : at + half > scale.width - 4 ? "end" : "middle";
    const edge = anchor === "start" ? 4 : anchor === "end" ? scale.width - 4 : at;
    cross.replaceChildren(
      svg("line", { class: "hair", x1: at, x2: at, y1: box.top - 6, y2: box.bottom }), ...dots,
      svg("text", { class: "read", x: edge, y: 14, "text-anchor": anchor }, head));
    holder.setAttribute("aria-valuenow", day);
    holder.setAttribute("aria-valuetext",
      `${inWords(day)}; ${RUNS[STATE.run] ? `chosen: ${RUNS[STATE.run].label}; ` : ""}${said.join(", ")}`);
    beside.replaceChildren(partsTable(options, day, explain));
  }

  function placed(event) {
    const area = holder.getBoundingClientRect();
    const { box, y, lines } = scale;
    const ratio = scale.width / area.width;
    const px = (event.clientX - area.left) * ratio;
    const py = (event.clientY - area.top) * ratio;
    const share = (px - box.left) / (box.right - box.left);
    const day = Math.max(START, Math.min(END - 1, START + Math.floor(share * (END - START))));
    let best = null;
    let least = Infinity;
    for (const { run, points } of lines) {
      const v = value(points, day);
      const far = known(v) ? Math.abs(y(v) - py) : Infinity;
      if (far < least || best === null) { best = run; least = far; }
    }
    return { day, run: best };
  }

  holder.addEventListener("pointermove", (event) => {
    if (!scale || event.pointerType === "touch") return;
    const at = placed(event);
    peek(at.day, at.run);
  });
  holder.addEventListener("pointerleave", () => peek(null));
  holder.addEventListener("click", (event) => {
    if (!scale || !scale.lines.length) return;
    const at = placed(event);
    STATE.peek = null;
    choose({ day: at.day, run: at.run });
    explain(at.run, at.day);
  });
  holder.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const shown = shownRuns();
    const moves = options.moves ? options.moves() : MOVES;
    const next = moves.find((m) => m > STATE.day);
    const before = moves.filter((m) => m < STATE.day).pop();
    const held = (day) => Math.max(START, Math.min(END - 1, day));
    const jump = event.shiftKey ? 30 : 1;
    const turn = (by) => choose({ run: shown[(shown.indexOf(STATE.run) + by + shown.length) % shown.length] });
    const acts = {
      ArrowRight: () => choose({ day: held(STATE.day + jump) }),
      ArrowLeft: () => choose({ day: held(STATE.day - jump) }),
      PageUp: () => choose({ day: held(next === undefined ? END - 1 : next) }),
      PageDown: () => choose({ day: held(before === undefined ? START : before) }),
      Home: () => choose({ day: START }),
      End: () => choose({ day: END - 1 }),
      ArrowDown: () => shown.length && turn(1),
      ArrowUp: () => shown.length && turn(-1),
      Enter: () => shown.length && explain(STATE.run, STATE.day),
      " ": () => shown.length && explain(STATE.run, STATE.day),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    STATE.peek = null;
    acts[event.key]();
  });
  figure.draw = draw;
  figure.point = point;
  return figure;
}

// Authorities down, scenarios across; the last rows are what they sum to.
function partsTable(options, day, explain) {
  const shown = shownRuns();
  const found = shown.map((n) => options.parts(n, day));
  const names = [...new Set(found.flatMap((f) => f.parts.map(([name]) => name)))];
  const late = shown.some((n) => projected(n, day));
  const own = (n) => (n === STATE.run && shown.length > 1 ? " own" : "");
  const cells = (values, digits) => values.map((v, i) => h("td",
    { class: `num${own(shown[i])}` },
    v === undefined ? "" : (digits || options.say)(v)));
  const odds = options.odds ? options.odds(day) : [];
  return h("div", {}, h("table", {},
    h("caption", {}, `${inWords(day)}${late ? ", projected" : ""}: parts of the rate`),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Authority"), shown.map((n) => h("th",
      { scope: "col", class: `num${own(n)}` },
      h("button", { type: "button", class: "link", title: `Explain ${RUNS[n].label} on this day`,
        onclick: () => { choose({ run: n, day }); explain(n, day); } },
      swatch(n), named(RUNS[n].label)))))),
    h("tbody", {}, names.map((name) => h("tr", {}, h("th", { scope: "row" }, name),
      cells(found.map((f) => (f.parts.find(([p]) => p === name) || [])[1]))))),
    h("tfoot", {},
      h("tr", {}, h("th", { scope: "row" }, "All-in rate"), cells(found.map((f) => f.rate))),
      h("tr", {}, h("th", { scope: "row" }, "Additional rate"), cells(found.map((f) => f.additional_rate))),
      found.some((f) => f.known_share !== undefined) && h("tr", { class: "faint" },
        h("th", { scope: "row" }, "Known for"), cells(found.map((f) => f.known_share), mean)))),
  odds.map((text) => h("p", { class: "faint" }, text)));
}
