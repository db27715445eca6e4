// One scatter chart: accuracy over a figure, or a figure over another with accuracy as color.
const nearPixels = 26;

// Steps of loss against the baseline (or the best): rounded quantiles of the frontier, so that each color is in use.
function makeScale() {
  const reference = baseline >= 0 && variants[baseline].a ? variants[baseline].a[0] : Math.max(...variants.map(v => (v.a ? sign * v.a[0] : -Infinity))) * sign;
  const loss = v => (v.a ? sign * (reference - v.a[0]) : null);
  const losses = variants.filter(v => v.front && v.a).map(loss).sort((x, y) => x - y);
  const thresholds = [];
  for (const share of [0.2, 0.4, 0.6, 0.8]) {
    const value = losses[Math.floor(share * (losses.length - 1))] || 0;
    const magnitude = value > 0 ? 10 ** Math.floor(Math.log10(value)) : 0;
    const rounded = value > 0 ? clean([1, 2, 5, 10].map(d => d * magnitude).find(d => d >= value * (1 - 1e-9))) : 0;
    if (thresholds.length === 0 || rounded > thresholds[thresholds.length - 1]) thresholds.push(rounded);
  }
  return { thresholds, step: v => { const l = loss(v); return l == null ? 4 : Math.min(4, thresholds.filter(t => l > t * (1 + 1e-9)).length); } };
}

class Chart {
  constructor(host, id, configure) {
    this.configure = configure;
    this.caption = h('figcaption', { id: `cap-${id}` });
    this.svg = s('svg', { tabindex: '0', role: 'group', 'aria-labelledby': `cap-${id}`, 'aria-describedby': 'chart-help' });
    host.append(h('figure', { class: 'chart' }, this.caption, this.svg));
    this.svg.addEventListener('pointermove', event => this.point(event));
    this.svg.addEventListener('pointerleave', () => { hover(-1); hideTip(); });
    this.svg.addEventListener('click', event => { const index = this.nearest(event); if (index >= 0) select(index); });
    this.svg.addEventListener('keydown', event => this.key(event));
    this.svg.addEventListener('blur', () => { hover(-1); hideTip(); });
    new ResizeObserver(() => { if (Math.round(this.svg.clientWidth) !== this.width) this.draw(); }).observe(this.svg);
    onChange('view', () => this.draw());
    onChange('select', () => this.overlay());
    onChange('hover', () => this.overlay());
  }

  draw() {
    const width = Math.round(this.svg.clientWidth);
    if (width < 50) return;
    const height = Math.round(Math.min(380, Math.max(280, width * 0.82)));
    this.width = width;
    const view = this.configure();
    this.view = view;
    this.area = { left: view.y.left, top: 14, right: width - 12, bottom: height - 30 };
    const { left, top, right, bottom } = this.area;
    this.points = [];
    for (let i = 0; i < variants.length; i++) {
      const x = view.x.of(variants[i]);
      const y = view.y.of(variants[i]);
      if (x != null && y != null && (variants[i].front || variants[i].base || state.showDominated)) this.points.push({ i, x, y });
    }
    const missing = variants.filter(v => view.x.of(v) == null || view.y.of(v) == null).length;
    this.x = makeAxis(this.points.map(p => p.x), left, right, { log: true, atLeastZero: true });
    this.y = view.y.isAccuracy
      ? makeAxis(accuracyRange(state.focus), sign > 0 ? bottom : top, sign > 0 ? top : bottom)
      : makeAxis(this.points.map(p => p.y), bottom, top, { log: true, atLeastZero: true });
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.setAttribute('height', height);
    this.svg.replaceChildren();
    let below = 0;
    for (const p of this.points) {
      const pixel = this.y.pixel(p.y);
      p.below = pixel > bottom + 1;
      if (p.below) below++;
      p.px = this.x.pixel(p.x);
      p.py = Math.min(bottom, Math.max(top, pixel));
    }
    const stair = view.y.isAccuracy ? this.stair() : [];
    const notes = [below ? `↓ ${below} off the scale` : '', missing ? `${missing} not measured` : ''].filter(Boolean);
    this.caption.replaceChildren(view.title, h('span', null, [view.subtitle, this.x.isLog ? 'log scale' : '', ...notes].filter(Boolean).join(' · ')));
    if (stair.length > 2) this.svg.append(s('path', { class: 'tint', d: pathOf([...stair, [right, bottom]]) + 'Z' }));
    this.grid();
    this.budgets();
    this.marks();
    if (stair.length > 1) this.stairLine.setAttribute('d', pathOf(stair));
    this.labels(stair);
    this.over = s('g');
    this.svg.append(this.over);
    this.overlay();
  }

