// Battle viewer: recorded episodes on a canvas; two can run side by side on one clock.
const clock = { at: 0, playing: false, last: 0 };
const panels = [];
const CELL = 50;  // positions are stored in 1/50 of a map cell

function css(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

function battleName(b) {
  const parts = [b.map, b.alg, b.seed !== "" ? `seed ${b.seed}` : "", b.t_env !== "" ? `t_env ${b.t_env}` : "", b.file];
  return parts.filter(Boolean).join(" · ");
}

function bounds(b) {  // the part of the map where units ever are, with a margin
  let [x0, y0, x1, y1] = [1e9, 1e9, -1e9, -1e9];
  for (const f of b.frames) for (let i = 0; i < b.units.length; i++) {
    x0 = Math.min(x0, f[1][i]); x1 = Math.max(x1, f[1][i]); y0 = Math.min(y0, f[2][i]); y1 = Math.max(y1, f[2][i]);
  }
  [x0, y0, x1, y1] = [x0 / CELL - 2, y0 / CELL - 2, x1 / CELL + 2, y1 / CELL + 2];
  const grow = Math.max(0, (x1 - x0) * 0.6 - (y1 - y0)) / 2;
  return [x0, y0 - grow, x1, y1 + grow];
}

function rival(first) {  // for the second panel: another algorithm on the same map, if there is one
  const a = DATA.battles[first], other = (b) => b.map === a.map && b.alg !== a.alg;
  const at = DATA.battles.findIndex(other);
  return at >= 0 ? at : Math.min(first + 1, DATA.battles.length - 1);
}

function makePanel(index) {
  const select = el("select", { "aria-label": "battle" });
  DATA.battles.forEach((b, i) => select.append(el("option", { value: i }, battleName(b))));
  select.value = index ? rival(+panels[0].select.value) : 0;
  const canvas = el("canvas", { width: 720, height: 460 }), info = el("p", { class: "small" }), acts = el("div", { class: "acts" });
  const panel = { select, canvas, info, acts, node: el("div", { class: "viewer" }, select, canvas, info, acts) };
  select.addEventListener("change", () => { panel.box = null; setLength(); drawBattles(); });
  return panel;
}

function frameOf(panel) {
  const b = DATA.battles[+panel.select.value];
  return [b, Math.min(Math.floor(clock.at), b.frames.length - 1)];
}

function drawPanel(panel) {
  const [b, k] = frameOf(panel), f = b.frames[k], next = b.frames[Math.min(k + 1, b.frames.length - 1)];
  const part = Math.min(1, clock.at - k), c = panel.canvas.getContext("2d");
  panel.box = panel.box || bounds(b);
  const [x0, y0, x1, y1] = panel.box, scale = panel.canvas.width / (x1 - x0);
  const height = Math.max(120, Math.round((y1 - y0) * scale));
  if (panel.canvas.height !== height) panel.canvas.height = height;
  const X = (i) => ((f[1][i] + (next[1][i] - f[1][i]) * part) / CELL - x0) * scale;
  const Y = (i) => height - ((f[2][i] + (next[2][i] - f[2][i]) * part) / CELL - y0) * scale;
  c.clearRect(0, 0, panel.canvas.width, height);
  c.fillStyle = css("--wall");
  b.rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++)
      if (row[x] === "0") c.fillRect((x - x0) * scale, height - (y + 1 - y0) * scale, scale + 0.5, scale + 0.5);
  });
  const sides = [css("--ally"), css("--enemy")], ink = css("--fg");
  for (const [from, to] of b.attacks[k] || []) {
    if (f[5][from] !== "1") continue;
    c.strokeStyle = sides[b.units[from][0]]; c.globalAlpha = 0.6; c.lineWidth = 1.5;
    c.beginPath(); c.moveTo(X(from), Y(from)); c.lineTo(X(to), Y(to)); c.stroke();
  }
  c.globalAlpha = 1;
  b.units.forEach(([side, type, radius, healthMax, shieldMax], i) => {
    const x = X(i), y = Y(i), r = Math.max(5, radius * scale);
    c.strokeStyle = c.fillStyle = sides[side];
    if (f[5][i] !== "1") {
      c.globalAlpha = 0.35; c.lineWidth = 2; c.beginPath();
      c.moveTo(x - 4, y - 4); c.lineTo(x + 4, y + 4); c.moveTo(x + 4, y - 4); c.lineTo(x - 4, y + 4); c.stroke();
      c.globalAlpha = 1;
      return;
    }
    c.beginPath(); c.arc(x, y, r, 0, 7);
    c.globalAlpha = 0.75; c.fill(); c.globalAlpha = 1;
    c.lineWidth = 1.5; c.strokeStyle = ink;
    if (side) { c.setLineDash([3, 2]); } c.stroke(); c.setLineDash([]);
    c.fillStyle = ink; c.font = "11px sans-serif"; c.textAlign = "center";
    c.fillText(String(side ? i - b.units.filter((u) => !u[0]).length : i), x, y + 4);
    const bar = (value, most, dy, color) => {
      if (most <= 0) return;
      c.fillStyle = css("--line"); c.fillRect(x - r, y - r - dy, 2 * r, 4);
      c.fillStyle = color; c.fillRect(x - r, y - r - dy, 2 * r * Math.max(0, Math.min(1, value / 10 / most)), 4);
    };
    bar(f[3][i], healthMax, 7, css("--c2")); bar(f[4][i], shieldMax, 12, css("--c5"));
  });
  describe(panel, b, k, f);
}

