// Layers by variants: a cell's color is the method, its number the bits of a weight.
const rowHeight = 24;

const methodColors = {
  light: { 'fp16': '#a9d3f2', 'weight-int8': '#4ea4dc', 'dynamic-int8': '#0f8a6e', 'static-int8': '#0a5aa8', 'weight-int4': '#e6a014' },
  others: ['#c2628f', '#7a5bb5', '#b9a13b', '#d4693f', '#6b7f94', '#52a35c', '#8c5a3c'],
};

// A method keeps its color; of its variations each further one is a shade of it, and what has no color of its own takes the next one.
function colorsOfMethods() {
  let next = 0;
  const taken = new Map();
  return data.methods.map(name => {
    const known = Object.entries(methodColors.light).find(([prefix]) => name === prefix || name.startsWith(`${prefix} `) || name.startsWith(`${prefix}-`));
    const color = known ? known[1] : methodColors.others[next++ % methodColors.others.length];
    const before = taken.get(color) || 0;
    taken.set(color, before + 1);
    return shade(color, before);
  });
}

// Lighter and darker in turn, so that eight of one color can be told apart.
function shade(color, n) {
  if (n === 0) return color;
  const toward = n % 2 === 1 ? 255 : 0;
  const share = Math.min(0.75, 0.22 * Math.ceil(n / 2) + (toward ? 0.18 : 0.08));
  return '#' + [1, 3, 5].map(k => Math.round(parseInt(color.slice(k, k + 2), 16) * (1 - share) + toward * share).toString(16).padStart(2, '0')).join('');
}

