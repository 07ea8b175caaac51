// SPDX-License-Identifier: GPL-2.0-or-later
// The time line: a row for each page, a bar for each saved copy of its tags.
// Only the rows in view are drawn, so that their number does not matter.

const ROW = 20; // px
const CHAR = 7.3; // px of one in a picture
const TOLD = 56;  // px of "leaked"
const NARROW = 600; // px: a phone
const FATES = [
  ['restored', 'R', 'put into a frame'],
  ['moved', 'M', 'followed its page, into another row'],
  ['freed', 'F', 'nobody needed it any more'],
  ['held', 'H', 'an entry stood for it at the end'],
  ['leaked', 'L', 'hatched below: since nothing can release it'],
  ['discarded', 'D', 'the store freed the buffer under it'],
  ['replaced', 'P', 'by a newer one'],
];
const LETTER = Object.fromEntries(FATES);

// What a mark looks like, around 0,0; the sizes are in px.
const MARKS = {
  'swap-out': 'M-4,-3H4L0,4Z', 'swap-in': 'M-4,4H4L0,-3Z',
  'migrate-out': 'M0,-5L4,0L0,5Z', 'migrate-in': 'M0,-5L-4,0L0,5Z',
  'swap-entry-gone': 'M-3,-3L3,3M-3,3L3,-3',
  'migration-entry-gone': 'M-3,-3L3,3M-3,3L3,-3',
  'save-failed': 'M0,-5V1M0,3V5', 'fork': 'M-3,-4L0,0L3,-4M0,0V5',
  'mremap': 'M-4,0H4M1,-3L4,0L1,3', 'zap': 'M0,-6V6',
  'untagged-copy': 'M0,-6V6', 'tags-cleared': 'M-3,-3H3V3H-3Z', 'tags-left': 'M-3,-3H3V3H-3Z',
  'unmap-undo': 'M4,0H-4M-1,-3L-4,0L-1,3',
  'visible': 'M-1.5,0A1.5,1.5 0 1 0 1.5,0A1.5,1.5 0 1 0 -1.5,0',
};
const SOLID = new Set(['swap-out', 'swap-in', 'migrate-out', 'migrate-in',
  'visible']);
const LEGEND = [['swap-out', 'swap out'], ['swap-in', 'swap in'],
  ['migrate-out', 'migrate out'], ['migrate-in', 'in'],
  ['swap-entry-gone', 'entry gone'], ['fork', 'fork'], ['mremap', 'mremap'],
  ['zap', 'unmapped'], ['visible', 'visible']];

function markOf(kind, x, y) {
  return MARKS[kind] && svg('path', {d: MARKS[kind],
    class: 'mark' + (SOLID.has(kind) ? ' solid' : ''),
    transform: `translate(${x.toFixed(1)},${y})`});
}

function legend() {
  const swatch = (kid, w) => svg('svg', {width: w, height: 12,
    'aria-hidden': 'true'}, kid);
  return el('div', {class: 'legend'},
    FATES.map(([fate, letter, what]) => el('span', {title: what},
      swatch([svg('g', {class: `life ${fate}`},
        svg('rect', {y: 1, width: 16, height: fate === 'leaked' ? 6 : 8})),
      fate === 'leaked' ? svg('rect', {class: 'tail', y: 8, width: 16,
        height: 4}) : null], 16),
      `${fate} (${letter})`)),
    LEGEND.map(([kind, what]) => el('span', null,
      swatch(markOf(kind, 6, 6), 12), what)),
    el('span', null, swatch(svg('circle', {cx: 6, cy: 6, r: 4,
      class: 'mark finding'}), 12), 'lost or stale'));
}

// Addresses differ at their end, and spaces at their beginning.
function shorten(text, max) {
  const half = Math.floor((max - 1) / 2);
  return text.length <= max ? text
    : `${text.slice(0, half)}…${text.slice(-half)}`;
}

