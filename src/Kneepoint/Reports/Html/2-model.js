// The study and what the reader has chosen. Everything that shows something registers with onChange.
const variants = data.variants;
const figures = data.figures;
const baseline = variants.findIndex(v => v.base);
const knee = data.knee;
const sign = data.metric.sign;

const state = {
  memory: data.memory,
  compute: data.compute,
  showDominated: true,
  focus: true,
  selected: -1,
  hovered: -1,
  budgets: {},
};

const listeners = { view: [], select: [], hover: [] };
const onChange = (kind, run) => listeners[kind].push(run);
const changed = kind => listeners[kind].forEach(run => run());

function select(index) {
  state.selected = index === state.selected ? -1 : index;
  changed('select');
}

function hover(index) {
  if (index === state.hovered) return;
  state.hovered = index;
  changed('hover');
}

const figureOf = (variant, figure) => variant.g[figure];
const accuracyOf = variant => (variant.a ? variant.a[0] : null);

// The interval that a bar shows: the paired change moved to the variant's accuracy, or that of the accuracy itself.
function barOf(variant) {
  if (!variant.a || variant.base) return null;
  const [value, low, high] = variant.a;
  const change = variant.c;
  if (baseline >= 0 && change && change[1] != null && change[2] != null) return [value + change[1] - change[0], value + change[2] - change[0]];
  return low != null && high != null ? [low, high] : null;
}

function ratioText(variant, figure) {
  if (baseline < 0) return '';
  const mine = figureOf(variant, figure);
  const its = figureOf(variants[baseline], figure);
  return mine > 0 && its > 0 && !variant.base ? factor(mine / its) : '';
}

function tagsOf(index) {
  const v = variants[index];
  const tags = [];
  if (v.base) tags.push(['baseline', 'baseline']);
  if (index === knee) tags.push(['knee', 'knee']);
  if (v.front) tags.push(['front', 'on the frontier']);
  else tags.push(['', 'dominated']);
  if (v.ties.length > 0) tags.push(['', `tied with ${v.ties.length}`]);
  v.x.forEach(f => tags.push([data.findings[f].severity, data.findings[f].code]));
  return tags;
}

// Elements are made from text alone, never from markup: names in a study are not to be trusted.
function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, '');
    else if (value != null && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter(child => child != null && child !== false));
  return element;
}

function s(name, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const byId = id => document.getElementById(id);
const px = value => Math.round(value * 10) / 10;
