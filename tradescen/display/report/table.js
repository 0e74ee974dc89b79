// A table that sorts by its heads, filters, shows a part at a time and gives its rows as CSV.

// columns: key, label, num, raw(row), show(row); roomy: left out on a phone, where under(row)
// stands below the first cell; rows(); filters: key, label, options(), test(row, v)
function sheet(options) {
  const page = options.page || 15;
  const chosen = {};
  let words = "";
  let sort = null; // { key, down }
  let most = page;
  let timer = 0;
  const status = h("p", { class: "count", role: "status" });
  const table = h("table", {});
  const more = h("button", { type: "button", onclick: () => { most += 100; render(); } });
  const box = options.search && h("input", {
    type: "search", id: `${options.id}-find`, autocomplete: "off", spellcheck: "false",
    placeholder: options.hint || "",
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(() => { words = box.value; most = page; render(); }, 120);
    },
  });
  const picks = (options.filters || []).map((f) => {
    const pick = h("select", { id: `${options.id}-${f.key}`,
      onchange: () => { chosen[f.key] = pick.value; most = page; render(); } },
    f.options().map(([value, label]) => h("option", { value }, label)));
    chosen[f.key] = pick.value;
    return h("label", { for: pick.id }, f.label, pick);
  });
  const save = h("button", { type: "button", onclick: () => {
    const columns = live();
    download(`${options.file || options.id}.csv`, columns.map((c) => c.csv || c.key),
      sorted(columns).map((r) => columns.map((c) => c.raw(r))));
  } }, "Download CSV");
  const all = options.whole && h("button", { type: "button", onclick: options.whole.get }, options.whole.label);
  const holder = h("div", { class: "sheet", id: options.id },
    options.title && h("h3", { id: `${options.id}-h` }, options.title),
    options.note && h("p", { class: "faint" }, options.note),
    h("div", { class: "tools" }, box && h("label", { for: box.id }, options.label || "Filter", box), picks,
      save, all),
    h("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": options.title || options.label }, table),
    h("div", { class: "tools foot" }, status, more));

  function live() {
    return typeof options.columns === "function" ? options.columns() : options.columns;
  }

  function filtered() {
    const tests = (options.filters || []).map((f) => (row) => !chosen[f.key] || f.test(row, chosen[f.key]));
    const find = options.search && words.trim() ? options.search(words.trim()) : null;
    return options.rows().filter((row) => tests.every((t) => t(row)) && (!find || find(row)));
  }

  function sorted(columns) {
    const rows = filtered();
    const column = sort && columns.find((c) => c.key === sort.key);
    if (!column) return rows;
    const way = sort.down ? -1 : 1;
    const keyed = rows.map((row, n) => [column.raw(row), n, row]);
    const none = (v) => v === null || v === undefined || Number.isNaN(v);
    keyed.sort(([a, i], [b, j]) => {
      if (none(a) || none(b)) return none(a) - none(b) || i - j; // what is unknown comes last
      const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en");
      return way * order || i - j;
    });
    return keyed.map((k) => k[2]);
  }

  function render() {
    const columns = live();
    const rows = sorted(columns);
    const active = document.activeElement;
    const focused = active && table.contains(active) && active.dataset ? active.dataset.sort : null;
    const caption = options.caption && h("caption", {}, options.caption());
    table.replaceChildren(
      ...(caption ? [caption] : []),
      h("thead", {}, h("tr", {}, columns.map((c) => h("th", {
        scope: "col", class: `${c.num ? "num" : ""} ${c.roomy ? "roomy" : ""}`.trim(),
        "aria-sort": sort && sort.key === c.key ? (sort.down ? "descending" : "ascending") : "none",
      }, h("button", { type: "button", class: "sort", "data-sort": c.key, onclick: () => {
        const down = sort && sort.key === c.key ? !sort.down : Boolean(c.num);
        sort = { key: c.key, down };
        render();
      } }, c.head ? c.head() : c.label, h("span", { class: "arrow", "aria-hidden": "true" },
        sort && sort.key === c.key ? (sort.down ? "\u00a0▼" : "\u00a0▲") : "\u00a0↕")))))),
      h("tbody", {}, rows.slice(0, most).map((row) => h("tr", {}, columns.map((c, n) => h(
        n === 0 ? "th" : "td", { class: `${c.num ? "num" : ""} ${c.wide ? "wide" : ""} ${c.tight ? "tight" : ""} ${c.roomy ? "roomy" : ""}`.trim(),
          scope: n === 0 ? "row" : null }, c.show ? c.show(row) : c.raw(row),
        c.under && h("span", { class: "under faint" }, c.under(row))))))));
    const shown = Math.min(most, rows.length);
    status.textContent = rows.length ? `${count(shown)} of ${count(rows.length)} rows` : "No row fits.";
    more.hidden = shown >= rows.length;
    more.textContent = `Show ${count(Math.min(100, rows.length - shown))} more`;
    if (focused) {
      const again = table.querySelector(`[data-sort="${CSS.escape(focused)}"]`);
      if (again) again.focus();
    }
  }

  holder.render = render;
  holder.find = (text) => { box.value = text; words = text; most = page; render(); };
  return holder;
}

// Every word stands somewhere in the text of a row.
function anyText(columns) {
  return (words) => {
    const wanted = words.toLowerCase().split(/\s+/);
    return (row) => {
      const text = columns.map((c) => c.raw(row)).filter((v) => v !== null && v !== undefined)
        .join(" ").toLowerCase();
      return wanted.every((w) => text.includes(w));
    };
  };
}
