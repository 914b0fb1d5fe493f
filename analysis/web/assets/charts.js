// Learning curves: one SVG per map, hover shows the values of every visible algorithm.
const W = 360, H = 225, L = 36, R = 8, T = 8, B = 26;
const view = { metric: 0, statistic: "median", band: "quartiles", smooth: 1, seeds: false, partial: true, paper: false, hidden: new Set() };
const slotOf = Object.fromEntries(DATA.algs.map((a) => [a.label, a.slot]));
const cache = new Map();

function rowsOf(metric, index, part) {
  const key = `${metric}|${index}|${part}`;
  if (!cache.has(key)) {
    const entry = DATA.curves[metric][index];
    cache.set(key, ((part ? entry.partial : entry.rows) || []).map(parse));
  }
  return cache.get(key);
}

function membersOf(map) {
  return DATA.groups.map((g, i) => ({ g, i })).filter((x) => x.g.map === map);
}

function scaleFor(map) {
  const [key, , factor, shown] = DATA.metrics[view.metric];
  let last = 1, low = 0, high = view.metric === 0 ? factor : 1e-9;
  for (const { g, i } of membersOf(map)) {
    const entry = DATA.curves[key][i];
    for (const row of [...rowsOf(key, i, false), ...(view.metric === 0 ? rowsOf(key, i, true) : [])]) {
      last = Math.max(last, (row.length - 1) * entry.every * g.interval);
      if (view.metric) for (const v of row) { if (v > high) high = v; if (v < low) low = v; }
    }
  }
  return {
    last, low, high, unit: (v) => v / factor * shown,
    x: (t) => L + (W - L - R) * t / last,
    y: (v) => T + (H - T - B) * (1 - (v - low) / (high - low || 1)),
  };
}

function line(values, every, interval, s) {
  let out = "", pen = false;
  values.forEach((v, k) => {
    if (Number.isNaN(v)) { pen = false; return; }
    out += `${pen ? "L" : "M"}${s.x(k * every * interval).toFixed(1)} ${s.y(v).toFixed(1)}`;
    pen = true;
  });
  return out;
}

function area(low, high, every, interval, s) {
  const at = (v, k) => `${s.x(k * every * interval).toFixed(1)} ${s.y(v).toFixed(1)}`;
  const up = [], down = [];
  low.forEach((v, k) => { if (!Number.isNaN(v)) { up.push(at(high[k], k)); down.unshift(at(v, k)); } });
  return up.length ? `M${up.concat(down).join("L")}Z` : "";
}

function niceStep(last) {  // 3 to 6 round ticks
  const power = 10 ** Math.floor(Math.log10(last / 4));
  return [1, 2, 2.5, 5, 10].map((m) => m * power).find((m) => last / m <= 5);
}

function axes(s) {
  const g = svg("g", {}), step = niceStep(s.last);
  for (let t = 0; t <= s.last * 1.0001; t += step)
    g.append(svg("text", { x: s.x(t), y: H - 10, "text-anchor": t === 0 ? "start" : s.x(t) > W - 30 ? "end" : "middle" }, steps(Math.round(t))));
  for (let i = 0; i <= 4; i++) {
    const v = s.low + (s.high - s.low) * i / 4, y = s.y(v);
    g.append(svg("line", { class: "axis", x1: L, x2: W - R, y1: y, y2: y }));
    g.append(svg("text", { x: L - 4, y: y + 3, "text-anchor": "end" }, show(s.unit(v), Math.abs(s.unit(s.high)) < 10 ? 1 : 0).replace(/\.0$/, "")));
  }
  return g;
}

function drawGroup(chart, x, s, curves) {
  const { g, i } = x, key = DATA.metrics[view.metric][0], entry = DATA.curves[key][i];
  if (!entry) return;
  const slot = slotOf[g.label], rows = rowsOf(key, i, false);
  if (rows.length) {
    const b = bandOf(entry, rows, view.statistic, view.band, view.smooth);
    chart.append(svg("path", { class: `area f${slot}`, d: area(b.low, b.high, entry.every, g.interval, s) }));
    if (view.seeds) for (const row of rows)
      chart.append(svg("path", { class: `seed s${slot}`, d: line(trailing(row, view.smooth), entry.every, g.interval, s) }));
    chart.append(svg("path", { class: `curve s${slot}`, "data-alg": g.label, d: line(b.center, entry.every, g.interval, s) }));
    curves.push({ g, entry, b, slot });
  }
  if (view.metric === 0 && view.partial) for (const row of rowsOf(key, i, true))
    chart.append(svg("path", { class: `part s${slot}`, d: line(trailing(row, view.smooth), entry.every, g.interval, s) }));
}

function drawPaper(chart, map, s) {
  if (view.metric !== 0 || !view.paper) return;
  const factor = DATA.metrics[0][2] / 100;
  for (const ref of DATA.reference) for (const cell of ref.cells) {
    if (cell.map !== map || view.hidden.has(cell.label)) continue;
    const slot = slotOf[cell.label];
    for (const [t, q25, median, q75] of cell.points) {
      if (t > s.last * 1.001) continue;
      const at = { class: `s${slot}`, x1: s.x(t), x2: s.x(t), y1: s.y(q25 * factor), y2: s.y(q75 * factor) };
      chart.append(svg("line", at));
      chart.append(svg("circle", { class: `hollow s${slot} paper`, cx: s.x(t), cy: s.y(median * factor), r: 3 }));
    }
  }
}