  stair() {
    const { bottom, right } = this.area;
    const corners = [];
    let best = -Infinity;
    let level = bottom;
    this.turns = new Set();
    for (const p of [...this.points].sort((p, q) => p.x - q.x || sign * (q.y - p.y))) {
      if (sign * p.y <= best) continue;
      best = sign * p.y;
      if (p.below) continue;
      this.turns.add(p.i);
      corners.push([p.px, level], [p.px, p.py]);
      level = p.py;
    }
    if (corners.length) corners.push([right, level]);
    return corners;
  }

  grid() {
    const { left, top, right, bottom } = this.area;
    const rows = ticksOf(this.y, 38);
    for (const tick of rows) {
      const y = px(this.y.pixel(tick));
      this.svg.append(s('line', { class: 'grid', x1: left, x2: right, y1: y, y2: y }));
      const text = this.view.y.isAccuracy
        ? tickNumber(tick * data.metric.scale, stepOf(rows) * data.metric.scale) + (data.metric.scale === 100 ? ' %' : '')
        : tickText(this.view.y.unit, tick, stepOf(rows));
      this.svg.append(s('text', { x: left - 7, y: y + 4, 'text-anchor': 'end' }, text));
    }
    const columns = ticksOf(this.x, 58);
    for (const tick of columns) {
      const x = px(this.x.pixel(tick));
      this.svg.append(s('line', { class: 'grid', x1: x, x2: x, y1: top, y2: bottom }), s('line', { class: 'axis', x1: x, x2: x, y1: bottom, y2: bottom + 4 }));
      const anchor = x > right - 22 ? 'end' : 'middle';
      this.svg.append(s('text', { x: anchor === 'end' ? right + 8 : x, y: bottom + 19, 'text-anchor': anchor }, tickText(this.view.x.unit, tick, stepOf(columns))));
    }
    this.svg.append(s('line', { class: 'axis', x1: left, x2: right, y1: bottom, y2: bottom }));
  }

  // What the budgets exclude is shaded, and each limit is a line.
  budgets() {
    const { left, top, right, bottom } = this.area;
    const lines = [];
    const most = state.budgets[this.view.x.key];
    if (most != null) {
      const x = px(Math.min(right, Math.max(left, this.x.pixel(most))));
      if (x < right) this.svg.append(s('rect', { class: 'outside', x, y: top, width: right - x, height: bottom - top }));
      if (this.x.contains(most)) lines.push(s('line', { class: 'budget', x1: x, x2: x, y1: top, y2: bottom }));
    }
    const limit = state.budgets[this.view.y.key];
    if (limit == null) {
      this.svg.append(...lines);
      return;
    }
    const y = px(Math.min(bottom, Math.max(top, this.y.pixel(limit))));
    const outsideBelow = this.view.y.isAccuracy;
    this.svg.append(s('rect', { class: 'outside', x: left, y: outsideBelow ? y : top, width: right - left, height: outsideBelow ? bottom - y : y - top }));
    if (this.y.contains(limit)) lines.push(s('line', { class: 'budget', x1: left, x2: right, y1: y, y2: y }));
    this.svg.append(...lines);
  }

