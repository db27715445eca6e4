// Sortable tables of variants. Long ones show their first rows and offer more.
const pageRows = 100;
const isConstant = f => new Set(variants.map(v => figureOf(v, f))).size === 1 && variants.length > 1;

function whisker(v, range) {
  const svg = s('svg', { class: 'whisker', viewBox: '0 0 132 16', 'aria-hidden': 'true' });
  const x = value => px(6 + ((Math.min(range[1], Math.max(range[0], value)) - range[0]) / (range[1] - range[0])) * 120);
  svg.append(s('line', { class: 'zero', x1: x(0), x2: x(0), y1: 1, y2: 15 }));
  if (v.c[1] != null && v.c[2] != null) svg.append(s('line', { class: 'bar', x1: x(v.c[1]), x2: x(v.c[2]), y1: 8, y2: 8 }));
  svg.append(s('circle', { class: 'dot', cx: x(v.c[0]), cy: 8, r: 3.4 }));
  return svg;
}

function changeRange(list) {
  const ends = list.map(i => variants[i]).filter(v => v.c).flatMap(v => [v.c[1] ?? v.c[0], v.c[2] ?? v.c[0]]).sort((x, y) => x - y);
  if (ends.length === 0) return [-1, 1];
  // A few hopeless variants must not flatten the rest: they stop at the edge.
  const cut = ends.length > 20 ? Math.floor(ends.length * 0.1) : 0;
  const low = sign > 0 ? ends[cut] : ends[0];
  const high = sign > 0 ? ends[ends.length - 1] : ends[ends.length - 1 - cut];
  return [Math.min(low, 0), Math.max(high, 0) || 1e-9];
}

function columnsOf(range) {
  const text = f => v => { const x = figureOf(v, f); return x == null ? '–' : formats[figures[f].unit](x); };
  const columns = [
    { head: 'What it does', key: v => v.what, cell: (v, i) => [h('button', { type: 'button', 'aria-pressed': String(i === state.selected) }, v.what), h('div', { class: 'sub' }, v.id, ' ', mini(i))], cls: 'what' },
    { head: data.metric.label, key: accuracyOf, cell: v => metric.value(accuracyOf(v)), num: true, down: sign > 0 },
    { head: 'Change [95 %]', key: v => (v.c ? v.c[0] : null), num: true, down: sign > 0,
      cell: v => (v.base || !v.c ? '' : [metric.change(v.c[0]), h('div', { class: 'sub' }, metric.changeEnds(v.c))]) },
    { head: '', key: null, cell: v => (v.base || !v.c ? '' : whisker(v, range)), cls: 'drawn' },
  ];
  // What the study is about comes first.
  const order = [data.memory, data.compute, ...figures.keys()].filter((f, k, all) => all.indexOf(f) === k);
  order.forEach(f => {
    const figure = figures[f];
    if (isConstant(f) || !variants.some(v => figureOf(v, f) != null)) return;
    columns.push({ head: figure.label, key: v => figureOf(v, f), num: true, cell: v => [text(f)(v), h('div', { class: 'sub' }, ratioText(v, f))] });
  });
  return columns;
}

function mini(index) {
  const v = variants[index];
  const tags = [];
  if (v.base) tags.push(['baseline', 'baseline']);
  if (index === knee) tags.push(['knee', 'knee']);
  if (v.ties.length) tags.push(['', 'tied']);
  const worst = v.x.map(f => data.findings[f].severity).find(severity => severity !== 'note');
  if (worst) tags.push([worst, worst]);
  return tags.filter(([, t]) => t !== v.what).map(([kind, t]) => h('span', { class: `tag ${kind}` }, t));
}