// A list of rows of the same height of which those in view are drawn.
class Window {
  // draw(first, last, width) -> svg nodes with y from first * ROW on
  constructor(box, draw) {
    this.box = box;
    this.draw = draw;
    this.canvas = svg('svg', {role: 'presentation'});
    this.space = el('div');
    box.append(this.space, this.canvas);
    box.addEventListener('scroll', () => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(box);
  }

  set(count, width) {
    this.count = count;
    this.minWidth = width;
    // What is drawn now must not keep a list long that gets shorter.
    this.canvas.setAttribute('height', 0);
    this.canvas.style.top = '0';
    this.space.style.height = `${count * ROW}px`;
    this.space.style.width = `${width}px`;
    this.redraw();
  }

  redraw() {
    const width = Math.max(this.box.clientWidth, this.minWidth || 0,
      200);
    const first = Math.max(0, Math.min(this.count - 1,
      Math.floor(this.box.scrollTop / ROW) - 3));
    const last = Math.min(this.count,
      first + Math.ceil(this.box.clientHeight / ROW) + 6);
    const height = (last - first) * ROW;
    if (!this.count) {
      this.canvas.replaceChildren();
      return;
    }
    this.canvas.setAttribute('width', width);
    this.canvas.setAttribute('height', height);
    this.canvas.setAttribute('viewBox', `0 ${first * ROW} ${width} ${height}`);
    this.canvas.style.top = `${first * ROW}px`;
    this.canvas.replaceChildren(...this.draw(first, last, width));
  }

  show(n) {
    if (n * ROW < this.box.scrollTop)
      this.box.scrollTop = n * ROW;
    else if ((n + 1) * ROW > this.box.scrollTop + this.box.clientHeight)
      this.box.scrollTop = (n + 1) * ROW - this.box.clientHeight;
    this.redraw();
  }
}

class TimeLine {
  constructor(section) {
    this.axis = svg('svg', {class: 'axis', height: 22, role: 'presentation'});
    this.box = el('div', {class: 'list', tabindex: 0, role: 'listbox',
      'aria-label': 'pages; arrow keys choose one and move along, ' +
        '+ and - zoom, 0 shows all',
      onkeydown: (ev) => this.key(ev), onwheel: (ev) => this.wheel(ev)});
    this.title = el('div');
    this.said = el('span', {role: 'status', class: 'dim'});
    this.story = el('div', {class: 'story', hidden: true});
    this.every = el('input', {type: 'checkbox',
      onchange: () => this.filter(this.terms)});
    const button = (text, title, f) => el('button', {type: 'button', title,
      'aria-label': title, onclick: f}, text);
    this.tools = el('div', {class: 'tools'},
      button('+', 'zoom in', () => this.zoom(0.5)),
      button('−', 'zoom out', () => this.zoom(2)),
      button('◂', 'earlier', () => this.pan(-0.5)),
      button('▸', 'later', () => this.pan(0.5)),
      button('all', 'all events', () => this.setView(1, this.model.last)),
      el('label', null, this.every, ' pages without saved tags too'),
      this.said);
    this.legend = legend();
    section.append(this.title, this.tools, this.axis, this.box, this.legend,
      this.story);
    this.window = new Window(this.box, (a, b, w) => this.draw(a, b, w));
  }

  set(model) {
    this.model = model;
    this.picked = null;
    this.story.hidden = true;
    this.low = 1;
    this.high = model.last;
    const plain = model.list.filter((r) => !r.tagged).length;
    this.every.parentNode.hidden = plain === 0;
    this.every.checked = plain === model.list.length;
  }

  note() {
    const h = this.model.history;
    if (!h)
      return 'This report has no history: only leaks, and pages with ' +
        'findings, are shown.  “adiemu run --history” keeps all events.';
    const cut = [[h.events_left_out, 'event'],
      [h.lives_left_out, 'saved copy']].filter(([n]) => n > 0);
    return cut.length === 0 ? null : 'The history is cut: ' +
      cut.map(([n, what]) => `${thousands(n)} earlier ` +
        (n === 1 ? what : what === 'event' ? 'events' : 'saved copies'))
        .join(' and ') + ` are not in it (--history=${h.limit}); those of ` +
      'pages with findings are.';
  }