  marks() {
    const { top, bottom } = this.area;
    const rest = this.points.filter(p => !variants[p.i].front && !variants[p.i].base);
    const front = this.points.filter(p => variants[p.i].front && !variants[p.i].base);
    const base = this.points.find(p => variants[p.i].base);
    this.stairLine = s('path', { class: 'stair' });
    const triangle = p => `M${px(p.px - 4)} ${bottom - 7}h8l-4 6.5Z`;
    if (!this.view.y.isAccuracy) {
      // The baseline and the knee keep their signs; all others carry the color of their loss.
      for (let step = 4; step >= 0; step--) {
        const dots = rest.filter(p => colors.step(variants[p.i]) === step).map(p => `M${px(p.px)} ${px(p.py)}h0`);
        if (dots.length) this.svg.append(s('path', { class: `far t${step}`, 'stroke-width': rest.length > 400 ? 3.6 : 5.2, d: [...new Set(dots)].join('') }));
      }
      for (const p of front.slice().sort((p, q) => colors.step(variants[q.i]) - colors.step(variants[p.i]))) {
        this.svg.append(s('circle', { class: `scaled s${colors.step(variants[p.i])}`, cx: px(p.px), cy: px(p.py), r: front.length > 80 ? 4.2 : 5.4 }));
      }
      const kneePoint = front.find(p => p.i === knee);
      if (kneePoint) this.svg.append(s('circle', { class: 'kneering', cx: px(kneePoint.px), cy: px(kneePoint.py), r: 9 }),
        s('circle', { class: `scaled s${colors.step(variants[knee])}`, cx: px(kneePoint.px), cy: px(kneePoint.py), r: 5 }));
    } else {
      const dots = rest.filter(p => !p.below);
      this.svg.append(s('path', { class: 'dots', 'stroke-width': dots.length > 400 ? 3.4 : 5.2, d: [...new Set(dots.map(p => `M${px(p.px)} ${px(p.py)}h0`))].join('') }));
      this.svg.append(s('path', { class: 'below', d: rest.filter(p => p.below).map(triangle).join('') }));
      this.svg.append(s('path', { class: 'below front', d: front.filter(p => p.below).map(triangle).join('') }));
      const clamp = y => px(Math.min(bottom, Math.max(top, y)));
      const barred = front.filter(p => !p.below && barOf(variants[p.i]) && (front.length <= 24 || this.turns.has(p.i)));
      this.svg.append(s('path', { class: 'errorbar', d: barred.map(p => {
        const [low, high] = barOf(variants[p.i]).map(v => clamp(this.y.pixel(v)));
        return `M${px(p.px)} ${low}V${high}M${px(p.px - 2.5)} ${low}h5M${px(p.px - 2.5)} ${high}h5`;
      }).join('') }));
      this.svg.append(this.stairLine);
      const rank = p => (p.i === knee ? 2 : this.turns.has(p.i) ? 1 : 0);
      for (const p of front.filter(p => !p.below).sort((p, q) => rank(p) - rank(q))) {
        const v = variants[p.i];
        if (p.i === knee) {
          this.svg.append(s('circle', { class: 'kneering', cx: px(p.px), cy: px(p.py), r: 8.5 }), s('circle', { class: 'kneedot', cx: px(p.px), cy: px(p.py), r: 4.4 }));
          continue;
        }
        const radius = (rank(p) ? 4.4 : 3.5) - (front.length > 80 ? 0.9 : 0);
        this.svg.append(s('circle', { class: v.ties.length ? 'front tied' : 'front', cx: px(p.px), cy: px(p.py), r: v.ties.length ? radius - 0.6 : radius }));
      }
    }
    if (!base) return;
    if (base.i === knee) this.svg.append(s('circle', { class: 'kneering', cx: px(base.px), cy: px(base.py), r: 11 }));
    this.svg.append(s('path', { class: 'basemark', d: `M${px(base.px)} ${px(base.py - 7)}l7 7l-7 7l-7 -7Z` }));
  }

