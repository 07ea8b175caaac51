// SPDX-License-Identifier: GPL-2.0-or-later
'use strict';
// The report, and what is derived from it: the rows of the time line.

const NS = 'http://www.w3.org/2000/svg';

// Text only ever becomes text nodes: nothing of the guest is markup.
function fill(node, attributes, kids) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on'))
      node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false)
      node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...kids.flat(Infinity).filter((k) => k !== null && k !== undefined));
  return node;
}

const el = (name, attributes, ...kids) =>
  fill(document.createElement(name), attributes, kids);
const svg = (name, attributes, ...kids) =>
  fill(document.createElementNS(NS, name), attributes, kids);
const byId = (id) => document.getElementById(id);

const thousands = (n) => typeof n === 'number' ? n.toLocaleString('en-US') : n;
const plural = (n, what) => `${thousands(n)} ${what}${n === 1 ? '' : 's'}`;

// Addresses may exceed 2^53.
const address = (hex) => hex === undefined || hex === null ? null : BigInt(hex);
const compare = (a, b) => a < b ? -1 : a > b ? 1 : 0;

// ------------------------------------------------------------- the filter

// "0x70000000 fork": all words; an address also finds ranges around it.
function parseFilter(text) {
  return text.toLowerCase().split(/\s+/).filter(Boolean).map((word) => ({
    word,
    at: /^0x[0-9a-f]{1,16}$/.test(word) ? BigInt(word) : null,
  }));
}

// item: text(), lower case; start and end, BigInt or null.
function matches(terms, item) {
  return terms.every((t) => item.text().includes(t.word) ||
    (t.at !== null && item.start !== null && t.at >= item.start &&
     t.at < item.end));
}

// All that is written in a value, for the filter.
function allText(value) {
  if (value === null || value === undefined)
    return '';
  if (typeof value === 'object')
    return Object.values(value).map(allText).join(' ');
  return String(value);
}

// --------------------------------------------------------------- the model

const PAGE = 8192n;

// Kinds that tell of one page; those of ranges are told to the pages in them.
const OF_PAGE = new Set(['save', 'restore', 'drop', 'save-failed', 'move',
  'duplicate', 'swap-out', 'unmap-undo', 'swap-in', 'swap-entry-gone',
  'migrate-out', 'migrate-in', 'migration-entry-gone', 'tags-cleared',
  'tags-left', 'visible']);
const OF_RANGE = new Set(['zap', 'untagged-copy', 'mremap', 'fork']);
const OF_TAGS = new Set(['save', 'restore', 'save-failed', 'move',
  'duplicate']);

class Model {
  constructor(report) {
    this.report = report;
    this.history = report.history || null;
    this.functions = this.history ? this.history.functions : {};
    this.rows = new Map();
    this.last = 1;
    // Before this event the history has those of pages with findings only.
    this.firstKept = 1;
    if (this.history)
      this.readHistory();
    else
      this.readRecords();
    this.readFindings();
    this.list = [...this.rows.values()];
    for (const row of this.list)
      row.events.sort((a, b) => a.event - b.event);
    this.list.sort((a, b) => compare(a.space, b.space) ||
      compare(a.start, b.start));
  }

  functionOf(path) {
    return this.functions[path] ||
      (this.report.paths[path] && this.report.paths[path].function) || '';
  }

  // space: "mm 1", "object 3" or "slot".
  row(space, va, end) {
    const key = `${space} ${va}`;
    let row = this.rows.get(key);
    if (!row) {
      row = {
        key, space, start: address(va), lives: [], events: [], findings: [],
        tagged: false,
        label: space === 'slot' ? `swap slot ${va}` : key,
        text() {
          this.cached ||= [this.label, ...this.events.map((e) => allText(e)),
            ...this.lives.map((l) => allText(l)),
            this.told || ''].join(' ').toLowerCase();
          return this.cached;
        },
      };
      row.end = end ? address(end) : row.start + PAGE;
      if (space === 'slot')
        row.end = row.start + 1n;
      this.rows.set(key, row);
    }
    return row;
  }

  rowOf(x) {
    if (x.of_slot || (x.entry && x.va === undefined))
      return this.row('slot', x.entry);
    return this.row(x.object ? `object ${x.object}` : `mm ${x.mm}`, x.va);
  }

  tell(row, event) {
    row.events.push(event);
    row.tagged ||= OF_TAGS.has(event.kind) ||
      (event.tags !== undefined && event.tags !== '0');
  }

