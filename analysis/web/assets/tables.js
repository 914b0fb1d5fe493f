// Tables: sortable by any column, CSV of what is shown.
function table(node, columns, rows) {
  const state = { key: -1, up: true, filter: "" };
  const head = el("tr", {});
  columns.forEach((c, i) => {
    const th = el("th", { scope: "col", tabindex: 0, title: c.title || c.name }, c.name);
    const sort = () => { state.up = state.key === i ? !state.up : true; state.key = i; draw(); };
    th.addEventListener("click", sort);
    th.addEventListener("keydown", (e) => { if (e.key === "Enter") sort(); });
    head.append(th);
  });
  const body = el("tbody", {});
  node.replaceChildren(el("thead", {}, head), body);

  function order(a, b) {
    const x = columns[state.key].value(a), y = columns[state.key].value(b);
    const empty = (v) => v === null || v === undefined || v === "";
    if (empty(x) || empty(y)) return empty(x) - empty(y);  // empty cells last either way
    const sign = state.up ? 1 : -1;
    if (typeof x === "number" && typeof y === "number") return sign * (x - y);
    return sign * String(x).localeCompare(String(y), "en", { numeric: true });
  }

  function shown() {
    const words = state.filter.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = rows.filter((r) => {
      const text = columns.map((c) => c.value(r)).join(" ").toLowerCase();
      return words.every((w) => text.includes(w));
    });
    return state.key < 0 ? kept : kept.map((r, i) => [r, i]).sort((a, b) => order(a[0], b[0]) || a[1] - b[1]).map((x) => x[0]);
  }

  function draw() {
    [...head.children].forEach((th, i) => {
      if (i === state.key) th.setAttribute("aria-sort", state.up ? "ascending" : "descending");
      else th.removeAttribute("aria-sort");
    });
    body.replaceChildren(...shown().map((row) => {
      const tr = el("tr", {});
      for (const c of columns) {
        const value = c.value(row), td = el("td", {});
        if (typeof value === "number") td.className = "num";
        if (c.wide) td.className = "wide";
        if (c.tag && /^[A-Z]+$/.test(String(value))) td.className = value;
        if (c.bold && row.best) td.classList.add("best");
        td.append(c.cell ? c.cell(row) : show(value, c.digits));
        tr.append(td);
      }
      return tr;
    }));
  }

  draw();
  return {
    filter: (text) => { state.filter = text; draw(); },
    rows: () => [columns.map((c) => c.name), ...shown().map((r) => columns.map((c) => c.value(r)))],
  };
}

function summaryTable() {
  const keys = Object.keys(DATA.columns).filter((k) => !["metric", "backend", "sc2_build", "engine_version", "final_window", "n_incomplete"].includes(k));
  const names = { alg: "algorithm", n_complete: "n", n_found: "found", final_median: `median${DATA.metric.is_rate ? " %" : ""}`, final_q25: "25 %", final_q75: "75 %", final_min: "min", final_max: "max", final_mean: "mean", final_std: "sd", sd_episodes: "sd episodes", sd_seeds: "sd seeds", final_iqm: "IQM", final_iqm_low: "IQM low", final_iqm_high: "IQM high", table_value: "table value", auc_median: "AUC", t_50_median: "t at 50 %", t_end: "t end" };
  const columns = keys.map((k) => ({ name: names[k] || k, title: DATA.columns[k], value: (r) => r[k], wide: k === "excluded" || k === "mixed", bold: k === "final_median", digits: k.startsWith("t_") ? 0 : DATA.metric.is_rate ? 1 : 2 }));
  const windows = [...new Set(DATA.summary.map((r) => r.final_window).filter((w) => w))].join("/");
  $("summary-note").textContent = `${DATA.backend}. ${DATA.metric.name}. Final value: each run's mean of its last ${windows || 10} evaluation(s), then the median over runs${DATA.metric.is_rate ? ", in percent" : ""}; bold: best on its map${DATA.metric.is_rate ? " by at least one test episode (1/32)" : ""}. ${DATA.info.n_complete} of ${DATA.info.n_found} runs complete. Hover a heading for its meaning.`;
  return table($("summary"), columns, DATA.summary);
}

function plainTable(id, columns, rows) {  // a table straight from documented columns
  if (!rows.length) return null;
  $("s-overall").hidden = false;
  const keys = Object.keys(columns), fine = (k) => k.startsWith("p_") || k === "rank_p";
  return table($(id), keys.map((k) => ({ name: k.replace(/_/g, " "), title: columns[k], value: (r) => r[k], digits: fine(k) ? 3 : 1 })), rows);
}