function describe(panel, b, k, f) {
  const alive = [0, 0], total = [0, 0];
  b.units.forEach((u, i) => { total[u[0]]++; if (f[5][i] === "1") alive[u[0]]++; });
  const result = Object.entries(b.result).map(([key, v]) => `${key} ${v}`).join(", ");
  panel.info.textContent = `${b.backend_label} · ${b.clock} ${f[0]} · allies ${alive[0]}/${total[0]}, enemies ${alive[1]}/${total[1]}${result ? " · " + result : ""}`;
  panel.canvas.dataset.frame = k;
  panel.canvas.dataset.alive = alive.join(",");
  // one entry per environment step; frames may be finer than steps
  const at = Math.floor(k * b.actions.length / Math.max(1, b.frames.length - 1));
  const step = b.actions[Math.min(at, b.actions.length - 1)] || [];
  panel.acts.replaceChildren(...step.map((a, i) => {
    const name = a < 0 ? "?" : b.names[a] || `action ${a}`;
    return el("span", f[5][i] === "1" ? {} : { class: "dead" }, `${i} ${b.units[i] ? b.units[i][1] : ""}: ${name}`);
  }));
}

function length() { return Math.max(...panels.map((p) => DATA.battles[+p.select.value].frames.length)); }

function setLength() { $("scrub").max = length() - 1; seek(Math.min(clock.at, length() - 1)); }

function drawBattles() {
  panels.forEach(drawPanel);
  $("scrub").value = Math.floor(clock.at);
  $("step-out").textContent = `${Math.floor(clock.at)} of ${length() - 1}`;
}

function seek(at) { clock.at = Math.max(0, Math.min(at, length() - 1)); drawBattles(); }

function tick(now) {
  if (!clock.playing) return;
  const passed = Math.min(0.2, (now - clock.last) / 1000);
  clock.last = now;
  const fps = DATA.battles[+panels[0].select.value].fps;  // 1x is the game's own speed
  seek(clock.at + passed * fps * +$("speed").value);
  if (clock.at >= length() - 1) return play(false);
  requestAnimationFrame(tick);
}

function play(on) {
  clock.playing = on;
  $("play").textContent = on ? "pause" : "play";
  if (!on) return;
  if (clock.at >= length() - 1) clock.at = 0;
  clock.last = performance.now();
  requestAnimationFrame(tick);
}

function showPanels(count) {
  panels.length = 0;
  for (let i = 0; i < count; i++) panels.push(makePanel(i));
  $("viewers").replaceChildren(...panels.map((p) => p.node));
  setLength();
  drawBattles();
}

function startViewer() {
  $("battle-note").textContent = ["Filled circles: allies solid rim, enemies dashed rim; bars: health, above it shield; lines: attacks.", ...DATA.battle_notes].join(" ");
  if (!DATA.battles.length) { if (DATA.battle_notes.length) { $("s-battles").hidden = false; } return; }
  $("s-battles").hidden = false;
  $("two").disabled = DATA.battles.length < 2;
  $("play").addEventListener("click", () => play(!clock.playing));
  $("back").addEventListener("click", () => { play(false); seek(Math.ceil(clock.at) - 1); });
  $("forward").addEventListener("click", () => { play(false); seek(Math.floor(clock.at) + 1); });
  $("scrub").addEventListener("input", () => { play(false); seek(+$("scrub").value); });
  $("two").addEventListener("change", () => showPanels($("two").checked ? 2 : 1));
  showPanels(1);
}
