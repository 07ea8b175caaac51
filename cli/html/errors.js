// SPDX-License-Identifier: GPL-2.0-or-later
// What went wrong, first: each cause with all that is due to it.

const RANGES = 3; // shown of a record

// "tag_get (adi.h:53)": where a pc is, as far as the report has names.
function codeName(at) {
  const code = at && at.code && at.code[0];
  if (!code)
    return at && at.pc && at.pc !== '0x0' ? `pc ${at.pc}` : '';
  const file = code.file ? code.file.replace(/^.*\//, '') : '';
  const where = file ? ` (${file}:${code.line})`
    : code.library ? ` (in ${code.library})` : '';
  return (code.function || `pc ${at.pc}`) + where;
}

// All of them are in the title of the innermost.
function stackText(stack) {
  const names = stack.flatMap((frame) => frame.code && frame.code.length
    ? frame.code.map((c) => codeName({pc: frame.pc, code: [c]}))
    : [codeName(frame)]);
  return el('span', {title: names.join('\n')}, names.slice(0, 4).join(' ← '),
    names.length > 4 ? ' ← …' : '');
}

function rangesText(record) {
  const told = record.ranges.slice(0, RANGES).map((r) =>
    `${owner(r)} ${r.start}-${r.end}`);
  const rest = record.ranges.length - told.length;
  return told.join(', ') + (rest || record.uncovered
    ? ` and ${rest ? plural(rest, 'range') + ' more' : 'others'}` : '');
}

function recordName(r) {
  switch (r.list) {
  case 'leaks':
    return `${plural(r.allocations, 'allocation')} ${r.kind}, ` +
      plural(r.bytes, 'byte');
  case 'pages':
    return `${plural(r.count, 'page')} ${r.kind}`;
  case 'refused_saves':
    return `${plural(r.count, 'save')} refused`;
  default:
    return `${plural(r.count, 'wrong release')}: ${r.kind}`;
  }
}

// "first mremap #2003, pid 1000, __mremap; 3 more places"
function placesText(record, go) {
  const first = record.places[0].first, range = record.ranges[0] || {};
  const more = record.places.length - 1 + (record.elsewhere ? 1 : 0);
  return [record.count > 1 ? 'first ' : '', `${first.path} `,
    eventLink(first.event, (nr) => go(nr, range.mm, range.start)),
    [first.pid ? `pid ${first.pid}` : '', codeName(first),
      first.script_line ? `line ${first.script_line} of the events` : '']
      .filter(Boolean).map((s) => `, ${s}`).join(''),
    more ? `; and from ${plural(more, 'other place')}` : ''];
}

function drawRecord(record, go) {
  return el('li', null, el('b', {class: 'bad'}, recordName(record)),
    record.ranges.length ? ` in ${rangesText(record)}` : '', el('br'),
    el('span', {class: 'dim'}, placesText(record, go)));
}

function drawMismatch(m) {
  const set = m.set
    ? ['tag ', m.set.tag, m.set.tag === m.memory_tag ? ' was set by '
      : ' was set, and is lost, by ', stackText(m.set.stack)]
    : 'the program never set the tag of this block';
  return el('div', {class: 'cause'},
    el('h3', null, `Tag mismatch: ${m.access} of ${plural(m.bytes, 'byte')}`,
      el('span', null, `the pointer has tag ${m.pointer_tag}, the memory ${
        m.memory_tag}`)),
    el('ul', null, el('li', null, el('b', {class: 'bad'},
      m.count > 1 ? `${thousands(m.count)} times` : 'once'),
    m.count > 1 && m.range[0] !== m.range[1]
      ? ` at ${m.range[0]}-${m.range[1]}` : ` at ${m.address}`,
    m.call ? `, in system call ${m.call}` : m.kernel ? ', by the kernel' : '',
    ', ',
    m.precise ? 'precise' : 'disrupting: the store was done', el('br'),
    el('span', {class: 'dim'}, stackText(m.stack), el('br'), set))));
}

// The kernel stopped there: it comes before all else.
function drawKernelBug(bug) {
  return el('div', {class: 'cause'},
    el('h3', null, `KERNEL BUG at ${bug.file}, ${bug.function}()`,
      el('span', null, bug.why)),
    el('ul', null, el('li', null, el('b', {class: 'bad'},
      'the kernel stops, and with it the run'),
    ` at the ${bug.access} of ${bug.va}, mm ${bug.mm}`,
    bug.call ? `, in system call ${bug.call}` : '',
    bug.at.pid ? `, pid ${bug.at.pid}` : '',
    bug.at.script_line ? `, line ${bug.at.script_line} of the events` : '',
    el('br'), el('span', {class: 'dim'}, stackText(bug.stack)))));
}

class Errors {
  constructor(section, go) {
    Object.assign(this, {section, go});
  }

  set(report) {
    this.items = report.records.filter((r) => r.kind !== REACHABLE)
      .map((r) => item(r, null, null));
    this.mismatches = (report.mismatches || []).map((m) =>
      item(m, null, null));
    this.bugs = report.kernel_bug ? [item(report.kernel_bug, null, null)] : [];
    this.leftOut = report.mismatches_left_out || 0;
  }

  // A record is looked for by what is written in it, and by its ranges.
  matches(terms, i) {
    return matches(terms, i) || (i.record.ranges || []).some((r) => matches(
      terms, {start: address(r.start), end: address(r.end), text: i.text
        .bind(i)}));
  }

  draw(terms) {
    const found = this.items.filter((i) => this.matches(terms, i));
    const mismatches = this.mismatches.filter((i) => matches(terms, i));
    const bugs = this.bugs.filter((i) => matches(terms, i));
    const causes = new Map();
    for (const {record} of found) {
      const cause = record.cause ? `${record.cause.function}() ${
        record.cause.what}` : 'the cause is not known';
      causes.set(cause, [...(causes.get(cause) || []), record]);
    }
    this.section.hidden = this.items.length + this.mismatches.length +
      this.bugs.length === 0;
    this.section.replaceChildren(
      heading('Errors', 'by cause'),
      ...bugs.map((i) => drawKernelBug(i.record)),
      ...[...causes].map(([cause, records]) => this.drawCause(cause, records)),
      ...mismatches.map((i) => drawMismatch(i.record)),
      this.leftOut ? el('p', {class: 'note'}, `${thousands(this.leftOut)} ` +
        'mismatches more are not in the report; --mismatch=all has them.')
        : '');
  }

  drawCause(cause, records) {
    const [name, ...what] = cause.split(/(?<=\(\)) /);
    return el('div', {class: 'cause'},
      el('h3', null, name, el('span', null, what.join(' '))),
      el('ul', null, records.map((r) => drawRecord(r, this.go))));
  }
}
