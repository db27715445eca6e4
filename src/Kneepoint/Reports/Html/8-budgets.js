// The best measured variant under budgets, and the command that exports it.
const budgetFields = [
  ...figures.map((figure, f) => ({ key: figure.key, f, label: figure.label, unit: figure.unit, option: figure.option })).filter(b => b.option),
  { key: 'accuracy', f: -1, label: data.metric.label, unit: 'metric', option: sign > 0 ? '--min-accuracy' : null },
].filter(b => b.option || b.key === 'accuracy');

// What half of the frontier keeps within, to two digits: an example that this network can meet.
function exampleOf(field) {
  const known = variants.filter(v => v.front && v.a).map(v => (field.key === 'accuracy' ? v.a[0] : figureOf(v, field.f))).filter(x => x != null).sort((x, y) => x - y);
  const middle = known[Math.floor(known.length / 2)];
  if (!middle) return middle === 0 ? enough(0, field) : '';
  const digit = 10 ** (Math.floor(Math.log10(Math.abs(middle))) - 1);
  return enough((field.key !== 'accuracy' || sign < 0 ? Math.ceil(middle / digit) : Math.floor(middle / digit)) * digit, field);
}

function meets(v, key, limit) {
  if (key === 'accuracy') return v.a != null && sign * v.a[0] >= sign * limit;
  const value = figureOf(v, figures.findIndex(figure => figure.key === key));
  return value != null && value <= limit;
}

function bestUnder(budgets) {
  const keys = Object.keys(budgets);
  let best = -1;
  variants.forEach((v, i) => {
    if (!v.a || !keys.every(key => meets(v, key, budgets[key]))) return;
    const b = variants[best];
    const better = best < 0 || sign * v.a[0] > sign * b.a[0]
      || (v.a[0] === b.a[0] && (figureOf(v, state.memory) ?? Infinity) < (figureOf(b, state.memory) ?? Infinity));
    if (better) best = i;
  });
  return best;
}

// A limit as it can be typed, with four digits, that a figure keeps within.
function enough(figure, field) {
  const up = field.key !== 'accuracy' || sign < 0;
  const unit = figure === 0 ? 1 : 10 ** (Math.floor(Math.log10(Math.abs(figure))) - 3);
  const suffixes = { bytes: [[1e9, 'GB'], [1e6, 'MB'], [1e3, 'KB'], [1, 'B']], count: [[1e9, 'G'], [1e6, 'M'], [1e3, 'K'], [1, '']], time: [[1e3, 's'], [1, 'ms'], [1e-3, 'us']], metric: [[1, '']] }[field.unit];
  const [factor, suffix] = suffixes.find(known => Math.abs(figure) >= known[0]) || suffixes[suffixes.length - 1];
  for (let step = 0; ; step++) {
    const limit = (up ? Math.ceil(figure / unit) + step : Math.floor(figure / unit) - step) * unit;
    const text = `${clean(limit / factor)}${suffix}`;
    const read = parseFigure(text, field.unit);
    if (step > 2 || read != null && (up ? read >= figure : read <= figure)) return text;
  }
}

// For each budget: how far it alone must give way, the others kept.
function relaxations(budgets) {
  return Object.keys(budgets).map(key => {
    const others = Object.fromEntries(Object.entries(budgets).filter(([other]) => other !== key));
    const field = budgetFields.find(b => b.key === key);
    let best = null;
    for (const v of variants) {
      if (!v.a || !Object.keys(others).every(other => meets(v, other, others[other]))) continue;
      const value = key === 'accuracy' ? v.a[0] : figureOf(v, field.f);
      if (value == null) continue;
      if (best == null || (key === 'accuracy' ? sign * value > sign * best : value < best)) best = value;
    }
    if (best == null) return null;
    return `${field.label} to ${enough(best, field)}`;
  }).filter(Boolean);
}

// How far a variant is from a budget, as a share of it; a shortage of a share of samples counts against the errors that the budget allows.
function excess(v, key, limit) {
  if (meets(v, key, limit)) return 0;
  if (key === 'accuracy') return v.a ? Math.abs(limit - v.a[0]) / Math.max(data.metric.scale === 100 ? 1 - limit : Math.abs(limit), 0.01) : Infinity;
  const value = figureOf(v, figures.findIndex(figure => figure.key === key));
  return value == null ? Infinity : limit > 0 ? value / limit - 1 : Infinity;
}

function nearestTo(budgets) {
  let best = -1;
  let least = Infinity;
  variants.forEach((v, i) => {
    const sum = Object.entries(budgets).reduce((total, [key, limit]) => total + excess(v, key, limit), 0);
    if (sum < least) {
      least = sum;
      best = i;
    }
  });
  return best;
}

const link = index => h('button', { type: 'button', class: 'link', onclick: () => { if (state.selected !== index) select(index); } }, variants[index].what);

