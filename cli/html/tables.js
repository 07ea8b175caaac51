// SPDX-License-Identifier: GPL-2.0-or-later
// Tables: the matrix, and the lists that can be sorted and filtered.

const CHUNK = 200; // rows that are drawn at a time
const BAD_ROWS = new Set(['lost pages', 'stale pages', 'leaked', 'leaked bytes',
  'wrong releases', 'refused saves', 'refused']);

function heading(title, note) {
  return el('h2', null, title, note ? el('small', null, note) : null);
}

function numberCell(value, bad) {
  const none = value === 0 || value === undefined || value === null;
  return el('td', {class: 'n' + (none ? ' dim' : bad ? ' bad' : '')},
    none ? '–' : thousands(value));
}

// ------------------------------------------------------------- the matrix

function wholeRunCell(label, value) {
  const bad = value === 'ERRORS' || value === 'kernel BUG' ||
    value === 'differs' || (BAD_ROWS.has(label) && value > 0);
  const good = value === 'clean';
  return el('td', {class: 'n' + (bad ? ' bad' : good ? ' good' : '')},
    thousands(value));
}

// Profile by path, of "adiemu compare".
function drawMatrix(data, picked, pick) {
  const names = Object.keys(data.reports);
  const functionOf = (path) => names
    .map((n) => data.reports[n].paths[path])
    .filter(Boolean).map((p) => p.function)[0] || '';
  const body = el('tbody');
  let path = null;

  for (const row of data.matrix) {
    if (row.path !== path) {
      path = row.path;
      body.append(el('tr', {class: 'group'},
        el('th', {scope: 'rowgroup', colspan: names.length + 1},
          el('div', null, path, el('span', null, functionOf(path))))));
    }
    const whole = path === 'whole run';
    body.append(el('tr', null, el('th', {scope: 'row'}, row.row),
      names.map((n) => {
        const value = row.values[n];
        const cell = whole ? wholeRunCell(row.row, value)
          : numberCell(value, BAD_ROWS.has(row.row));
        if (n === picked)
          cell.classList.add('picked');
        return cell;
      })));
  }
  return [
    heading('Path by profile', 'a dash is 0; a name shows its details below'),
    el('div', {class: 'wide'}, el('table', {class: 'matrix'},
      el('thead', null, el('tr', null, el('td'), names.map((n) =>
        el('th', {class: 'n' + (n === picked ? ' picked' : ''), scope: 'col'},
          el('button', {type: 'button', onclick: () => pick(n)}, n))))),
      body)),
  ];
}

const SUMS = ['saved', 'refused', 'restored', 'moved', 'shared', 'freed',
  'lost', 'stale', 'leaked', 'leaked_bytes', 'hook_calls', 'hook_ns'];
const BAD_SUMS = new Set(['refused', 'lost', 'stale', 'leaked',
  'leaked_bytes']);

// Of one profile: what became of tags on each path.
function drawSums(report, profile) {
  const paths = Object.entries(report.paths);
  const sums = SUMS.filter((s) => paths.some(([, p]) => s in p));

  if (paths.length === 0)
    return [heading('Paths'), el('p', {class: 'note'},
      'No tags were saved, and none were lost.')];
  return [
    heading('Paths', `what became of tags under ${profile}`),
    el('div', {class: 'wide'}, el('table', null,
      el('thead', null, el('tr', null, el('th', {scope: 'col'}, 'path'),
        el('th', {scope: 'col'}, 'function'), sums.map((s) =>
          el('th', {class: 'n', scope: 'col'}, s.replaceAll('_', ' '))))),
      el('tbody', null, paths.map(([name, path]) => el('tr', null,
        el('th', {scope: 'row'}, name),
        el('td', {class: 'dim'}, path.function),
        sums.map((s) => numberCell(path[s], BAD_SUMS.has(s)))))))),
  ];
}

// -------------------------------------------------------- lists of records

// columns: {title, cell(record) -> node or text, sort(record), number}
class List {
  constructor(section, title, columns, note) {
    Object.assign(this, {section, title, all: columns, note, shown: CHUNK,
      by: null, down: false});
  }

  // items: {record, text(), start, end}
  set(items) {
    this.items = items;
    // A column that nothing is in is not shown.
    this.columns = this.all.filter((c) => !c.key ||
      items.some((i) => i.record[c.key]));
    this.shown = CHUNK;
  }