  filter(terms) {
    const all = this.model.list.filter((r) => r.tagged || this.every.checked);
    this.terms = terms;
    this.rows = all.filter((r) => matches(terms, r));
    this.longest = this.rows.reduce((n, r) => Math.max(n, r.label.length), 0);
    const n = this.rows.length, note = this.note();
    this.title.replaceChildren(
      heading('Time line', (n === all.length ? plural(n, 'page')
        : `${thousands(n)} of ${plural(all.length, 'page')}`) +
        `, ${plural(this.model.report.events, 'event')}`),
      note ? el('p', {class: 'note'}, note) : '');
    this.box.hidden = this.axis.style.display = '';
    this.box.hidden = n === 0;
    this.tools.hidden = this.legend.hidden = this.model.list.length === 0;
    this.axis.style.display = n ? '' : 'none';
    this.box.style.height = `${Math.min(n * ROW + 2, 420)}px`;
    this.window.set(n, 0);
    this.drawAxis();
  }

  // ------------------------------------------------------------- the view

  get narrow() {
    return this.box.clientWidth < NARROW;
  }

  // What the longest label needs, up to half of the room there is.
  get label() {
    return Math.max(120, Math.min(this.box.clientWidth / 2,
      this.longest * CHAR + 24 + (this.narrow ? 0 : TOLD)));
  }

  get width() {
    return Math.max(100, this.box.clientWidth - this.label - 16);
  }

  x(event) {
    return this.label + (event - this.low) / (this.high - this.low + 1) *
      this.width;
  }

  setView(low, high) {
    const span = Math.max(4, Math.min(high - low, this.model.last - 1));
    this.low = Math.max(1, Math.min(low, this.model.last - span));
    this.high = this.low + span;
    this.drawAxis();
    this.window.redraw();
  }

  zoom(by, at) {
    const middle = at ?? (this.low + this.high) / 2;
    this.setView(middle - (middle - this.low) * by,
      middle + (this.high - middle) * by);
  }

  pan(by) {
    const d = (this.high - this.low) * by;
    const room = d < 0 ? 1 - this.low : this.model.last - this.high;
    const step = d < 0 ? Math.max(d, room) : Math.min(d, Math.max(0, room));
    this.setView(this.low + step, this.high + step);
  }

  wheel(ev) {
    if (!ev.ctrlKey)
      return;
    ev.preventDefault();
    const x = ev.clientX - this.box.getBoundingClientRect().left - this.label;
    this.zoom(ev.deltaY > 0 ? 1.25 : 0.8, this.low +
      (this.high - this.low) * Math.max(0, Math.min(1, x / this.width)));
  }

  key(ev) {
    const at = this.rows.indexOf(this.picked);
    const page = Math.floor(this.box.clientHeight / ROW) - 1;
    const go = {ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page,
      PageUp: at - page, Home: 0, End: this.rows.length - 1}[ev.key];
    const act = {ArrowLeft: () => this.pan(-0.1),
      ArrowRight: () => this.pan(0.1), '+': () => this.zoom(0.5),
      '=': () => this.zoom(0.5), '-': () => this.zoom(2),
      0: () => this.setView(1, this.model.last)}[ev.key];
    if (ev.ctrlKey || ev.altKey || ev.metaKey || (go === undefined && !act))
      return;
    ev.preventDefault();
    if (act)
      act();
    else if (this.rows.length)
      this.pick(this.rows[Math.max(0, Math.min(go, this.rows.length - 1))]);
  }