  // Labels stand where they hide the fewest points and lines.
  labels(stair) {
    const taken = [];
    const samples = [];
    for (let k = 1; k < stair.length; k++) {
      const [[x1, y1], [x2, y2]] = [stair[k - 1], stair[k]];
      const count = Math.ceil(Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1)) / 5);
      for (let n = 0; n < count; n++) samples.push([x1 + ((x2 - x1) * n) / count, y1 + ((y2 - y1) * n) / count]);
    }
    const place = (p, text, kind) => {
      if (!p || p.below) return;
      const label = s('text', { class: `label l-${kind}` }, text);
      this.svg.append(label);
      const width = label.getComputedTextLength() + 4;
      const height = 14;
      let best = null;
      for (const distance of [12, 19, 28, 42, 60, 84]) {
        for (let k = 0; k < 16; k++) {
          const angle = (k * Math.PI) / 8;
          const x = p.px + Math.cos(angle) * (distance + width / 2) - width / 2;
          const y = p.py + Math.sin(angle) * (distance + height / 2) - height / 2;
          if (x < this.area.left + 2 || x + width > this.area.right || y < this.area.top - 8 || y + height > this.area.bottom - 2) continue;
          const covers = (cx, cy, pad) => cx > x - pad && cx < x + width + pad && cy > y - pad && cy < y + height + pad;
          let cost = distance / 4;
          for (const t of taken) if (x < t.x + t.w + 6 && x + width > t.x - 6 && y < t.y + 18 && y + height > t.y - 4) cost += 1000;
          for (const q of this.points) if (covers(q.px, q.py, 5)) cost += variants[q.i].front ? 14 : 6;
          for (const [sx, sy] of samples) if (covers(sx, sy, 2)) cost += 5;
          if (!best || cost < best.cost) best = { x, y, cost };
        }
      }
      if (!best) {
        label.remove();
        return;
      }
      taken.push({ x: best.x, y: best.y, w: width });
      label.setAttribute('x', px(best.x + 2));
      label.setAttribute('y', px(best.y + height - 3));
      const nx = Math.min(best.x + width, Math.max(best.x, p.px));
      const ny = Math.min(best.y + height, Math.max(best.y, p.py));
      const length = Math.hypot(nx - p.px, ny - p.py);
      if (length > 17) label.before(s('line', { class: `leader-${kind}`, x1: px(p.px + ((nx - p.px) / length) * 9), y1: px(p.py + ((ny - p.py) / length) * 9), x2: px(nx), y2: px(ny) }));
    };
    if (knee !== baseline) place(this.points.find(p => p.i === knee), 'knee', 'knee');
    place(this.points.find(p => p.i === baseline), knee === baseline ? 'baseline, the knee' : 'baseline', 'base');
  }

  overlay() {
    if (!this.over) return;
    this.over.replaceChildren();
    const ring = (index, name, radius) => {
      const p = index >= 0 && this.points.find(q => q.i === index);
      if (!p) return;
      const y = p.below ? this.area.bottom - 4 : p.py;
      if (name === 'selring') {
        this.over.append(s('line', { class: 'cross', x1: px(p.px), x2: px(p.px), y1: this.area.top, y2: this.area.bottom }),
          s('line', { class: 'cross', x1: this.area.left, x2: this.area.right, y1: px(y), y2: px(y) }));
      }
      this.over.append(s('circle', { class: name, cx: px(p.px), cy: px(y), r: radius }));
    };
    ring(state.selected, 'selring', 9);
    ring(state.hovered, 'hoverring', 7);
  }

  nearest(event) {
    const box = this.svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) * this.width) / box.width;
    const y = event.clientY - box.top;
    let best = -1;
    let least = nearPixels;
    for (const p of this.points) {
      const v = variants[p.i];
      // A frontier point wins over a dominated one that is as near.
      const distance = Math.hypot(p.px - x, (p.below ? this.area.bottom - 4 : p.py) - y) + (p.i === knee || v.base ? -3 : v.front ? 0 : 5);
      if (distance < least) {
        least = distance;
        best = p.i;
      }
    }
    return best;
  }

  point(event) {
    const index = this.nearest(event);
    hover(index);
    if (index < 0) hideTip();
    else showTip(index, event.pageX, event.pageY);
  }

  key(event) {
    const order = this.points.filter(p => variants[p.i].front || variants[p.i].base).sort((p, q) => p.px - q.px || q.py - p.py);
    if (order.length === 0) return;
    const at = order.findIndex(p => p.i === state.hovered);
    let next = null;
    if (event.key === 'ArrowRight' || event.key === 'ArrowUp') next = at < 0 ? 0 : Math.min(order.length - 1, at + 1);
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowDown') next = at < 0 ? order.length - 1 : Math.max(0, at - 1);
    else if (event.key === 'Home') next = 0;
    else if (event.key === 'End') next = order.length - 1;
    else if ((event.key === 'Enter' || event.key === ' ') && state.hovered >= 0) select(state.hovered);
    else return;
    event.preventDefault();
    if (next == null) return;
    const p = order[next];
    hover(p.i);
    const box = this.svg.getBoundingClientRect();
    showTip(p.i, window.scrollX + box.left + (p.px * box.width) / this.width, window.scrollY + box.top + p.py);
    byId('live').textContent = describe(p.i);
  }
}

const pathOf = points => points.map(([x, y], k) => `${k ? 'L' : 'M'}${px(x)} ${px(y)}`).join('');

function describe(index) {
  const v = variants[index];
  const parts = [v.what, `${data.metric.label} ${metric.value(accuracyOf(v))}`, v.base ? '' : `change ${metric.change(v.c && v.c[0])}`];
  for (const f of [state.memory, state.compute]) {
    const value = figureOf(v, f);
    parts.push(`${figures[f].label} ${value == null ? 'not measured' : formats[figures[f].unit](value)}`);
  }
  parts.push(...tagsOf(index).map(tag => tag[1]));
  return parts.filter(Boolean).join(', ');
}
