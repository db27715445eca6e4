// The tooltip: every figure of a variant with its interval.
function figureRows(index) {
  const v = variants[index];
  const rows = [[data.metric.label, metric.value(accuracyOf(v)), metric.valueEnds(v.a)]];
  if (!v.base) rows.push(['change', metric.change(v.c && v.c[0]), metric.changeEnds(v.c)]);
  figures.forEach((figure, f) => {
    const value = figureOf(v, f);
    if (value == null && f !== state.memory && f !== state.compute) return;
    let note = ratioText(v, f) ? `${ratioText(v, f)} of baseline` : '';
    if (figure.key === 'latency' && v.lat) note = metric.ends([0, ...v.lat], milliseconds);
    rows.push([figure.label, value == null ? '–' : formats[figure.unit](value), note]);
    if (figure.key === 'latency' && v.r && !v.base) rows.push(['latency, ratio to baseline', factor(v.r[0]), metric.ends(v.r, significant)]);
  });
  return rows;
}

const tagList = index => tagsOf(index).map(([kind, text]) => h('span', { class: `tag ${kind}` }, text));

function figureTable(index) {
  return h('table', null, h('tbody', null, figureRows(index).map(([name, value, note]) =>
    h('tr', null, h('th', { scope: 'row' }, name), h('td', null, value), h('td', { class: 'muted' }, note)))));
}

function showTip(index, x, y) {
  const tip = byId('tip');
  if (tip.dataset.index !== String(index)) {
    tip.dataset.index = index;
    const v = variants[index];
    tip.replaceChildren(h('p', { class: 'what' }, v.what), figureTable(index), h('p', { class: 'tags' }, tagList(index)));
  }
  tip.hidden = false;
  const width = tip.offsetWidth;
  const height = tip.offsetHeight;
  const left = x + 18 + width > window.scrollX + document.documentElement.clientWidth - 8 ? x - width - 18 : x + 18;
  const low = window.scrollY + 8;
  const high = window.scrollY + window.innerHeight - height - 8;
  tip.style.left = `${Math.max(window.scrollX + 8, left)}px`;
  tip.style.top = `${Math.max(low, Math.min(high, y - height / 2))}px`;
}

function hideTip() {
  byId('tip').hidden = true;
}

// The selected variant, set against the baseline.
function renderSelected() {
  const panel = byId('selected');
  const index = state.selected;
  panel.hidden = index < 0;
  if (index < 0) return;
  const v = variants[index];
  const rows = figures.map((figure, f) => [figure, figureOf(v, f), baseline >= 0 ? figureOf(variants[baseline], f) : null])
    .filter(([, mine]) => mine != null)
    .map(([figure, mine, its]) => h('tr', null,
      h('th', { scope: 'row' }, figure.label),
      h('td', { class: 'num' }, formats[figure.unit](mine)),
      h('td', { class: 'num muted' }, its == null ? '–' : formats[figure.unit](its)),
      h('td', { class: 'num' }, its > 0 && mine > 0 && !v.base ? factor(mine / its) : '')));
  const files = [v.file, v.packed].filter(Boolean);
  const notes = v.x.map(f => h('p', null, h('span', { class: `tag ${data.findings[f].severity}` }, data.findings[f].severity), ' ', data.findings[f].message));
  panel.replaceChildren(
    h('div', { class: 'head' },
      h('div', null, h('h3', null, v.what), h('p', { class: 'muted small' }, v.id, ' ', tagList(index))),
      h('button', { type: 'button', onclick: () => select(index) }, 'Clear')),
    h('div', { class: 'grid2' },
      h('div', null,
        h('p', null, `${data.metric.label} ${metric.value(accuracyOf(v))} ${metric.valueEnds(v.a)}`),
        v.base ? null : h('p', null, `Change against the baseline, paired: ${metric.change(v.c && v.c[0])} ${metric.changeEnds(v.c)}`),
        v.r && !v.base ? h('p', null, `Latency against the baseline, paired: ${factor(v.r[0])} ${metric.ends(v.r, significant)}`) : null,
        v.ties.length ? h('p', null, `The data cannot tell it from ${v.ties.length === 1 ? 'one other variant' : `${v.ties.length} other variants`} in accuracy: `,
          v.ties.slice(0, 6).map((t, k) => [k ? ', ' : '', h('button', { type: 'button', class: 'link', onclick: () => select(t) }, variants[t].what)]).flat(),
          v.ties.length > 6 ? ' …' : '') : null,
        notes,
        files.length ? h('p', null, 'Files: ', files.map((f, k) => [k ? ', ' : '', h('code', null, f)]).flat()) : h('p', { class: 'muted' }, 'Dominated variants are not kept as files; the same recipe makes the same file again.')),
      h('div', { class: 'scroll' }, h('table', { class: 'data' },
        h('thead', null, h('tr', null, ['Figure', 'variant', 'baseline', 'ratio'].map((t, k) => h('th', { scope: 'col', class: k ? 'num' : '' }, t)))),
        h('tbody', null, rows)))));
}
