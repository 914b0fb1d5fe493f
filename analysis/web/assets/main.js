// Wire the page together.
function option(value, text) { return el("option", { value }, text); }

function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  $("theme").textContent = dark ? "light" : "dark";
  if (panels.length) drawBattles();
}

function setBands() {
  const bands = Object.entries(DATA.bands[view.statistic][1]);
  $("band").replaceChildren(...bands.map(([key, name]) => option(key, name)));
  view.band = bands[0][0];
  limitSmooth();
}

function limitSmooth() {  // the bootstrap band is made for the unsmoothed curves
  const fixed = view.band === "ci";
  $("smooth").disabled = fixed;
  if (fixed) $("smooth").value = view.smooth = 1;
}

function makeLegend() {
  const counts = {};
  for (const g of DATA.groups) { const c = counts[g.label] = counts[g.label] || [0, 0]; c[0] += g.n; c[1] += g.found; c[2] = (c[2] || 0) + g.partial; c[3] = c[3] || g.mixed.length; }
  $("legend").replaceChildren(...DATA.algs.map((a) => {
    const swatch = svg("svg", { viewBox: "0 0 22 10" }, svg("line", { x1: 0, x2: 22, y1: 5, y2: 5, class: `s${a.slot}`, "stroke-width": 4 }));
    swatch.style.width = "22px";
    const [n, found, partial, mixed] = counts[a.label] || [0, 0];
    const button = el("button", { type: "button", "aria-pressed": "true", "data-alg": a.label }, swatch, `${a.label} (n=${n}${found > n ? " of " + found : ""}${partial ? `, ${partial} incomplete` : ""}${mixed ? ", mixed settings" : ""})`);
    button.addEventListener("click", () => {
      const hidden = !view.hidden.delete(a.label);
      if (hidden) view.hidden.add(a.label);
      button.setAttribute("aria-pressed", String(!hidden));
      drawCharts();
    });
    return button;
  }));
}

function wireControls() {
  $("metric").replaceChildren(...DATA.metrics.map((m, i) => option(i, m.name)));
  $("metric").addEventListener("change", () => { view.metric = +$("metric").value; if (view.metric && view.band === "ci") { $("statistic").value = view.statistic = "median"; setBands(); } drawCharts(); });
  $("statistic").addEventListener("change", () => { view.statistic = $("statistic").value; setBands(); drawCharts(); });
  $("band").addEventListener("change", () => { view.band = $("band").value; limitSmooth(); drawCharts(); });
  $("smooth").replaceChildren(...DATA.windows.map((w) => option(w, w === 1 ? "none" : `${w} evaluations`)));
  $("smooth").addEventListener("change", () => { view.smooth = +$("smooth").value; drawCharts(); });
  for (const key of ["seeds", "partial", "paper"])
    $(key).addEventListener("change", () => { view[key] = $(key).checked; drawCharts(); });
  $("paper-label").hidden = !DATA.reference.some((r) => r.cells.length);
  $("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme !== "dark"));
}

function watch() {  // only in the page of `analysis serve`: reload when the server has a newer one
  const mine = +document.body.dataset.live;  // the version this page was made as; 0: a plain file
  if (!mine) return;
  setInterval(async () => {
    try {
      const state = await (await fetch("state.json", { cache: "no-store" })).json();
      if (state.version !== mine) location.reload();
    } catch { /* the server is gone or busy; ask again */ }
  }, 3000);
}

function start() {
  $("title").textContent = DATA.experiment;
  $("backend").textContent = DATA.backend;
  const info = DATA.info, pending = DATA.runs.filter((r) => r[4] === "PENDING").length;
  $("counts").textContent = `${info.n_complete} of ${info.n_found} runs complete${pending ? `, ${pending} pending` : ""}`;
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
  notes();
  setBands();
  makeLegend();
  wireControls();
  drawCharts();
  let width = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; drawCharts(); } });
  const name = DATA.experiment.replace(/[^A-Za-z0-9_.-]+/g, "-");
  const tables = { summary: summaryTable(), pairs: plainTable("pairs", DATA.pair_columns, DATA.pairs), verdicts: verdictTable(), runs: runsTable() };
  plainTable("overall", DATA.overall_columns, DATA.overall);
  $("csv-pairs").hidden = !tables.pairs;
  for (const [key, t] of Object.entries(tables)) if (t) $(`csv-${key}`).addEventListener("click", () => download(`${name}-${key}.csv`, t.rows()));
  $("csv-curves").addEventListener("click", () => download(`${name}-curves.csv`, curveRows()));
  $("filter").addEventListener("input", () => tables.runs.filter($("filter").value));
  provenancePanel();
  startViewer();
  watch();
}

start();