  draw(terms) {
    const found = this.items.filter((i) => matches(terms, i));
    const all = this.items.length;
    this.found = found.length;
    this.terms = terms;
    if (this.by)
      found.sort((a, b) => (this.down ? -1 : 1) *
        compare(this.by.sort(a.record), this.by.sort(b.record)));
    this.section.hidden = all === 0;
    this.section.replaceChildren(
      heading(this.title, (found.length === all ? thousands(all)
        : `${thousands(found.length)} of ${thousands(all)}`) +
        (this.also || '')),
      this.note && all ? el('p', {class: 'note'}, this.note) : '',
      this.unlisted ? el('p', {class: 'note'}, `${thousands(this.unlisted)
        } more of the same causes are not in the report; --verbose-pages has ` +
        'them.') : '',
      all ? this.table(found) : '');
  }

  table(found) {
    const rest = found.length - this.shown;
    return el('div', {class: 'wide'}, el('table', null,
      el('thead', null, el('tr', null, this.columns.map((c) =>
        this.header(c)))),
      el('tbody', null, found.slice(0, this.shown).map((i) => el('tr', null,
        this.columns.map((c) => el('td', {class: c.number ? 'n'
          : c.wraps ? 'wraps' : null}, c.cell(i.record))))))),
    rest > 0 ? el('button', {class: 'more', type: 'button', onclick: () => {
      this.shown += 5 * CHUNK;
      this.draw(this.terms);
    }}, `${thousands(Math.min(rest, 5 * CHUNK))} more of ${thousands(rest)}`)
      : null);
  }

  header(c) {
    const sort = this.by !== c ? null : this.down ? 'descending' : 'ascending';
    if (!c.sort)
      return el('th', {scope: 'col'}, c.title);
    return el('th', {scope: 'col', 'aria-sort': sort,
      class: c.number ? 'n' : null},
    el('button', {type: 'button', onclick: () => {
      this.down = this.by === c && !this.down;
      this.by = c;
      this.draw(this.terms);
      [...this.section.querySelectorAll('th button')]
        .find((b) => b.textContent === c.title).focus();
    }}, c.title));
  }
}

// A number of an event that leads to it in the time line.
function eventLink(nr, go) {
  return el('button', {class: 'ev', type: 'button', onclick: () => go(nr),
    title: 'show it in the time line'}, `#${nr}`);
}

// "swap-out (try_to_unmap_one) #2 pid 1000, __madvise"
function stampText(stamp, go) {
  if (!stamp)
    return el('span', {class: 'dim'}, '–');
  return el('span', null, `${stamp.path}`,
    stamp.function ? ` (${stamp.function}) ` : ' ',
    eventLink(stamp.event, go),
    el('span', {class: 'dim', title: `pc ${stamp.pc}`},
      ` pid ${stamp.pid}, ${codeName(stamp)}` +
      (stamp.script_line ? `, line ${stamp.script_line}` : '')));
}

// Of a record, or of an error in one.
const causeColumn = {title: 'because', key: 'cause', wraps: true,
  sort: (x) => x.cause ? x.cause.function : '',
  cell: (x) => x.cause ? el('span', {title: x.cause.what},
    `${x.cause.function}() `, el('span', {class: 'dim'}, x.cause.what)) : '–'};

const owner = (r) => r.object
  ? (r.mm ? `mm ${r.mm}, ` : '') + `object ${r.object}` : r.mm ? `mm ${r.mm}` : r.entry ? 'swap slots' : '–';

const REACHABLE = 'still reachable'; // the class of what is no leak yet

function leakColumns(go) {
  return [
    causeColumn,
    {title: 'class', sort: (l) => l.class, cell: (l) => el('span',
      {class: l.class === REACHABLE ? null : 'bad'}, l.class)},
    {title: 'of', sort: owner, cell: owner},
    {title: 'range', sort: (l) => address(l.entry || l.start),
      cell: (l) => l.entry ? `entry ${l.entry}` : `${l.start}-${l.end}`},
    {title: 'bytes', number: true, sort: (l) => l.bytes,
      cell: (l) => thousands(l.bytes)},
    {title: 'allocs', number: true, sort: (l) => l.allocations,
      cell: (l) => thousands(l.allocations)},
    {title: 'copies', number: true, sort: (l) => l.users,
      cell: (l) => thousands(l.users)},
    {title: 'cut off', number: true, sort: (l) => l.leaked_users,
      cell: (l) => thousands(l.leaked_users)},
    {title: 'descriptor', key: 'buffer', number: true, sort: (l) => l.descriptor ?? -1,
      cell: (l) => l.descriptor ?? '–'},
    {title: 'allocated by', wraps: true, sort: (l) => l.allocated ? l.allocated.event : 0,
      cell: (l) => stampText(l.allocated,
        (nr) => go(nr, l.mm, l.start, l.entry))},
    {title: 'nothing could release it after', key: 'unreachable_since',
      wraps: true,
      sort: (l) => l.unreachable_since ? l.unreachable_since.event : 0,
      cell: (l) => stampText(l.unreachable_since,
        (nr) => go(nr, l.mm, l.start, l.entry))},
  ];
}

