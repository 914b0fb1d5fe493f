// Learning curves: one SVG per map, hover shows the values of every visible algorithm.
const W = 360, H = 225, L = 36, R = 8, T = 8, B = 26;
const view = { metric: 0, statistic: "median", band: "quartiles", smooth: 1, seeds: false, partial: true, paper: false, hidden: new Set() };
const slotOf = Object.fromEntries(DATA.algs.map((a) => [a.label, a.slot]));
const decoded = new Map();

function metricNow() { return DATA.metrics[view.metric]; }

function entryOf(index, smooth = view.smooth) { return DATA.curves[metricNow().key][index][smooth]; }

function numbers(text) {
  const metric = metricNow(), key = metric.key + text;
  if (!decoded.has(key)) decoded.set(key, decode(text, metric));
  return decoded.get(key);
}

// The curve that is switched on, as analysis/web/curves.py computed it; null: no complete run.
function curveOf(index) {
  const entry = entryOf(index), text = entry.centers[view.statistic];
  if (text === undefined) return null;
  const center = numbers(text), band = entry.bands[view.band];
  const [low, high] = band ? band.map(numbers) : [center.map(() => NaN), center.map(() => NaN)];
  return { every: entry.every, center, low, high };
}

function membersOf(map) {
  return DATA.groups.map((g, i) => ({ g, i })).filter((x) => x.g.map === map);
}

function scaleFor(map) {
  let last = 1, low = 0, high = view.metric === 0 ? 1 : 1e-9;
  for (const { g, i } of membersOf(map)) {
    const entry = entryOf(i, 1);  // smoothing leaves the axes as they are
    for (const row of [...entry.runs, ...entry.unfinished].map(numbers)) {
      last = Math.max(last, (row.length - 1) * entry.every * g.interval);
      if (view.metric) for (const v of row) { if (v > high) high = v; if (v < low) low = v; }
    }
  }
  const { percent } = metricNow();
  return {
    last, low, high, unit: (v) => v * percent,
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
  const { g, i } = x, entry = entryOf(i), curve = curveOf(i), slot = slotOf[g.label];
  const path = (kind, values) => svg("path", { class: `${kind} s${slot}`, d: line(values, entry.every, g.interval, s) });
  if (curve) {
    chart.append(svg("path", { class: `area f${slot}`, "data-alg": g.label, d: area(curve.low, curve.high, entry.every, g.interval, s) }));
    if (view.seeds) for (const row of entry.runs) chart.append(path("seed", numbers(row)));
    chart.append(fill(path("curve", curve.center), { "data-alg": g.label }, []));
    curves.push({ g, curve, slot });
  }
  if (view.partial) for (const row of entry.unfinished) chart.append(path("part", numbers(row)));
}

function drawPaper(chart, map, s) {
  if (view.metric !== 0 || !view.paper) return;
  for (const ref of DATA.reference) for (const cell of ref.cells) {
    if (cell.map !== map || view.hidden.has(cell.label)) continue;
    const slot = slotOf[cell.label];
    for (const [t, q25, median, q75] of cell.points) {  // published in percent
      if (t > s.last * 1.001) continue;
      const at = { class: `s${slot}`, x1: s.x(t), x2: s.x(t), y1: s.y(q25 / 100), y2: s.y(q75 / 100) };
      chart.append(svg("line", at));
      chart.append(svg("circle", { class: `hollow s${slot} paper`, cx: s.x(t), cy: s.y(median / 100), r: 3 }));
    }
  }
}

function chartOf(map) {
  const s = scaleFor(map), members = membersOf(map), curves = [];
  const counts = members.map((m) => `${m.g.label} ${m.g.n}${m.g.found > m.g.n ? " of " + m.g.found : ""}`).join(", ");
  const chart = svg("svg", { viewBox: `0 0 ${W} ${H}`, tabindex: 0, role: "img", "aria-label": `${map}: ${metricNow().name} against environment steps` }, axes(s));
  for (const m of members) if (!view.hidden.has(m.g.label)) drawGroup(chart, m, s, curves);
  drawPaper(chart, map, s);
  if (!members.some((m) => m.g.n)) chart.append(svg("text", { x: W / 2, y: H / 2, "text-anchor": "middle" }, "pending: no complete run yet"));
  hover(chart, s, curves);
  return el("figure", { "data-map": map }, el("figcaption", {}, map, el("span", {}, `n: ${counts}`)), chart);
}

function hover(chart, s, curves) {
  const cursor = svg("line", { class: "cursor", y1: T, y2: H - B, visibility: "hidden" });
  chart.append(cursor);
  const step = Math.min(...curves.map((c) => c.curve.every * c.g.interval));
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
  const { unit } = metricNow(), box = $("tip"), table = el("table", {});
  for (const { g, curve, slot } of curves) {
    const k = Math.round(t / (curve.every * g.interval)), center = curve.center[k], low = curve.low[k], high = curve.high[k];
    if (k >= curve.center.length || Number.isNaN(center)) continue;
    const range = Number.isNaN(low) ? "" : `[${s.unit(low).toFixed(1)} - ${s.unit(high).toFixed(1)}]`;
    const dot = svg("svg", { viewBox: "0 0 10 10", width: 10, height: 10 }, svg("circle", { cx: 5, cy: 5, r: 5, class: `f${slot}` }));
    dot.style.width = "10px";
    table.append(el("tr", { "data-alg": g.label }, el("td", {}, dot), el("td", {}, g.label), el("td", {}, `${s.unit(center).toFixed(1)}${unit === "%" ? " %" : ""}`), el("td", {}, range), el("td", {}, `n=${g.n}`)));
  }
  box.replaceChildren(el("strong", {}, `t_env ${steps(t)}`), table);
  box.hidden = false;
  const width = box.offsetWidth, height = box.offsetHeight;
  box.style.left = `${Math.max(4, Math.min(px + 14, innerWidth - width - 6))}px`;
  box.style.top = `${Math.max(4, Math.min(py + 14, innerHeight - height - 6))}px`;
}

function drawCharts() {
  const [name, bands] = DATA.bands[view.statistic];
  const smooth = view.smooth > 1 ? `, each run smoothed by a trailing mean of ${view.smooth} evaluations` : "";
  $("stat-note").textContent = `${metricNow().name}: ${name} over complete runs, band ${bands[view.band]}${smooth}; ${DATA.backend}.`
    + (view.paper ? ` Hollow markers: ${DATA.reference.map((r) => r.name).join(", ")}, median and 25-75 %, on StarCraft II.` : "");
  $("charts").replaceChildren(...DATA.maps.map(chartOf));
}

function curveRows() {
  const { key } = metricNow();
  const rows = [["map", "algorithm", "backend", "engine", "n", "t_env", `${key}_${view.statistic}`, `low_${view.band}`, `high_${view.band}`]];
  DATA.groups.forEach((g, i) => {
    const curve = view.hidden.has(g.label) ? null : curveOf(i);
    if (!curve) return;
    const cell = (v) => (Number.isNaN(v) ? "" : +v.toFixed(6));
    curve.center.forEach((v, k) => rows.push([g.map, g.label, g.backend, g.engine, g.n, k * curve.every * g.interval, cell(v), cell(curve.low[k]), cell(curve.high[k])]));
  });
  return rows;
}
