// Learning curves: one SVG per map, hover shows the values of every visible algorithm.
const R = 8, T = 8, B = 26, LEAST = 330, GAP = 16;
let W = 360, H = 225, L = 36;  // size of a chart and its left margin, in its own units
const view = { metric: 0, statistic: "median", band: "quartiles", smooth: 1, seeds: false, partial: true, paper: false, hidden: new Set() };
const slotOf = Object.fromEntries(DATA.algs.map((a) => [a.label, a.slot]));
const decoded = new Map();

function layout() {  // as many charts beside each other as fit; fewer maps than that: wider charts
  const width = $("charts").clientWidth, fit = Math.max(1, Math.floor((width + GAP) / (LEAST + GAP)));
  const n = DATA.maps.length;
  [W, H] = [360, 225];
  if (n >= fit || n < 1) return;
  W = Math.max(360, Math.floor((width - GAP * (n - 1)) / n - 20));  // one unit is one pixel: text keeps its size
  H = Math.max(225, Math.min(400, Math.round(W * 0.45)));
}

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
  const { is_rate: rate, percent } = metricNow();
  let last = 1, low = rate ? 0 : Infinity, high = rate ? 1 : -Infinity;
  for (const { g, i } of membersOf(map)) {
    const entry = entryOf(i, 1);  // smoothing leaves the axes as they are
    for (const row of [...entry.runs, ...entry.unfinished].map(numbers)) {
      last = Math.max(last, (row.length - 1) * entry.every * g.interval);
      if (!rate) for (const v of row) { if (v > high) high = v; if (v < low) low = v; }
    }
  }
  if (!(low < high)) [low, high] = Number.isFinite(low) ? [low - 0.5, high + 0.5] : [0, 1];  // one value, or none
  const step = rate ? 0.25 : niceStep(high - low, 5);
  // Whole ticks; the values are stored rounded, so one may lie a little beyond its tick.
  [low, high] = [Math.floor(low / step + 0.005) * step, Math.ceil(high / step - 0.005) * step];
  const digits = rate ? 0 : Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)) + (String(step).includes("25") ? 1 : 0));
  return {
    last, low, high, step, digits, unit: (v) => v * percent,
    text: (v) => (v * percent).toFixed(rate ? 1 : digits + 1),
    x: (t) => L + (W - L - R) * t / last,
    y: (v) => T + (H - T - B) * (1 - (v - low) / (high - low || 1)),
  };
}