function figuresUnder(v, budgets) {
  return Object.entries(budgets).map(([key, limit]) => {
    const field = budgetFields.find(b => b.key === key);
    const value = key === 'accuracy' ? v.a[0] : figureOf(v, field.f);
    const text = key === 'accuracy' ? metric.value(value) : formats[field.unit](value);
    return `${field.label} ${text}${meets(v, key, limit) ? '' : ` (${key !== 'accuracy' ? 'over the budget' : sign > 0 ? 'below it' : 'above it'})`}`;
  }).join(', ');
}

function renderBudgets() {
  const form = byId('budget-form');
  const inputs = new Map();
  const fields = budgetFields.filter(b => b.f < 0 || variants.some(v => figureOf(v, b.f) != null));
  const shown = new Set(['accuracy', figures[data.memory].key, figures[data.compute].key]);
  const field = b => {
    const input = h('input', { type: 'text', inputmode: 'text', placeholder: exampleOf(b), autocomplete: 'off', spellcheck: 'false', oninput: update });
    inputs.set(b, input);
    return h('label', null, b.label, h('span', { class: 'field' }, b.key === 'accuracy' && sign > 0 ? '≥' : '≤', input));
  };
  form.append(...fields.filter(b => shown.has(b.key)).map(field));
  const rest = fields.filter(b => !shown.has(b.key));
  if (rest.length) {
    const select = h('select', { 'aria-label': 'Add a budget', onchange: () => {
      const b = rest[Number(select.value)];
      if (!b) return;
      select.before(field(b));
      select.selectedOptions[0].remove();
      select.value = '';
      inputs.get(b).focus();
    } }, h('option', { value: '' }, 'add a budget …'), rest.map((b, k) => h('option', { value: k }, b.label)));
    form.append(select);
  }
  form.append(h('button', { type: 'button', onclick: () => { inputs.forEach(input => { input.value = ''; }); update(); } }, 'Clear'));
  form.addEventListener('submit', event => event.preventDefault());

  function update() {
    const budgets = {};
    const words = [];
    for (const [b, input] of inputs) {
      const text = input.value.trim();
      const value = text === '' ? null : parseFigure(text, b.unit);
      input.setAttribute('aria-invalid', String(text !== '' && value == null));
      if (value == null) continue;
      budgets[b.key] = value;
      if (b.option) words.push(`${b.option} ${b.unit === 'metric' ? clean(value) : text.replace(/\s+/g, '')}`);
    }
    state.budgets = budgets;
    show(budgets, words, [...inputs.values()].some(input => input.getAttribute('aria-invalid') === 'true'));
    changed('view');
  }

  function show(budgets, words, hasFault) {
    const result = byId('budget-result');
    if (hasFault) {
      result.replaceChildren(h('p', null, 'Sizes take B, KB (1000 bytes), KiB (1024 bytes), MB or GB; times us, ms or s; counts K, M or G.'));
      return;
    }
    if (Object.keys(budgets).length === 0) {
      result.replaceChildren(h('p', { class: 'muted' }, 'State one or more budgets: the most accurate variant that meets all of them appears here, with the command that exports it.'));
      return;
    }
    const best = bestUnder(budgets);
    if (best < 0) {
      const ways = relaxations(budgets);
      const near = nearestTo(budgets);
      result.replaceChildren(...[h('p', { class: 'big' }, 'No measured variant meets all of these.'),
        ways.length ? h('p', null, `One would, if you relaxed ${ways.join(', or ')}.`) : h('p', null, 'No single budget can be relaxed to make it possible: relax several.'),
        near < 0 ? null : h('p', null, 'The nearest is ', link(near), `: ${figuresUnder(variants[near], budgets)}.`)].filter(Boolean));
      return;
    }
    const v = variants[best];
    const facts = [`${data.metric.label} ${metric.value(v.a[0])}`, v.base || !v.c ? '' : `${metric.change(v.c[0])} ${metric.changeEnds(v.c)}`,
      ...[state.memory, state.compute].map(f => { const x = figureOf(v, f); return x == null ? '' : `${figures[f].label} ${formats[figures[f].unit](x)}${ratioText(v, f) ? ` (${ratioText(v, f)} of baseline)` : ''}`; })].filter(Boolean);
    const file = words.some(word => word.includes('packed')) ? 'best.knp' : 'best.onnx';
    const command = `kneepoint pick . ${words.join(' ')} --export ${file}`;
    result.replaceChildren(
      h('p', { class: 'big' }, link(best), ' ', h('span', { class: 'muted small' }, v.id), ' ', tagList(best)),
      h('p', null, facts.join(' · ')),
      h('div', { class: 'command' }, h('code', null, command), copyButton(command)),
      h('p', { class: 'muted small' }, 'Run it in the folder of this report.'));
  }

  show({}, [], false);
}

function copyButton(text) {
  const button = h('button', { type: 'button', onclick: async () => {
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      const range = document.createRange();
      range.selectNodeContents(button.previousSibling);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }
    button.textContent = done ? 'Copied' : 'Selected';
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  } }, 'Copy');
  return button;
}
