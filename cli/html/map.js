// SPDX-License-Identifier: GPL-2.0-or-later
// The map: each address space as its last process left it, area by area, and
// the 128 tags of each page of an area with PROT_ADI.

const CELL = 7;   // px for a block of 64 bytes, where there is room
const COUNTS = 80; // px for what is right of the strip

const short = (n) => n < 10000 ? String(n) : `${Math.round(n / 1000)}k`;

const tagAt = (tags, i) => tags.length === 1 ? tags : tags[i];

// [first, length, digit] of blocks with the same tag
function runsOf(tags) {
  const runs = [];
  for (let i = 0; i < 128; i++) {
    const last = runs[runs.length - 1];
    if (last && last[2] === tagAt(tags, i))
      last[1]++;
    else
      runs.push([i, 1, tagAt(tags, i)]);
  }
  return runs;
}

// Neighbours differ much in hue, and every other one in lightness.
function tagColour(digit) {
  const tag = parseInt(digit, 16);
  return `--n:${tag};--odd:${tag >> 1 & 1}`;
}

function drawTags(tags, x, y, cell, height, digits) {
  return runsOf(tags).flatMap(([first, n, digit]) => [
    svg('rect', {class: 'tag' + (digit === '0' ? ' zero' : ''),
      style: tagColour(digit), x: x + first * cell, y,
      width: n * cell, height}),
    digits && n * cell >= CELL && (digit !== '0' || n > 2) ? svg('text', {
      class: 'digit' + (digit === '0' ? ' zero' : ''),
      x: x + (first + n / 2) * cell, y: y + height - 3}, digit) : null,
  ]);
}

// A small one, for tables: a digit when all tags are the same.
function tagStrip(tags) {
  if (tags.length === 1)
    return `${tags} × 128`;
  return svg('svg', {width: 128, height: 11, role: 'img',
    'aria-label': `tags ${tags}`}, drawTags(tags, 0, 0, 1, 11, false));
}

class TagMap {
  constructor(section) {
    this.title = el('div');
    this.cell = el('div', {id: 'cell', role: 'status', class: 'dim'});
    this.box = el('div', {class: 'list', tabindex: 0, role: 'listbox',
      'aria-label': 'areas and pages; arrow keys choose a block of 64 bytes',
      onkeydown: (ev) => this.key(ev), onmousemove: (ev) => this.hover(ev)});
    this.onlyAdi = el('input', {type: 'checkbox', checked: true,
      onchange: () => this.filter(this.terms)});
    this.tools = el('div', {class: 'tools'},
      el('label', null, this.onlyAdi, ' only areas with PROT_ADI'), this.cell);
    section.append(this.title, this.tools, this.box);
    this.window = new Window(this.box, (a, b, w) => this.draw(a, b, w));
  }

  set(model) {
    this.model = model;
    this.at = null;
    this.cell.textContent = '';
    this.all = model.history
      ? model.history.spaces.flatMap((s) => this.rowsOf(s)) : [];
    const adi = this.all.some((r) => r.kind === 'area' && r.area.adi);
    this.onlyAdi.checked = adi;
    this.onlyAdi.parentNode.hidden = !adi;
  }

  // A space, its areas, and below each area its pages.
  rowsOf(space) {
    const hits = new Map(this.model.report.pages
      .filter((f) => f.mm === space.mm).map((f) => [f.va, f]));
    const pages = space.pages.map((p) => ({kind: 'page', space, page: p,
      start: address(p.va), end: address(p.va) + PAGE, hit: hits.get(p.va)}));
    const rows = [];
    let n = 0;

    for (const area of space.areas) {
      const head = {kind: 'area', space, area, start: address(area.start),
        end: address(area.end), pages: []};
      rows.push(head);
      while (n < pages.length && pages[n].start < head.end) {
        pages[n].area = area;
        head.pages.push(pages[n]);
        rows.push(pages[n++]);
      }
    }
    // Areas had no room in the report, but their pages had.
    rows.push(...pages.slice(n));
    for (const r of rows)
      r.text = () => `mm ${space.mm} ${allText(r.page || r.area)} ${
        r.kind} ${r.hit ? r.hit.kind : ''}`.toLowerCase();
    return [{kind: 'space', space, start: null, end: null,
      text: () => `mm ${space.mm}`}, ...rows];
  }