function verdictTable() {
  if (!DATA.verdicts.length) return null;
  $("s-verdicts").hidden = false;
  const f = Object.fromEntries(DATA.verdict_fields.map((k, i) => [k, i]));
  const names = [["map", "map"], ["alg", "algorithm"], ["verdict", "verdict"], ["at", "at"], ["n", "n"], ["median", "ours %"], ["q25", "25 %"], ["q75", "75 %"], ["ref_n", "ref n"], ["ref_median", "reference %"], ["ref_q25", "ref 25 %"], ["ref_q75", "ref 75 %"], ["difference", "difference"], ["p_value", "p"], ["power_10", "power at 10 points"], ["seeds_10", "seeds for 80 %"], ["reference", "reference"], ["reasons", "why"]];
  const columns = names.map(([k, name]) => ({ name, value: (r) => r[f[k]], tag: k === "verdict", wide: k === "reasons", digits: k === "p_value" ? 3 : k === "power_10" ? 2 : 1 }));
  $("verdict-note").textContent = `${DATA.verdict_rule} Sources: ${DATA.reference.map((r) => r.source).join("; ")}.` + (DATA.no_reference.length ? ` No reference for: ${DATA.no_reference.join(", ")}.` : "");
  return table($("verdicts"), columns, DATA.verdicts);
}

function runsTable() {
  const f = Object.fromEntries(DATA.run_columns.map((k, i) => [k, i]));
  const links = (r) => {
    const span = el("span", {});
    for (const k of ["log", "config"]) if (r[f[k]]) span.append(el("a", { href: r[f[k]] }, k), " ");
    return span;
  };
  const progress = (r) => r[f.status] === "COMPLETED" ? r[f.t_last] : r[f.progress_t_env] ?? r[f.t_last];
  const columns = [
    { name: "map", value: (r) => r[f.map] }, { name: "algorithm", value: (r) => r[f.alg] }, { name: "seed", value: (r) => r[f.seed] },
    { name: "status", value: (r) => r[f.status], tag: true }, { name: "why", value: (r) => r[f.reason], wide: true },
    { name: "t_env", value: progress, digits: 0 }, { name: "t_max", value: (r) => r[f.t_max], digits: 0 },
    { name: "duration", value: (r) => r[f.duration_s], cell: (r) => duration(r[f.duration_s]) },
    { name: "steps/s", value: (r) => r[f.rate] ?? r[f.progress_rate], digits: 0 },
    { name: "left", value: (r) => r[f.eta_s], cell: (r) => duration(r[f.eta_s]) },
    { name: "memory MiB", value: (r) => r[f.max_rss_mib], digits: 0 }, { name: "resumes", value: (r) => r[f.resumes] },
    { name: "failed tries", value: (r) => r[f.failed_attempts] }, { name: "backend", value: (r) => (r[f.sc2_build] || r[f.backend]) + (r[f.engine_version] ? `, engine ${r[f.engine_version]}` : "") },
    { name: "host", value: (r) => r[f.host] }, { name: "files", value: (r) => r[f.log], cell: links },
  ];
  return table($("runs"), columns, DATA.runs);
}

function provenancePanel() {
  const box = $("provenance");
  if (!DATA.provenance.length) box.append(el("p", { class: "small" }, "No run has written its provenance yet."));
  DATA.provenance.forEach((p, i) => {
    const list = el("dl", {});
    for (const [key, value] of Object.entries(p)) {
      if (value === null || value === "" || key === "runs") continue;
      const text = key === "packages" ? Object.entries(value).map(([n, v]) => `${n} ${v}`).join(", ") : String(value);
      list.append(el("dt", {}, key), el("dd", {}, text));
    }
    const fold = el("details", i ? {} : { open: "" }, el("summary", {}, `${p.runs} runs`), list);
    box.append(fold);
  });
  box.append(el("p", { class: "small" }, `Completeness: ${DATA.info.rule}.`));
}

function notes() {
  const box = $("notes"), info = DATA.info;
  const add = (title, lines) => {
    if (!lines.length) return;
    box.hidden = false;
    const list = el("ul", {}, ...lines.slice(0, 200).map((x) => el("li", {}, x)));
    if (lines.length <= 3) box.append(el("strong", {}, title), list);
    else box.append(el("details", {}, el("summary", {}, `${title} (${lines.length})`), list));
  };
  add("Called out", info.call_outs);
  add("Incomplete runs, shown as far as they go", info.partial.map((p) => `${p.run}: ${p.reason}`));
  add("Runs left out", info.exclusions.map((e) => `${e.run}: ${e.reason}`));
  add("Repaired or left out inside runs", info.repairs.flatMap((r) => r.problems.map((p) => `${r.run}: ${p}`)));
  add("Skipped", info.skipped.map((s) => `${s.path}: ${s.reason}`));
}