function chartOf(map) {
  const s = scaleFor(map), members = membersOf(map), curves = [];
  const counts = members.map((m) => `${m.g.label} ${m.g.n}${m.g.found > m.g.n ? " of " + m.g.found : ""}`).join(", ");
  const chart = svg("svg", { viewBox: `0 0 ${W} ${H}`, tabindex: 0, role: "img", "aria-label": `${map}: ${DATA.metrics[view.metric][1]} against environment steps` }, axes(s));
  for (const m of members) if (!view.hidden.has(m.g.label)) drawGroup(chart, m, s, curves);
  drawPaper(chart, map, s);
  if (!members.some((m) => m.g.n)) chart.append(svg("text", { x: W / 2, y: H / 2, "text-anchor": "middle" }, "pending: no complete run yet"));
  hover(chart, s, curves);
  return el("figure", { "data-map": map }, el("figcaption", {}, map, el("span", {}, `n: ${counts}`)), chart);
}

function hover(chart, s, curves) {
  const cursor = svg("line", { class: "cursor", y1: T, y2: H - B, visibility: "hidden" });
  chart.append(cursor);
  const step = Math.min(...curves.map((c) => c.entry.every * c.g.interval));
  let t = 0;
  const at = (px, py) => {
    if (!curves.length) return;
    const x = s.x(t);
    fill(cursor, { x1: x, x2: x, visibility: "visible" }, []);
    tip(px, py, t, curves, s);
  };
  chart.addEventListener("pointermove", (e) => {
    const box = chart.getBoundingClientRect(), x = (e.clientX - box.left) / box.width * W;
    t = Math.max(0, Math.min(s.last, Math.round((x - L) / (W - L - R) * s.last / step) * step));
    at(e.clientX, e.clientY);
  });
  chart.addEventListener("keydown", (e) => {
    if (e.key !== "ArrowLeft" && e.key !== "ArrowRight") return;
    e.preventDefault();
    t = Math.max(0, Math.min(s.last, t + (e.key === "ArrowRight" ? step : -step)));
    const box = chart.getBoundingClientRect();
    at(box.left + s.x(t) / W * box.width, box.top + 20);
  });
  const leave = () => { $("tip").hidden = true; cursor.setAttribute("visibility", "hidden"); };
  chart.addEventListener("pointerleave", leave);
  chart.addEventListener("blur", leave);
}

function tip(px, py, t, curves, s) {
  const unit = DATA.metrics[view.metric][4], box = $("tip"), table = el("table", {});
  for (const { g, entry, b, slot } of curves) {
    const k = Math.round(t / (entry.every * g.interval));
    if (k >= b.center.length || Number.isNaN(b.center[k])) continue;
    const range = Number.isNaN(b.low[k]) || view.band === "none" ? "" : `[${s.unit(b.low[k]).toFixed(1)} - ${s.unit(b.high[k]).toFixed(1)}]`;
    const dot = svg("svg", { viewBox: "0 0 10 10", width: 10, height: 10 }, svg("circle", { cx: 5, cy: 5, r: 5, class: `f${slot}` }));
    dot.style.width = "10px";
    table.append(el("tr", { "data-alg": g.label }, el("td", {}, dot), el("td", {}, g.label), el("td", {}, `${s.unit(b.center[k]).toFixed(1)}${unit === "%" ? " %" : ""}`), el("td", {}, range), el("td", {}, `n=${g.n}`)));
  }
  box.replaceChildren(el("strong", {}, `t_env ${steps(t)}`), table);
  box.hidden = false;
  const width = box.offsetWidth, height = box.offsetHeight;
  box.style.left = `${Math.max(4, Math.min(px + 14, innerWidth - width - 6))}px`;
  box.style.top = `${Math.max(4, Math.min(py + 14, innerHeight - height - 6))}px`;
}

function drawCharts() {
  const names = { median: "median", mean: "mean", iqm: "interquartile mean" };
  const band = BANDS[view.statistic].find((b) => b[0] === view.band);
  const smooth = view.smooth > 1 ? `, each run smoothed by a trailing mean of ${view.smooth} evaluations` : "";
  $("stat-note").textContent = `${DATA.metrics[view.metric][1]}: ${names[view.statistic]} over complete runs, band ${band[1]}${smooth}; ${DATA.backend}.`
    + (view.paper ? ` Hollow markers: ${DATA.reference.map((r) => r.name).join(", ")}, median and 25-75 %, on StarCraft II.` : "");
  $("charts").replaceChildren(...DATA.maps.map(chartOf));
}

function curveRows() {
  const key = DATA.metrics[view.metric][0], factor = DATA.metrics[view.metric][2], rows = [];
  rows.push(["map", "algorithm", "backend", "n", "t_env", `${key}_${view.statistic}`, `low_${view.band}`, `high_${view.band}`]);
  DATA.groups.forEach((g, i) => {
    const entry = DATA.curves[key][i];
    if (!entry || !entry.rows.length || view.hidden.has(g.label)) return;
    const b = bandOf(entry, rowsOf(key, i, false), view.statistic, view.band, view.smooth);
    const cell = (v) => (Number.isNaN(v) ? "" : +(v / factor).toFixed(6));
    b.center.forEach((v, k) => rows.push([g.map, g.label, g.backend, g.n, k * entry.every * g.interval, cell(v), cell(b.low[k]), cell(b.high[k])]));
  });
  return rows;
}