  filter(terms) {
    this.terms = terms;
    // A page is shown below its area, an area below its space.
    const wanted = this.all.filter((r) => r.kind !== 'space' &&
      (!this.onlyAdi.checked || (r.area && r.area.adi)) && matches(terms, r));
    const keep = new Set(wanted);
    for (const r of wanted) {
      keep.add(r.space);
      if (r.kind === 'page')
        keep.add(r.area);
    }
    this.rows = this.all.filter((r) => keep.has(r) ||
      (r.kind === 'space' && keep.has(r.space)) ||
      (r.kind === 'area' && keep.has(r.area)));
    this.found = wanted.filter((r) => r.kind === 'page').length;
    const all = this.all.filter((r) => r.kind === 'page').length;
    this.title.replaceChildren(
      heading('Tags at exit', !this.model.history ? '' :
        (this.found === all ? plural(all, 'page')
          : `${thousands(this.found)} of ${plural(all, 'page')}`) +
        ', a row each; a cell is a block of 64 bytes'),
      this.note());
    this.tools.hidden = this.box.hidden = this.rows.length === 0;
    this.box.style.height = `${Math.min(this.rows.length * ROW + 18, 420)}px`;
    this.window.set(this.rows.length, 0);
  }

  note() {
    const h = this.model.history;
    if (!h)
      return el('p', {class: 'note'}, 'This report has no history: “adiemu ' +
        'run --history” keeps the tags at exit.');
    const pages = h.spaces.reduce((n, s) => n + s.pages_left_out, 0);
    const areas = h.spaces.reduce((n, s) => n + s.areas_left_out, 0);
    if (pages + areas === 0)
      return this.rows.length || this.terms.length ? '' : el('p',
        {class: 'note'}, 'No area to show.');
    return el('p', {class: 'note'}, 'The map is cut: ' +
      `${plural(pages, 'page')} and ${plural(areas, 'area')} more had no ` +
      'room in the report.');
  }

  // ------------------------------------------------------------- pictures

  get narrow() {
    return this.box.clientWidth < NARROW;
  }

  get label() {
    return this.narrow ? 168 : 360;
  }

  // Of a block.
  get side() {
    return Math.max(1, Math.min(CELL, Math.floor((this.box.clientWidth -
      this.label - (this.narrow ? 8 : COUNTS)) / 128)));
  }

  get strip() {
    return 128 * this.side;
  }

  draw(first, last, width) {
    const kids = [];
    for (let i = first; i < last; i++) {
      const r = this.rows[i], y = i * ROW;
      const kids_of = {space: () => this.drawSpace(r.space, y),
        area: () => this.drawArea(r, y), page: () => this.drawPage(r, y)};
      kids.push(svg('g', {class: 'row' + (this.at && this.at.row === r
        ? ' picked' : '')},
      svg('rect', {class: 'row-bg', x: 0, y, width, height: ROW}),
      kids_of[r.kind]()));
    }
    if (this.at && this.at.row.kind === 'page')
      kids.push(svg('rect', {class: 'mark', y: this.rows.indexOf(this.at.row) *
        ROW + 2, x: this.label + this.at.block * this.side, width: this.side,
      height: ROW - 4}));
    return kids;
  }

  drawSpace(s, y) {
    const left = s.left;
    return svg('text', {x: 6, y: y + 14, 'font-weight': 600}, `mm ${s.mm}` +
      (left ? `, left by pid ${left.pid} at event #${left.event}` : ''));
  }

  // Where its pages are, to scale.
  drawArea(r, y) {
    const a = r.area, pages = Number((r.end - r.start) / PAGE);
    const scale = this.strip / pages;
    return [
      svg('text', {x: 10, y: y + 14}, this.narrow
        ? shorten(`${a.start}-${a.end}`, (this.label - 16) / CHAR)
        : `${a.start}-${a.end} ${a.prot}` + (a.adi ? ' ADI' : '')),
      svg('rect', {class: 'strip', x: this.label, y: y + 7, width: this.strip,
        height: 6}),
      r.pages.length ? this.ticks(r, y + 7, scale)
        : svg('rect', {class: 'resident', x: this.label, y: y + 7, height: 6,
            width: (a.pages / pages * this.strip).toFixed(2)}),
      this.narrow ? null : svg('text', {x: this.label + this.strip + 8,
        y: y + 14, class: 'dim'},
      `${short(a.pages)}+${short(a.away)}/${short(pages)}`),
      svg('title', null, `${a.start}-${a.end} ${a.prot}, ${plural(pages, 'page')}: ${a.pages} in memory, ` +
        `${a.away} in swap or migrating` +
        (a.object ? ', of an object' : ', private anonymous')),
    ];
  }