function findingColumns(go) {
  return [
    causeColumn,
    {title: 'kind', sort: (f) => f.kind,
      cell: (f) => el('span', {class: 'bad'}, f.kind)},
    {title: 'of', sort: (f) => f.mm, cell: owner},
    {title: 'page', sort: (f) => address(f.va), cell: (f) => f.va},
    {title: 'blocks', number: true, sort: (f) => f.blocks,
      cell: (f) => f.blocks},
    {title: 'first', number: true, sort: (f) => f.first_block,
      cell: (f) => f.first_block},
    {title: 'expected', number: true, sort: (f) => f.expected_tag,
      cell: (f) => f.expected_tag},
    {title: 'found', number: true, sort: (f) => f.found_tag,
      cell: (f) => f.found_tag},
    {title: 'seen by', wraps: true, sort: (f) => f.seen ? f.seen.event : 0,
      cell: (f) => stampText(f.seen, (nr) => go(nr, f.mm, f.va))},
    {title: 'events', number: true,
      sort: (f) => f.history.length + f.older_events,
      cell: (f) => f.history.length + f.older_events},
  ];
}

function wrongColumns(go) {
  return [
    causeColumn,
    {title: 'kind', sort: (w) => w.kind,
      cell: (w) => el('span', {class: 'bad'}, w.kind)},
    {title: 'of', sort: (w) => w.mm, cell: owner},
    {title: 'page', sort: (w) => address(w.va), cell: (w) => w.va},
    {title: 'buffer', number: true, sort: (w) => w.buffer,
      cell: (w) => w.buffer || '–'},
    {title: 'by', wraps: true, sort: (w) => w.at ? w.at.event : 0,
      cell: (w) => stampText(w.at, (nr) => go(nr, w.mm, w.va))},
  ];
}

function refusedColumns(go) {
  return [
    causeColumn,
    {title: 'of', sort: owner, cell: owner},
    {title: 'page', sort: (f) => address(f.va || f.entry),
      cell: (f) => f.va || `entry ${f.entry}`},
    {title: 'by', wraps: true, sort: (f) => f.at.event,
      cell: (f) => stampText(f.at, (nr) => go(nr, f.mm, f.va, f.entry))},
  ];
}

// "0x70000000-0x70002000", "-> 0x80000000"
function rangeOf(e) {
  const range = e.va === undefined ? '' : e.end ? `${e.va}-${e.end}` : e.va;
  return e.to ? `${range} → ${e.to}` : range;
}

function eventColumns(model, go) {
  return [
    {title: 'event', number: true, sort: (e) => e.event, cell: (e) =>
      eventLink(e.event, (nr) => go(nr, e.mm, e.va, e.entry))},
    {title: 'kind', sort: (e) => e.kind, cell: (e) => e.kind},
    {title: 'path', sort: (e) => e.path, cell: (e) => [e.path, ' ',
      el('span', {class: 'dim'}, e.function || model.functionOf(e.path))]},
    {title: 'of', sort: owner, cell: (e) => owner(e) +
      (e.child ? ` → mm ${e.child}` : '')},
    {title: 'range', sort: (e) => address(e.va || '0x0'), cell: rangeOf},
    {title: 'frame', key: 'frame', number: true, sort: (e) => e.frame ?? -1,
      cell: (e) => e.frame ?? ''},
    {title: 'entry', key: 'entry', sort: (e) => address(e.entry || '0x0'),
      cell: (e) => e.entry || ''},
    {title: 'buffer', key: 'buffer', number: true, sort: (e) => e.buffer || 0,
      cell: (e) => e.buffer || ''},
    {title: 'bytes', key: 'bytes', number: true, sort: (e) => e.bytes || 0,
      cell: (e) => e.bytes ? thousands(e.bytes) : ''},
    {title: 'tags', key: 'tags', cell: (e) => e.tags === undefined ? ''
      : tagStrip(e.tags)},
    {title: 'insn', key: 'insn', number: true, sort: (e) => e.insn,
      cell: (e) => thousands(e.insn)},
    {title: 'pid', number: true, sort: (e) => e.pid, cell: (e) => e.pid},
    {title: 'pc', sort: (e) => address(e.pc), cell: (e) => e.pc},
    {title: 'line', key: 'script_line', number: true, sort: (e) => e.script_line || 0,
      cell: (e) => e.script_line || ''},
  ];
}

const item = (record, start, end) => ({
  record, start: address(start), end: address(end),
  text() {
    this.cached ||= allText(this.record).toLowerCase() + ' ' +
      owner(this.record);
    return this.cached;
  },
});

const pageEnd = (va) => '0x' + (BigInt(va) + PAGE).toString(16);