function inkOn(color) {
  const [r, g, b] = [1, 3, 5].map(k => parseInt(color.slice(k, k + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b > 145 ? '#14181d' : '#ffffff';
}

function renderLayers(host) {
  const columns = variants.map((_, i) => i).filter(i => variants[i].front)
    .sort((i, j) => (figureOf(variants[i], data.memory) ?? Infinity) - (figureOf(variants[j], data.memory) ?? Infinity));
  if (data.layers.length === 0 || columns.length === 0) {
    host.append(h('p', { class: 'muted' }, 'The study does not say what was done to each layer.'));
    return;
  }
  const palette = colorsOfMethods();
  const width = columns.length <= 30 ? 34 : columns.length <= 80 ? 20 : 12;
  const top = 92;
  const used = new Set();
  const svg = s('svg', { width: columns.length * width + 40, height: top + data.layers.length * rowHeight + 1, role: 'img', 'aria-label': `Treatment of ${data.layers.length} layers by ${columns.length} frontier variants` });
  const paths = new Map();
  const texts = [];
  const unfused = [];
  const rowsOf = new Map();
  columns.forEach((i, c) => {
    const cells = new Map(variants[i].L.map(t => [t[0], t]));
    rowsOf.set(i, cells);
    for (const [row, t] of cells) {
      used.add(t[1]);
      const x = c * width;
      const y = top + row * rowHeight;
      paths.set(t[1], `${paths.get(t[1]) || ''}M${x + 1} ${y + 1}h${width - 2}v${rowHeight - 2}h${2 - width}Z`);
      if (width >= 20) texts.push([x + width / 2, y + rowHeight / 2 + 4, significantBits(t[2]), inkOn(palette[t[1]])]);
      if (t[4] === false) unfused.push(`M${x + width - 8} ${y + 2}h6v6Z`);
    }
  });
  data.layers.forEach((_, row) => svg.append(s('line', { class: 'grid', x1: 0, x2: columns.length * width, y1: top + row * rowHeight + 0.5, y2: top + row * rowHeight + 0.5 })));
  for (const [method, d] of paths) {
    const path = s('path', { d });
    path.style.fill = palette[method];
    svg.append(path);
  }
  for (const [x, y, text, ink] of texts) {
    const label = s('text', { class: 'bits', x, y }, text);
    label.style.fill = ink;
    svg.append(label);
  }
  if (unfused.length) {
    const path = s('path', { d: unfused.join('') });
    path.style.fill = 'var(--bad)';
    svg.append(path);
  }
  columns.forEach((i, c) => {
    const kind = i === knee ? ' k' : variants[i].base ? ' b' : '';
    if (width < 20 && kind === '' && c % 2 === 1) return;
    const value = figureOf(variants[i], data.memory);
    const text = (i === knee ? 'knee ' : variants[i].base ? 'base ' : '') + (value == null ? '–' : formats[figures[data.memory].unit](value));
    svg.append(s('text', { class: `col${kind}`, transform: `translate(${c * width + width / 2 + 4} ${top - 6}) rotate(-62)` }, text));
  });
  const mark = s('rect', { class: 'colsel', y: top - 1, width, height: data.layers.length * rowHeight + 2 });
  svg.append(mark);
  const showMark = () => {
    const c = columns.indexOf(state.selected);
    mark.style.display = c < 0 ? 'none' : '';
    if (c >= 0) mark.setAttribute('x', c * width);
  };
  onChange('select', showMark);
  showMark();
  const find = event => {
    const box = svg.getBoundingClientRect();
    return [columns[Math.floor((event.clientX - box.left) / width)], Math.floor((event.clientY - box.top - top) / rowHeight)];
  };
  svg.addEventListener('pointermove', event => {
    const [i, row] = find(event);
    if (i === undefined) { hideTip(); hover(-1); return; }
    hover(i);
    if (row < 0 || row >= data.layers.length) showTip(i, event.pageX, event.pageY);
    else showLayerTip(i, row, rowsOf.get(i).get(row), event);
  });
  svg.addEventListener('pointerleave', () => { hideTip(); hover(-1); });
  svg.addEventListener('click', event => { const [i] = find(event); if (i !== undefined) select(i); });
  svg.style.cursor = 'pointer';

  const total = data.layers.reduce((sum, layer) => sum + layer[2], 0);
  const names = h('div', { class: 'names' },
    h('div', { class: 'top' }, h('span', null, 'layer'), h('span', { class: 'op' }, 'operator'), h('span', { class: 'num' }, 'weights')),
    data.layers.map(layer => h('div', { title: `${layer[0]}: ${layer[1]}, ${whole(layer[2])} weights (${significant((100 * layer[2]) / (total || 1))} %)${layer[3] == null ? '' : `, ${formats.count(layer[3])} MACs`}` },
      h('span', null, layer[0]), h('span', { class: 'op' }, layer[1]), h('span', { class: 'num' }, formats.count(layer[2])))));
  names.firstChild.style.height = `${top}px`;
  const legend = h('div', { class: 'legend' }, [...used].sort((x, y) => x - y).map(m => {
    const box = s('svg', { viewBox: '0 0 20 16' }, s('rect', { x: 1, y: 1, width: 18, height: 14, rx: 2 }));
    box.firstChild.style.fill = palette[m];
    return h('span', null, box, data.methods[m]);
  }), h('span', null, 'empty: as in the baseline'), h('span', null, 'number: bits of a weight'), unfused.length ? h('span', null, 'red corner: not fused by the runtime') : null);
  host.append(h('p', { class: 'muted small' }, `Columns are the frontier's variants from small to large (${figures[data.memory].label}). Click a column to select its variant.`),
    h('div', { class: 'matrix' }, names, h('div', { class: 'cells', tabindex: '0', role: 'region', 'aria-label': 'Layers by variants, scrolls sideways' }, svg)), legend);
}

const significantBits = bits => String(Math.round(bits * 10) / 10);

function showLayerTip(i, row, treatment, event) {
  const tip = byId('tip');
  tip.dataset.index = '';
  const layer = data.layers[row];
  const rows = treatment
    ? [['method', data.methods[treatment[1]]], ['bits of a weight', significantBits(treatment[2])], ['bits of activations', significantBits(treatment[3])],
      ['fused by the runtime', treatment[4] == null ? 'not checked' : treatment[4] ? 'yes' : 'no']]
    : [['method', 'none: as in the baseline']];
  tip.replaceChildren(h('p', { class: 'what' }, layer[0]), h('p', { class: 'muted' }, `${layer[1]}, ${whole(layer[2])} weights`),
    h('table', null, h('tbody', null, rows.map(([name, value]) => h('tr', null, h('th', null, name), h('td', null, value))))),
    h('p', { class: 'muted' }, `in ${variants[i].what}`));
  tip.hidden = false;
  const left = event.pageX + 18 + tip.offsetWidth > window.scrollX + document.documentElement.clientWidth - 8 ? event.pageX - tip.offsetWidth - 18 : event.pageX + 18;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${event.pageY + 12}px`;
}