  // No two pages in one pixel: an area may have thousands.
  ticks(r, y, scale) {
    const drawn = new Set();
    return r.pages.map((p) => {
      const x = Number((p.start - r.start) / PAGE) * scale;
      if (drawn.has(Math.floor(x)))
        return null;
      drawn.add(Math.floor(x));
      return svg('rect', {class: 'resident', x: this.label + x, y, height: 6,
        width: Math.max(1, scale - (scale > 3 ? 1 : 0))});
    });
  }

  drawPage(r, y) {
    const p = r.page, away = p.frame === null;
    const where = !away ? `frame ${p.frame}` : `entry ${p.entry}`;
    return [
      svg('text', {x: 20, y: y + 14,
        class: r.hit && this.narrow ? 'bad' : null}, p.va),
      this.narrow ? null : svg('text', {x: 164, y: y + 14, class: 'dim'},
        where),
      r.hit && !this.narrow ? svg('text', {x: this.label - 12, y: y + 14,
        class: 'bad', 'text-anchor': 'end'},
      `${r.hit.kind} ${r.hit.blocks}`) : null,
      svg('title', null, `${where}${r.hit ? `, ${r.hit.kind}` : ''}`),
      p.tags ? drawTags(p.tags, this.label, y + 3, this.side, ROW - 6, true) : null,
      svg('rect', {class: 'strip' + (away ? ' away' : '') +
        (r.hit ? ' hit' : ''), x: this.label, y: y + 3, width: this.strip,
      height: ROW - 6}),
      p.tags ? null : svg('text', {x: this.label + 8, y: y + 14, class: 'dim'},
        'no copy in the tag store'),
      away && p.tags && !this.narrow ? svg('text', {x: this.label +
        this.strip + 8, y: y + 14, class: 'dim'}, 'in store') : null,
    ];
  }

  // -------------------------------------------------------- a single block

  say(row, block) {
    const p = row.page;
    if (!p || block < 0 || block > 127)
      return;
    const va = BigInt(p.va) + BigInt(block * 64);
    this.cell.textContent = `mm ${row.space.mm} 0x${va.toString(16)}, block ${
      block}: ` + (p.tags ? `tag ${parseInt(tagAt(p.tags, block), 16)}`
      : 'no tag') + (p.frame === null ? ' in the tag store' : '') +
      (row.hit ? `; ${row.hit.kind} at event #${row.hit.seen.event}` : '');
  }

  hover(ev) {
    const box = this.box.getBoundingClientRect();
    const y = ev.clientY - box.top + this.box.scrollTop;
    const x = ev.clientX - box.left + this.box.scrollLeft - this.label;
    const row = this.rows[Math.floor(y / ROW)];
    if (row)
      this.say(row, Math.floor(x / this.side));
  }

  key(ev) {
    const at = this.at ? this.rows.indexOf(this.at.row) : -1;
    const block = this.at ? this.at.block : 0;
    const page = Math.floor(this.box.clientHeight / ROW) - 1;
    const go = {ArrowDown: [at + 1, block], ArrowUp: [at - 1, block],
      PageDown: [at + page, block], PageUp: [at - page, block],
      ArrowLeft: [at, block - 1], ArrowRight: [at, block + 1],
      Home: [at, 0], End: [at, 127]}[ev.key];
    if (!go || ev.ctrlKey || ev.altKey || ev.metaKey || !this.rows.length)
      return;
    ev.preventDefault();
    const n = Math.max(0, Math.min(go[0], this.rows.length - 1));
    this.at = {row: this.rows[n], block: Math.max(0, Math.min(go[1], 127))};
    this.window.show(n);
    if (this.at.row.page)
      this.say(this.at.row, this.at.block);
    else
      this.cell.textContent = this.at.row.text();
  }
}
