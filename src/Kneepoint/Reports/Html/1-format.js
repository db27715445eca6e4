// Numbers as people read them; the same rules as the command line uses. toFixed knows no culture.
const minus = text => text.replace(/-/g, '−');

function significant(number) {
  if (!Number.isFinite(number)) return '–';
  if (number === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(number)));
  if (magnitude < -5 || magnitude > 6) return minus(number.toExponential(2).replace('e', 'E'));
  const decimals = Math.max(0, 2 - magnitude);
  const text = number.toFixed(Math.min(15, decimals));
  return minus(Math.abs(Number(text)) >= 10 ** (magnitude + 1) ? number.toFixed(Math.max(0, decimals - 1)) : text);
}

function scaled(number, units) {
  let unit = 0;
  let value = number;
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return (unit === 0 ? minus(String(Math.round(number))) : significant(value)) + units[unit];
}

const byteUnits = [' B', ' KB', ' MB', ' GB', ' TB'];
const countUnits = ['', 'K', 'M', 'G', 'T'];

function milliseconds(ms) {
  const size = Math.abs(ms);
  if (ms === 0) return '0 ms';
  if (size < 0.0995) return significant(ms * 1000) + ' us';
  return size < 999.5 ? significant(ms) + ' ms' : significant(ms / 1000) + ' s';
}

const formats = {
  bytes: value => scaled(value, byteUnits),
  count: value => scaled(value, countUnits),
  time: milliseconds,
};

const factor = value => significant(value) + '×';
const whole = number => minus(String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ','));

// Half away from zero on the shortest decimal text, as the command line rounds; toFixed alone would round the binary value.
function fixed(number, decimals) {
  const [mantissa, exponent] = String(Math.abs(number)).split('e');
  const text = Number(`${Math.round(Number(`${mantissa}e${Number(exponent || 0) + decimals}`))}e${-decimals}`).toFixed(decimals);
  return number < 0 && Number(text) !== 0 ? '−' + text : text;
}

const signed = (number, decimals) => (number > 0 && Number(fixed(number, decimals)) !== 0 ? '+' : '') + fixed(number, decimals);

const metric = {
  value: v => (v == null ? '–' : fixed(v * data.metric.scale, data.metric.decimals) + data.metric.unit),
  change: v => (v == null ? '–' : signed(v * data.metric.scale, data.metric.decimals) + data.metric.changeUnit),
  ends: (i, text) => (i && i[1] != null && i[2] != null ? `[${text(i[1])}, ${text(i[2])}]` : ''),
  valueEnds: i => metric.ends(i, v => fixed(v * data.metric.scale, data.metric.decimals)),
  changeEnds: i => metric.ends(i, v => signed(v * data.metric.scale, data.metric.decimals)),
};

// Reads "500KB", "3 ms", "20M", "0.9" or "94 %"; null for what is not such a figure.
function parseFigure(text, unit) {
  const suffixes = {
    bytes: { KiB: 1024, MiB: 1048576, GiB: 1073741824, KB: 1e3, MB: 1e6, GB: 1e9, B: 1, '': 1 },
    count: { K: 1e3, M: 1e6, G: 1e9, '': 1 },
    time: { us: 1e-3, ms: 1, s: 1e3 },
    metric: { '%': 0.01, '': 1 },
  }[unit];
  const match = /^\s*([0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*([A-Za-z%]*)\s*$/.exec(text);
  if (!match || !(match[2] in suffixes)) return null;
  const value = Number(match[1]) * suffixes[match[2]];
  return Number.isFinite(value) ? value : null;
}