  // Bring an event into view, with the row that it is told of.
  go(nr, mm, va, entry) {
    const at = va ? address(va) : null;
    const told = this.model.list.filter((r) =>
      r.events.some((e) => e.event === nr) || r.lives.some((l) =>
        l.begin === nr || l.cut === nr || l.end === nr));
    const row = told.find((r) => r.space === `mm ${mm}` && at !== null &&
        r.start <= at && at < r.end) ||
      told.find((r) => r.key === `slot ${entry}`) || told[0];
    if (!row) {
      this.said.textContent = `event #${nr} is not in the time line`;
      this.said.scrollIntoView({block: 'nearest'});
      return;
    }
    if (!this.rows.includes(row))
      this.unfilter(row);
    if (nr < this.low || nr > this.high) {
      const half = (this.high - this.low) / 2;
      this.setView(nr - half, nr + half);
    }
    this.pick(row, nr);
    this.title.scrollIntoView();
    this.box.focus({preventScroll: true});
  }

  unfilter(row) {
    if (!row.tagged)
      this.every.checked = true;
    clearFilter();
  }

  // ------------------------------------------------------------ pictures

  drawAxis() {
    const width = this.box.clientWidth;
    const span = this.high - this.low;
    const rough = span / Math.max(1, this.width / 90);
    const ten = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
    const step = [1, 2, 5, 10].map((n) => n * ten).find((n) => n >= rough);
    const kids = [];
    const kept = this.model.firstKept;

    if (kept > this.low) {
      const from = this.x(this.low);
      kids.push(svg('rect', {class: 'unknown', x: from, y: 0, height: 22,
        width: Math.max(0, this.x(Math.min(kept, this.high + 1)) - from)},
      svg('title', null, `before #${kept} only events of pages with ` +
        'findings are in the history')));
    }
    kids.push(svg('text', {x: 6, y: 15, class: 'dim'}, 'event'));

    for (let n = Math.ceil(this.low / step) * step; n <= this.high; n += step)
      kids.push(svg('line', {x1: this.x(n), x2: this.x(n), y1: 17, y2: 22}),
        svg('text', {x: this.x(n), y: 14, class: 'dim',
          'text-anchor': this.x(n) > width - 30 ? 'end' : 'middle'},
        thousands(n)));
    this.axis.setAttribute('width', width + 2);
    this.axis.replaceChildren(...kids);
  }

  draw(first, last, width) {
    const kids = [svg('defs', null,
      svg('pattern', {id: 'leaking', width: 5, height: 5,
        patternUnits: 'userSpaceOnUse'},
      svg('path', {d: 'M-1,6L6,-1M-1,1L1,-1M4,6L6,4', 'stroke-width': 1.4}))),
    svg('clipPath', {id: 'clip'}, svg('rect', {x: this.label - 6,
      y: first * ROW, width: width - this.label + 6, height: (last - first) * ROW}))];

    for (let i = first; i < last; i++)
      kids.push(this.drawRow(this.rows[i], i * ROW, width));
    return kids;
  }

  drawRow(row, y, width) {
    const told = row.told ||
      (row.lives.some((l) => l.fate === 'leaked') ? 'leaked' : null);
    return svg('g', {class: 'row' + (row === this.picked ? ' picked' : ''),
      'data-key': row.key, onclick: () => this.pick(row)},
    svg('title', null, told ? `${row.label}, ${told}` : row.label),
    svg('rect', {class: 'row-bg', x: 0, y, width, height: ROW}),
    svg('text', {x: 6, y: y + 14, class: told && this.narrow ? 'bad' : null},
      shorten(row.label, (this.label - 12 - (this.narrow ? 0 : TOLD)) / CHAR)),
    told && !this.narrow ? svg('text', {x: this.label - 14, y: y + 14,
      class: 'bad', 'text-anchor': 'end'}, told) : null,
    svg('line', {class: 'grid', x1: this.label, x2: width, y1: y + ROW - 0.5,
      y2: y + ROW - 0.5}),
    svg('g', {'clip-path': 'url(#clip)'},
      row.lives.map((l) => this.drawLife(l, y)), this.drawTail(row, y),
      this.drawMarks(row, y + 8),
      row.findings.map((f) => f.seen && svg('circle', {class: 'mark finding',
        cx: this.x(f.seen.event), cy: y + 8, r: 4.5},
      svg('title', null, `${f.kind}: ${f.blocks} blocks, tag ` +
        `${f.found_tag} in place of ${f.expected_tag}, #${f.seen.event}`)))));
  }