class VariantTable {
  constructor(host, list, { rows, filter = false, sortBy, label }) {
    this.list = list;
    this.columns = columnsOf(changeRange(list));
    const first = Math.max(0, this.columns.findIndex(c => c.head === sortBy));
    this.sort = { column: first, down: Boolean(this.columns[first].down) };
    this.limit = this.rows = rows;
    this.words = '';
    this.only = 'all';
    this.count = h('span', { class: 'muted' });
    this.body = h('tbody');
    this.heads = this.columns.map((column, k) => h('th', { scope: 'col', class: column.cls === 'drawn' ? 'drawn' : column.num ? 'num' : '' },
      column.key ? h('button', { type: 'button', onclick: () => this.sortTo(k) }, column.head) : h('span', { class: 'visually-hidden' }, 'change, drawn')));
    this.more = h('button', { type: 'button', onclick: () => { this.limit *= 4; this.render(); } }, 'Show more');
    if (filter) host.append(this.tools());
    const constant = figures.map((figure, f) => (isConstant(f) && figureOf(variants[0], f) != null ? `${figure.label} ${formats[figure.unit](figureOf(variants[0], f))}` : '')).filter(Boolean);
    if (constant.length) host.append(h('p', { class: 'muted small' }, `The same for all variants: ${constant.join(', ')}.`));
    host.append(h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${label}, scrolls sideways` },
      h('table', { class: 'data' }, h('caption', { class: 'visually-hidden' }, `${label}; the buttons in its head sort it`), h('thead', null, h('tr', null, this.heads)), this.body)), h('p', null, this.more));
    this.body.addEventListener('click', event => { const row = event.target.closest('tr'); if (row) select(Number(row.dataset.index)); });
    this.body.addEventListener('pointerover', event => { const row = event.target.closest('tr'); hover(row ? Number(row.dataset.index) : -1); });
    this.body.addEventListener('pointerleave', () => hover(-1));
    onChange('select', () => this.mark());
    onChange('hover', () => this.mark());
    this.render();
  }

  tools() {
    return h('div', { class: 'tools' },
      h('label', null, 'Filter', h('input', { type: 'search', placeholder: 'method, id or finding', oninput: event => { this.words = event.target.value.toLowerCase(); this.limit = this.rows; this.render(); } })),
      h('label', null, 'Show', h('select', { onchange: event => { this.only = event.target.value; this.limit = this.rows; this.render(); } },
        [['all', 'all variants'], ['front', 'the frontier'], ['dominated', 'dominated variants'], ['finding', 'variants with warnings']].map(([value, text]) => h('option', { value }, text)))),
      this.count);
  }

  sortTo(k) {
    this.sort = { column: k, down: this.sort.column === k ? !this.sort.down : Boolean(this.columns[k].down) };
    this.render();
  }

  matches(index) {
    const v = variants[index];
    if (this.only === 'front' && !v.front) return false;
    if (this.only === 'dominated' && v.front) return false;
    if (this.only === 'finding' && !v.x.some(f => data.findings[f].severity !== 'note')) return false;
    if (!this.words) return true;
    const text = `${v.what} ${v.id} ${v.x.map(f => data.findings[f].code).join(' ')}${index === knee ? ' knee' : ''}`.toLowerCase();
    return this.words.split(/\s+/).every(word => text.includes(word));
  }

  render() {
    const { column, down } = this.sort;
    const key = this.columns[column].key;
    const compare = (x, y) => (typeof x === 'string' ? (x < y ? -1 : x > y ? 1 : 0) : x - y);
    const rows = this.list.filter(i => this.matches(i)).sort((i, j) => {
      const x = key(variants[i]);
      const y = key(variants[j]);
      // What was not measured stays at the end, whichever way.
      if (x == null || y == null) return (x == null) - (y == null) || i - j;
      return (down ? compare(y, x) : compare(x, y)) || i - j;
    });
    this.heads.forEach((head, k) => { if (k === column) head.setAttribute('aria-sort', down ? 'descending' : 'ascending'); else head.removeAttribute('aria-sort'); });
    this.body.replaceChildren(...rows.slice(0, this.limit).map(i => h('tr', { class: 'pick', 'data-index': i },
      this.columns.map(c => h('td', { class: c.cls || (c.num ? 'num' : '') }, c.cell(variants[i], i))))));
    this.count.textContent = `${whole(rows.length)} of ${whole(this.list.length)}`;
    this.more.hidden = rows.length <= this.limit;
    this.mark();
  }

  mark() {
    for (const row of this.body.rows) {
      const index = Number(row.dataset.index);
      row.classList.toggle('sel', index === state.selected);
      row.classList.toggle('hover', index === state.hovered);
      const button = row.querySelector('button');
      if (button) button.setAttribute('aria-pressed', String(index === state.selected));
    }
  }
}
