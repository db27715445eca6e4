// Maps values to pixels; ticks are 1, 2 or 5 times a power of ten apart.
function makeAxis(values, from, to, { log = false, margin = 0.06, atLeastZero = false } = {}) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  const isLog = log && low > 0 && high / low >= 5;
  if (isLog) {
    const room = (high / low) ** margin;
    low /= room;
    high *= room;
  } else {
    let span = high - low;
    if (span <= Math.abs(high) * 1e-9) span = high === 0 ? 1 : Math.abs(high) * 0.1;
    const middle = (low + high) / 2;
    span *= 1 + 2 * margin;
    low = atLeastZero ? Math.max(0, middle - span / 2) : middle - span / 2;
    high = middle + span / 2;
  }
  const share = value => (isLog ? Math.log(Math.max(value, 1e-300) / low) / Math.log(high / low) : (value - low) / (high - low));
  return { low, high, isLog, from, to, pixel: value => from + share(value) * (to - from), contains: value => value >= low && value <= high };
}

const clean = tick => Number(tick.toPrecision(12));

function ticksOf(axis, apart) {
  const length = Math.abs(axis.to - axis.from);
  const ticks = [];
  if (!axis.isLog) {
    const rough = ((axis.high - axis.low) * apart) / length;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(d => d * power).find(d => d >= rough * (1 - 1e-9));
    for (let n = Math.ceil(axis.low / step - 1e-9); n * step <= axis.high + step * 1e-9; n++) ticks.push(clean(n * step));
    return ticks;
  }
  const decade = length / Math.log10(axis.high / axis.low);
  const digits = decade * Math.log10(2) >= apart ? [1, 2, 5] : decade * Math.log10(3) >= apart ? [1, 3] : [1];
  const stride = Math.max(1, Math.ceil(apart / decade));
  for (let e = Math.floor(Math.log10(axis.low)); e <= Math.log10(axis.high); e++) {
    if (digits.length === 1 && e % stride !== 0) continue;
    for (const digit of digits) {
      const tick = clean(digit * 10 ** e);
      if (axis.contains(tick)) ticks.push(tick);
    }
  }
  return ticks;
}

function tickNumber(tick, step) {
  const decimals = step > 0 ? Math.min(12, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))) : 0;
  return minus(String(Number(tick.toFixed(decimals + 1))));
}

function tickText(unit, tick, step) {
  if (tick === 0) return '0';
  const size = Math.abs(tick) * (1 + 1e-9);
  if (unit === 'time') {
    const [scale, name] = size < 0.1 ? [1e-3, ' us'] : size < 1000 ? [1, ' ms'] : [1000, ' s'];
    return tickNumber(tick / scale, step / scale) + name;
  }
  const units = unit === 'bytes' ? byteUnits : countUnits;
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(size) / 3)));
  return tickNumber(tick / 1000 ** power, step / 1000 ** power) + units[power];
}

const stepOf = ticks => (ticks.length > 1 ? ticks[1] - ticks[0] : ticks[0] || 1);

// The scale of accuracy shows the bulk of the frontier in detail; what lies below is marked at the edge and counted.
function accuracyRange(focus) {
  let shown = variants.filter(v => v.a && (v.front || v.base));
  if (shown.length === 0) shown = variants.filter(v => v.a);
  const all = focus ? shown : variants.filter(v => v.a && (v.front || v.base || state.showDominated));
  if (all.length === 0) return [];
  const best = Math.max(...shown.map(v => sign * v.a[0]));
  const losses = shown.map(v => best - sign * v.a[0]).sort((x, y) => x - y);
  const bulk = losses[Math.ceil(0.7 * (losses.length - 1))];
  const widest = Math.max(0, ...shown.map(v => (barOf(v) ? barOf(v)[1] - barOf(v)[0] : 0)));
  const baselineLoss = baseline >= 0 && variants[baseline].a ? best - sign * variants[baseline].a[0] : 0;
  const limit = focus ? Math.max(3 * bulk, baselineLoss, Math.min(widest, 3 * bulk)) * (1 + 1e-9) : Infinity;
  const values = [];
  for (const v of all) {
    if (best - sign * v.a[0] > limit) continue;
    values.push(v.a[0]);
    const bar = barOf(v);
    if (!bar || !v.front) continue;
    const reach = focus ? Math.max(limit, (bar[1] - bar[0]) / 2) * 0.5 : Infinity;
    values.push(Math.max(bar[0], v.a[0] - reach), Math.min(bar[1], v.a[0] + reach));
  }
  return values;
}