function line(values, every, interval, s) {
  let out = "", pen = false;
  values.forEach((v, k) => {
    if (Number.isNaN(v)) { pen = false; return; }
    const alone = !pen && !(k + 1 < values.length && !Number.isNaN(values[k + 1]));
    if (alone) {  // one evaluation is a short dash: a line of one point would not be seen
      out += `M${(s.x(k * every * interval) - 3).toFixed(1)} ${s.y(v).toFixed(1)}h6`;
      return;
    }
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

function niceStep(range, most) {  // round ticks, at most that many steps
  const power = 10 ** Math.floor(Math.log10(range / (most - 1)));
  return [1, 2, 2.5, 5, 10].map((m) => m * power).find((m) => range / m <= most * 1.002);
}

function axes(s) {
  const g = svg("g", {}), step = niceStep(s.last, Math.max(5, Math.floor(W / 100)));
  for (let t = 0; t <= s.last * 1.0001; t += step)
    g.append(svg("text", { x: s.x(t), y: H - 10, "text-anchor": t === 0 ? "start" : s.x(t) > W - 30 ? "end" : "middle" }, steps(Math.round(t))));
  for (let i = 0; i <= Math.round((s.high - s.low) / s.step); i++) {
    const v = s.low + s.step * i, y = s.y(v);
    g.append(svg("line", { class: "axis", x1: L, x2: W - R, y1: y, y2: y }));
    g.append(svg("text", { x: L - 4, y: y + 3, "text-anchor": "end" }, s.unit(v).toFixed(s.digits)));
  }
  return g;
}

function drawGroup(chart, x, s, curves) {
  const { g, i } = x, entry = entryOf(i), curve = curveOf(i), slot = slotOf[g.label];
  const path = (kind, values) => svg("path", { class: `${kind} s${slot}`, d: line(values, entry.every, g.interval, s) });
  if (curve) {
    chart.append(svg("path", { class: `area f${slot}`, "data-alg": g.label, d: area(curve.low, curve.high, entry.every, g.interval, s) }));
    if (view.seeds) for (const row of entry.runs) chart.append(path("seed", numbers(row)));
    const whole = g.partial ? Math.ceil(g.whole / entry.every) : curve.center.length;
    const part = (keep) => curve.center.map((v, k) => (keep(k) ? v : NaN));
    chart.append(fill(path("curve", part((k) => k < whole)), { "data-alg": g.label }, []));
    if (whole < curve.center.length)  // from where the first of the runs ended
      chart.append(fill(path("curve short", part((k) => k >= whole - 1)), { "data-alg": g.label }, []));
    curves.push({ g, curve, slot });
  }
  if (view.partial) for (const row of entry.unfinished) chart.append(path("part", numbers(row)));
}

function drawPaper(chart, map, s) {
  if (view.metric !== 0 || !view.paper) return;  // references are of the metric shown first
  for (const ref of DATA.reference) for (const cell of ref.cells) {
    if (cell.map !== map || view.hidden.has(cell.label)) continue;
    const slot = slotOf[cell.label], { percent } = metricNow();
    for (const [t, q25, median, q75] of cell.points) {  // published as shown
      if (t > s.last * 1.001) continue;
      const at = { class: `s${slot}`, x1: s.x(t), x2: s.x(t), y1: s.y(q25 / percent), y2: s.y(q75 / percent) };
      chart.append(svg("line", at));
      chart.append(svg("circle", { class: `hollow s${slot} paper`, cx: s.x(t), cy: s.y(median / percent), r: 3 }));
    }
  }
}

function chartOf(map) {
  const s = scaleFor(map), members = membersOf(map), curves = [];
  const counts = members.map((m) => `${m.g.label} ${m.g.n}${m.g.found > m.g.n ? " of " + m.g.found : ""}${m.g.partial ? ` (${m.g.partial} incomplete)` : ""}`).join(", ");
  const mixed = members.filter((m) => m.g.mixed.length).map((m) => `${m.g.label}: different ${m.g.mixed.join("; ")}`);
  L = Math.max(36, 12 + 6 * Math.max(...[s.low, s.high].map((v) => s.unit(v).toFixed(s.digits).length)));
  const chart = svg("svg", { viewBox: `0 0 ${W} ${H}`, tabindex: 0, role: "img", "aria-label": `${map}: ${metricNow().name} against environment steps` }, axes(s));
  for (const m of members) if (!view.hidden.has(m.g.label)) drawGroup(chart, m, s, curves);
  drawPaper(chart, map, s);
  if (!members.some((m) => m.g.n)) wrapped(emptyReason(members)).forEach((text, i, lines) => chart.append(
    svg("text", { x: W / 2, y: H / 2 + 13 * (i - (lines.length - 1) / 2), "text-anchor": "middle" }, text)));
  hover(chart, s, curves);
  const caption = el("figcaption", {}, map, el("span", {}, `n: ${counts}`));
  if (mixed.length) caption.append(el("span", { class: "mixed" }, `Pooled settings. ${mixed.join(". ")}`));
  return el("figure", { "data-map": map }, caption, chart);
}

function wrapped(text) {  // lines that fit a chart
  const lines = [""], most = Math.max(20, (W - L - R) / 6.2);
  for (const word of text.split(" ")) {
    if (lines.at(-1) && lines.at(-1).length + word.length >= most) lines.push("");
    lines.push(`${lines.pop()} ${word}`.trim());
  }
  return lines;
}

function emptyReason(members) {
  const pending = DATA.runs.some((r) => r[4] === "PENDING" && members.length && r[1] === members[0].g.map);
  const reasons = [...new Set(members.map((m) => m.g.why))];
  return pending ? "pending: no complete run yet" : reasons.length === 1 ? reasons[0] : `no complete run: ${reasons.join("; ")}`;
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
    const range = Number.isNaN(low) ? "" : `[${s.text(low)} - ${s.text(high)}]`;
    const dot = svg("svg", { viewBox: "0 0 10 10", width: 10, height: 10 }, svg("circle", { cx: 5, cy: 5, r: 5, class: `f${slot}` }));
    dot.style.width = "10px";
    table.append(el("tr", { "data-alg": g.label }, el("td", {}, dot), el("td", {}, g.label), el("td", {}, `${s.text(center)}${unit === "%" ? " %" : ""}`), el("td", {}, range), el("td", {}, `n=${g.n}`)));
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
  $("stat-note").textContent = `${metricNow().name}: ${name} over ${DATA.info.partial.length ? "complete and incomplete" : "complete"} runs, band ${bands[view.band]}${smooth}; ${DATA.backend}.`
    + (view.paper ? ` Hollow markers: ${DATA.reference.map((r) => r.name).join(", ")}, median and 25-75 %, on StarCraft II.` : "");
  const cut = DATA.info.until ? ` Everything is cut at ${steps(DATA.info.until)} env steps.` : "";
  if (cut) $("stat-note").append(cut);
  layout();
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