  drawLife(life, y) {
    const stop = life.end || this.model.last + 1;
    const sound = life.fate === 'leaked' && life.cut ? life.cut : stop;
    if (sound < this.low || life.begin > this.high)
      return null;
    const x = this.x(life.begin), end = this.x(sound);
    return svg('g', {class: `life ${life.fate}`},
      svg('rect', {x, y: y + 3, width: Math.max(1.5, end - x),
        height: ROW - 10}),
      end - x > 40 && sound <= this.high ? svg('text', {x: (x + end) / 2,
        y: y + 12, 'text-anchor': 'middle'}, LETTER[life.fate] || '') : null,
      svg('title', null, lifeText(life)));
  }

  // Copies that nothing could release stay to the end: one line for all.
  drawTail(row, y) {
    const cut = row.lives.filter((l) => l.fate === 'leaked' && l.cut);
    if (cut.length === 0)
      return null;
    const from = cut.reduce((n, l) => Math.min(n, l.cut), Infinity);
    const x = this.x(Math.max(from, this.low - 1));
    return svg('rect', {class: 'tail', x, y: y + ROW - 6, height: 4,
      width: Math.max(1.5, this.x(this.high + 1) - x)},
    svg('title', null, `${cut.length} leaked, the first since #${from}`));
  }

  // No two marks of a kind in one pixel.
  drawMarks(row, y) {
    const drawn = new Set();
    const kids = [];
    for (const e of row.events) {
      if (e.event < this.low || e.event > this.high || !MARKS[e.kind])
        continue;
      const x = this.x(e.event), key = `${e.kind} ${Math.round(x / 2)}`;
      if (drawn.has(key))
        continue;
      drawn.add(key);
      const mark = markOf(e.kind, x, y);
      mark.append(svg('title', null, `#${e.event} ${e.kind}, ${e.path}`));
      kids.push(mark);
    }
    return kids;
  }

  // -------------------------------------------------- the story of a page

  pick(row, nr) {
    this.picked = row;
    this.window.show(this.rows.indexOf(row));
    this.story.hidden = false;
    const cut = this.model.history ? null
      : row.findings.reduce((n, f) => n + f.older_events, 0);
    const list = new List(el('div'), 'Events',
      eventColumns(this.model, (n) => this.mark(n)).filter((c) =>
        c.title !== 'of'), cut ? `${plural(cut, 'older event')} not kept` : '');
    list.set(row.events.map((e) => item(e, null, null)));
    list.draw([]);
    this.story.replaceChildren(el('h3', null, row.label),
      el('ul', null, row.lives.slice(0, 50).map((l) =>
        el('li', null, lifeText(l))),
      row.lives.length > 50 ? el('li', {class: 'dim'},
        `${thousands(row.lives.length - 50)} more`) : null),
      list.section);
    this.said.textContent = row.label + (nr ? `, event #${nr}` : '');
  }

  // An event chosen in the story: into the middle.
  mark(nr) {
    const half = (this.high - this.low) / 2;
    this.setView(nr - half, nr + half);
    this.said.textContent = `${this.picked.label}, event #${nr}`;
  }
}

function lifeText(l) {
  const what = {save: 'saved', duplicate: 'shared with the child',
    move: 'moved here'}[l.from];
  return (l.slot ? `slot ${l.slot}: ` : '') + `${what} by ${l.begin_path || 'the store'} #${l.begin}` +
    (l.restores && l.fate !== 'restored' ? `, put into ${
      plural(l.restores, 'frame')}` : '') +
    (l.cut ? `, nothing could release it after ${l.cut_path} #${l.cut}` : '') +
    (l.end ? `, ${l.fate} by ${l.end_path} #${l.end}` : `, ${l.fate}`) +
    (l.buffer ? `, buffer ${l.buffer}` : '') +
    (l.bytes ? `, ${plural(l.bytes, 'byte')}` : '') +
    (l.parent ? `, from copy ${l.parent}` : '') +
    (l.life ? ` (copy ${l.life})` : '');
}