  readHistory() {
    const ranges = [], events = this.history.events;
    if (this.history.events_left_out)
      this.firstKept = this.history.complete_from;
    for (const e of events) {
      this.last = Math.max(this.last, e.event);
      if (OF_RANGE.has(e.kind))
        ranges.push(e);
      if (e.kind === 'slot-free' && this.rows.has(`slot ${e.entry}`))
        this.tell(this.row('slot', e.entry), e);
      if (!OF_PAGE.has(e.kind))
        continue;
      if (e.va !== undefined)
        this.tell(this.row(e.object ? `object ${e.object}` : `mm ${e.mm}`,
          e.va), e);
      if (e.of_slot)
        this.tell(this.row('slot', e.entry), e);
      if (e.kind === 'move')
        this.tell(this.row(`mm ${e.mm}`, e.to), e);
      if (e.kind === 'duplicate')
        this.tell(this.row(`mm ${e.child}`, e.va), e);
    }
    for (const life of this.history.lives) {
      const row = this.rowOf(life);
      row.lives.push(life);
      row.tagged = true;
      this.last = Math.max(this.last, life.end || 0, life.cut || 0,
        life.begin);
    }
    this.tellBuffers();
    this.tellRanges(ranges);
    this.tellSlots();
    for (const s of this.history.spaces)
      this.last = Math.max(this.last, s.left ? s.left.event : 0);
  }

  // The life of a buffer is part of the story of the pages in it.
  tellBuffers() {
    const rows = new Map();
    for (const row of this.rows.values())
      for (const life of row.lives)
        if (life.buffer)
          rows.set(life.buffer,
            (rows.get(life.buffer) || new Set()).add(row));
    for (const e of this.history.events)
      if (e.kind.startsWith('store-'))
        for (const row of rows.get(e.buffer) || [])
          row.events.push(e);
  }

  // As often as not a range covers many pages, and few of them have a row.
  tellRanges(ranges) {
    const bySpace = new Map();
    for (const row of this.rows.values()) {
      if (!bySpace.has(row.space))
        bySpace.set(row.space, []);
      bySpace.get(row.space).push(row);
    }
    for (const rows of bySpace.values())
      rows.sort((a, b) => compare(a.start, b.start));
    for (const e of ranges) {
      const rows = bySpace.get(`mm ${e.mm}`) || [];
      const from = address(e.va), end = address(e.end);
      let low = 0, high = rows.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (rows[middle].start < from)
          low = middle + 1;
        else
          high = middle;
      }
      for (; low < rows.length && rows[low].start < end; low++)
        rows[low].events.push(e);
    }
  }

  // What its pages did is the story of a slot; its copies are theirs for as
  // long as their entry names the slot.
  tellSlots() {
    for (const row of [...this.rows.values()]) {
      if (row.space === 'slot')
        continue;
      const known = new Set();
      for (const e of row.events) {
        const slot = e.entry && !e.of_slot && this.rows.get(`slot ${e.entry}`);
        if (!slot)
          continue;
        slot.events.push(e);
        row.tagged = true;
        this.lendLives(row, slot, e, known);
      }
    }
  }

  lendLives(row, slot, e, known) {
    const until = e.kind !== 'swap-out' ? e.event
      : (row.events.find((x) => x.entry === e.entry && x.event > e.event &&
          x.kind !== 'swap-out' && !x.of_slot) || {event: this.last}).event;
    for (const life of slot.lives) {
      if (life.begin > until || (life.end || Infinity) < e.event ||
          known.has(life))
        continue;
      known.add(life);
      row.lives.push({...life, slot: e.entry});
    }
  }

  // Without a history: what leaks and findings say of it.
  readRecords() {
    for (const leak of this.report.leaks) {
      const row = leak.entry ? this.row('slot', leak.entry)
        : this.row(leak.object ? `object ${leak.object}` : `mm ${leak.mm}`,
            leak.start, leak.end);
      if (row.end - row.start > PAGE)
        row.label = `mm ${leak.mm} ${leak.start}-${leak.end}`;
      row.tagged = true;
      row.lives.push({
        from: 'save', fate: leak.class === 'still reachable' ? 'held' : 'leaked',
        bytes: leak.bytes, buffer: leak.buffer || undefined,
        begin: leak.allocated ? leak.allocated.event : 1,
        begin_path: leak.allocated ? leak.allocated.path : undefined,
        cut: leak.unreachable_since ? leak.unreachable_since.event : undefined,
        cut_path: leak.unreachable_since ? leak.unreachable_since.path
          : undefined,
      });
      for (const stamp of [leak.allocated, leak.unreachable_since])
        if (stamp)
          row.events.push(stamp);
    }
    this.last = Math.max(1, this.report.events);
  }

  // A record has the pages of all its errors, and only a few of these whole.
  tellRecords() {
    const told = this.report.records.filter((r) => r.list === 'pages')
      .flatMap((r) => r.ranges.map((range) => [r.kind, `mm ${range.mm}`,
        address(range.start), address(range.end)]));
    for (const row of this.rows.values())
      for (const [kind, space, start, end] of told)
        if (row.space === space && row.start >= start && row.start < end) {
          row.told = kind;
          row.tagged = true;
        }
  }

  readFindings() {
    for (const f of this.report.pages) {
      const row = this.row(`mm ${f.mm}`, f.va);
      const known = new Set(row.events.map((e) => e.event));
      row.findings.push(f);
      row.tagged = true;
      for (const stamp of f.history)
        if (!known.has(stamp.event))
          row.events.push(stamp);
      if (f.seen)
        this.last = Math.max(this.last, f.seen.event);
    }
    this.tellRecords();
  }
}
