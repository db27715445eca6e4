// Puts the page together.
const colors = makeScale();

function renderTiles() {
  const tiles = [];
  const tile = (label, value, sub, kind = '') => tiles.push(h('div', { class: `tile ${kind}` }, h('p', { class: 'label' }, label), h('p', { class: 'value' }, value), h('p', { class: 'sub' }, sub)));
  tile('On the frontier', whole(variants.filter(v => v.front).length), `of ${whole(variants.length)} measured ${variants.length === 1 ? 'variant' : 'variants'}`);
  if (knee >= 0 && knee !== baseline) {
    const v = variants[knee];
    const against = (f, less, more, ratio) => {
      const mine = figureOf(v, f);
      const its = baseline >= 0 ? figureOf(variants[baseline], f) : null;
      if (mine == null) return;
      const r = ratio || (its > 0 && mine > 0 ? its / mine : null);
      const unit = formats[figures[f].unit];
      if (r) tile(`Knee: ${figures[f].label}`, r >= 1 ? `${factor(r)} ${less}` : `${factor(1 / r)} ${more}`, its == null ? unit(mine) : `${unit(its)} → ${unit(mine)}`, 'knee');
      else tile(`Knee: ${figures[f].label}`, unit(mine), '', 'knee');
    };
    against(data.memory, 'smaller', 'larger');
    const isLatency = figures[data.compute].key === 'latency';
    against(data.compute, isLatency ? 'faster' : 'fewer', isLatency ? 'slower' : 'more', isLatency && v.r && v.r[0] > 0 ? 1 / v.r[0] : null);
    if (v.c) tile(`Knee: ${data.metric.label}`, metric.change(v.c[0]), `95 % interval ${metric.changeEnds(v.c)}`, 'knee');
  }
  byId('tiles').append(...tiles);
}

function renderControls() {
  const choose = (group, key) => {
    const choices = figures.map((figure, f) => [figure, f]).filter(([figure, f]) => figure.group === group && (f === state[key] || variants.some(v => figureOf(v, f) != null)));
    return h('select', { onchange: event => { state[key] = Number(event.target.value); changed('view'); } },
      choices.map(([figure, f]) => h('option', { value: f, selected: f === state[key] }, figure.label)));
  };
  const check = (key, text) => h('label', null, h('input', { type: 'checkbox', checked: state[key], onchange: event => { state[key] = event.target.checked; changed('view'); } }), text);
  byId('chart-controls').append(
    h('label', null, 'Memory', choose('memory', 'memory')), h('label', null, 'Compute', choose('compute', 'compute')),
    check('showDominated', 'dominated variants'), check('focus', 'focus on the best accuracies'));
}

function renderCharts() {
  const host = byId('charts');
  const axis = key => ({ of: v => figureOf(v, state[key]), get unit() { return figures[state[key]].unit; }, get key() { return figures[state[key]].key; } });
  const accuracy = { of: accuracyOf, isAccuracy: true, key: 'accuracy', left: 50 };
  const better = sign > 0 ? 'up' : 'up, where it is less,';
  const over = key => () => ({ x: axis(key), y: accuracy, title: `${data.metric.label} over ${figures[state[key]].label}`, subtitle: `better is ${better} and to the left` });
  new Chart(host, 'memory', over('memory'));
  new Chart(host, 'compute', over('compute'));
  new Chart(host, 'plane', () => ({ x: axis('memory'), y: { ...axis('compute'), unit: figures[state.compute].unit, key: figures[state.compute].key, left: 58 },
    title: `All three: ${figures[state.compute].label} over ${figures[state.memory].label}`, subtitle: 'color is accuracy; better is down and to the left' }));
}

function renderLegend() {
  const sample = (...marks) => s('svg', { viewBox: '0 0 20 16' }, ...marks);
  const item = (mark, text) => h('span', null, mark, text);
  const items = [
    item(sample(s('path', { class: 'stair', d: 'M0 8h20' }), s('circle', { class: 'front', cx: 10, cy: 8, r: 4.4 })), 'on the frontier'),
    item(sample(s('circle', { class: 'front tied', cx: 10, cy: 8, r: 3.8 })), 'tied in accuracy with another'),
    item(sample(s('path', { class: 'errorbar', d: 'M10 1V15M7.5 1h5M7.5 15h5' })), '95 % interval of the change'),
    item(sample(s('path', { class: 'dots', 'stroke-width': 5.2, d: 'M10 8h0' })), 'dominated'),
    item(sample(s('path', { class: 'basemark', d: 'M10 1l7 7l-7 7l-7 -7Z' })), 'baseline'),
    item(sample(s('circle', { class: 'kneering', cx: 10, cy: 8, r: 7 }), s('circle', { class: 'kneedot', cx: 10, cy: 8, r: 3.6 })), 'knee'),
  ];
  const scaleItems = [h('span', null, `Color in the third chart: loss against the ${baseline >= 0 ? 'baseline' : 'best'},${data.metric.changeUnit || ` ${data.metric.label}`}`)];
  const scale = data.metric.scale;
  const t = colors.thresholds;
  for (let k = 0; k <= t.length; k++) {
    const number = value => tickNumber(value * scale, value * scale || 1);
    const text = k === 0 ? `≤ ${number(t[0])}` : k < t.length ? `≤ ${number(t[k])}` : `> ${number(t[k - 1])}`;
    scaleItems.push(item(sample(s('circle', { class: `scaled s${k}`, cx: 10, cy: 8, r: 6 })), text));
  }
  byId('legend').append(...items);
  byId('color-legend').append(...scaleItems);
}

