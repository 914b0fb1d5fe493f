// The statistics that the page computes itself: the same formulas as analysis/stats.
const parse = (text) => text === "" ? [] : text.split(",").map((x) => (x === "" ? NaN : +x));

function quantile(sorted, q) {  // linear interpolation, as numpy
  const at = (sorted.length - 1) * q, low = Math.floor(at), high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

function trailing(row, window) {
  if (window <= 1) return row;
  return row.map((_, k) => {
    let sum = 0, count = 0;
    for (let i = Math.max(0, k - window + 1); i <= k; i++)
      if (!Number.isNaN(row[i])) { sum += row[i]; count++; }
    return count ? sum / count : NaN;
  });
}

const BANDS = {
  median: [["quartiles", "25-75 %"], ["range", "min-max"], ["none", "none"]],
  mean: [["sd", "±1 standard deviation"], ["range", "min-max"], ["none", "none"]],
  iqm: [["ci", "95 % bootstrap"], ["range", "min-max"], ["none", "none"]],
};

function column(rows, k) {
  const values = [];
  for (const row of rows) if (!Number.isNaN(row[k])) values.push(row[k]);
  return values.sort((a, b) => a - b);
}

function trimmed(v) {  // interquartile mean: floor(n/4) values cut at each end
  const cut = Math.floor(v.length / 4), kept = v.slice(cut, v.length - cut);
  return kept.reduce((a, b) => a + b, 0) / kept.length;
}

function point(v, statistic, band) {
  if (!v.length) return [NaN, NaN, NaN];
  const mean = v.reduce((a, b) => a + b, 0) / v.length;
  const center = statistic === "median" ? quantile(v, 0.5) : statistic === "mean" ? mean : trimmed(v);
  if (band === "quartiles") return [center, quantile(v, 0.25), quantile(v, 0.75)];
  if (band === "range") return [center, v[0], v[v.length - 1]];
  if (band === "sd") {
    const square = v.reduce((a, b) => a + (b - mean) ** 2, 0);
    const sd = v.length > 1 ? Math.sqrt(square / (v.length - 1)) : 0;
    return [center, center - sd, center + sd];
  }
  return [center, NaN, NaN];
}

// {center, low, high} of a group on the part of the grid that all its runs reach
function bandOf(entry, rows, statistic, band, smooth) {
  if (statistic === "iqm" && band === "ci" && entry.iqm && entry.iqm.length) {
    const [center, low, high] = entry.iqm.map(parse);  // bootstrapped by analysis, seeded
    return { center, low, high };
  }
  const smoothed = rows.map((r) => trailing(r, smooth));
  const out = { center: [], low: [], high: [] };
  for (let k = 0; k < entry.end; k++) {
    const [c, l, h] = point(column(smoothed, k), statistic, band);
    out.center.push(c); out.low.push(l); out.high.push(h);
  }
  return out;
}