function renderFindings() {
  const host = byId('finding-list');
  const entries = new Map();
  data.studyFindings.forEach(f => entries.set(f, []));
  variants.forEach((v, i) => v.x.forEach(f => { if (!entries.has(f)) entries.set(f, []); entries.get(f).push(i); }));
  if (entries.size === 0) {
    host.append(h('p', { class: 'muted' }, 'None.'));
    return;
  }
  // Findings of one kind stand together; only their figures differ.
  const groups = new Map();
  for (const [f, list] of entries) {
    const finding = data.findings[f];
    const key = `${finding.severity} ${finding.code}`;
    if (!groups.has(key)) groups.set(key, { finding, entries: [] });
    groups.get(key).entries.push([f, list]);
  }
  const weight = { error: 0, warning: 1, note: 2 };
  for (const { finding, entries: list } of [...groups.values()].sort((x, y) => weight[x.finding.severity] - weight[y.finding.severity])) {
    const affected = list.flatMap(([f, indexes]) => indexes.map(i => [f, i]));
    const open = () => h('ul', null, affected.slice(0, 60).map(([f, i]) => h('li', null,
      h('button', { type: 'button', class: 'link', onclick: () => { if (state.selected !== i) select(i); byId('selected').scrollIntoView({ block: 'nearest' }); } }, variants[i].what), list.length > 1 ? `: ${data.findings[f].message}` : '')),
    affected.length > 60 ? h('li', null, `and ${affected.length - 60} more`) : null);
    host.append(h('div', { class: 'finding' },
      h('div', null, h('span', { class: `tag ${finding.severity}` }, finding.severity)),
      h('div', null, h('p', null, list.length === 1 ? finding.message : `${finding.code}: e.g. ${finding.message}`),
        affected.length ? h('details', null, h('summary', null, `${finding.code}, ${affected.length === 1 ? 'one variant' : `${whole(affected.length)} variants`}`), open()) : h('p', { class: 'muted small' }, `${finding.code}, the whole study`))));
  }
}

function renderFailed() {
  if (data.failed.length === 0) return;
  byId('failed').hidden = false;
  const body = h('tbody');
  const more = h('button', { type: 'button', onclick: () => fill(data.failed.length) }, 'Show all');
  const fill = count => {
    body.replaceChildren(...data.failed.slice(0, count).map(t => h('tr', null, h('td', { class: 'what' }, t.what, h('div', { class: 'sub' }, t.id)),
      h('td', null, h('span', { class: `tag ${t.outcome === 'crashed' ? 'error' : 'warning'}` }, t.outcome)), h('td', null, t.reason), h('td', { class: 'num' }, milliseconds(t.seconds * 1000)))));
    more.hidden = count >= data.failed.length;
  };
  fill(pageRows);
  byId('failed-table').append(h('div', { class: 'scroll' }, h('table', { class: 'data' },
    h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'What was tried'), h('th', { scope: 'col' }, 'Outcome'), h('th', { scope: 'col' }, 'Reason'), h('th', { scope: 'col', class: 'num' }, 'Time'))), body)), h('p', null, more));
}

function renderTheme() {
  const button = byId('theme');
  const order = ['system', 'light', 'dark'];
  let at = 0;
  button.hidden = false;
  button.addEventListener('click', () => {
    at = (at + 1) % order.length;
    button.textContent = `Theme: ${order[at]}`;
    if (at === 0) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = order[at];
  });
}

renderTheme();
renderTiles();
renderControls();
renderLegend();
renderCharts();
renderBudgets();
new VariantTable(byId('frontier-table'), variants.map((_, i) => i).filter(i => variants[i].front || variants[i].base), { rows: 30, sortBy: figures[data.memory].label, label: 'Frontier' });
renderLayers(byId('layer-matrix'));
new VariantTable(byId('variant-table'), variants.map((_, i) => i), { rows: 30, filter: true, sortBy: data.metric.label, label: 'All variants' });
renderFindings();
renderFailed();
onChange('select', renderSelected);
document.addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  hideTip();
  hover(-1);
  if (state.selected >= 0) select(state.selected);
});
