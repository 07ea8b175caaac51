# SPDX-License-Identifier: GPL-2.0-or-later
"""What programs.py builds and runs.

A program has
  package     of Debian, whose source it is
  commands    that compile it, in its folder; {cc} is the cross compiler
  binary      what they make, in that folder
  steps       what is run
  ram         so little that it must swap
  native      what is said of the steps is what this program of the machine
              does, compiled from the same source: qemu-sparc64 executes no
              programs for it; instead of {bin} it is in {bin}/native
  suite       a folder of --sources, its own tests: {suite} in the commands;
              without it the program is left out
  tree        what of {bin} is copied to where the steps run
Nothing of them is in this repository but what they are given to do.
"""
import glob
import hashlib
import os
import random
import re
import shutil
import subprocess
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
CC = "sparc64-linux-gnu-gcc -O2 -w"
SOURCES = ["/etc/apt/sources.list", *sorted(
    glob.glob("/etc/apt/sources.list.d/*"))]


class NoSources(Exception):
    """The archive has none, or is not there."""


class Step:
    """One run; {bin} in @argv is the folder of the binaries.

    @lines: what is compared of the output, each line that has it; else all
    """

    def __init__(self, *argv, stdin=None, lines=None):
        self.argv, self.stdin = argv, stdin
        self.lines = re.compile(lines) if lines else None

    def said(self, output):
        """What there is to compare."""
        if not self.lines:
            return output
        return [line for line in output.decode(errors="replace").splitlines()
                if self.lines.search(line)]


class Program:
    """One of them."""

    def __init__(self, name, package, commands, steps, inputs, ram="8M",
                 quick=True, heap=False, native=False, suite=None, tree=None):
        self.name, self.package, self.commands = name, package, commands
        self.steps, self.inputs, self.ram = steps, inputs, ram
        self.quick, self.heap, self.native = quick, heap, native
        self.suite, self.tree = suite, tree
        self.binaries = None

    def build(self, work, sources):
        self.binaries = os.path.join(work, self.name)
        done = os.path.join(self.binaries, ".built")
        if os.path.exists(done):
            return
        shutil.rmtree(self.binaries, ignore_errors=True)
        # Two programs may be of one package.
        unpacked = os.path.join(work, "unpacked", self.name)
        with tarfile.open(source_of(work, self.package)) as tar:
            top = tar.getnames()[0].split("/")[0]
            tar.extractall(unpacked)
        os.rename(os.path.join(unpacked, top), self.binaries)
        shutil.rmtree(unpacked)
        for command in self.commands:
            if self.suite:
                command = command.replace(
                    "{suite}", os.path.join(sources, self.suite))
            made = subprocess.run(
                command.replace("{cc}", CC), shell=True, cwd=self.binaries,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, errors="replace",
                check=False)
            if made.returncode:
                raise SystemExit(f"{self.name}: {command}\n"
                                 f"{made.stdout[-2000:]}")
        with open(done, "w", encoding="ascii"):
            pass

    def prepare(self, folder):
        if self.tree:
            shutil.copytree(os.path.join(self.binaries, self.tree), folder,
                            symlinks=True, dirs_exist_ok=True)
        for name, content in self.inputs.items():
            with open(os.path.join(folder, name), "wb") as f:
                f.write(content())


def contents(folder):
    """Name and digest of each file."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in filter(os.path.isfile,
                           (os.path.join(where, n) for n in names)):
            with open(name, "rb") as f:
                found[os.path.relpath(name, folder)] = hashlib.sha256(
                    f.read()).hexdigest()
    return found


# ------------------------------------------------------------------ sources

def source_of(work, package):
    found = [p for p in glob.glob(f"{work}/source/{package}_*.orig.tar.*")
             if not p.endswith(".asc")]
    return found[0] if found else None


def fetch(work, programs):
    """The sources that are not there yet: as apt has the packages, but for
    the type."""
    wanted = [p.package for p in programs if not source_of(work, p.package)]
    folder = os.path.join(work, "source")
    if not wanted:
        return
    for name in "parts", "lists/partial", "cache":
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    for i, path in enumerate(filter(os.path.isfile, SOURCES)):
        with open(path, encoding="utf-8") as f:
            text = re.sub(r"^Types:.*", "Types: deb-src", f.read(), flags=re.M)
        text = re.sub(r"^deb\s", "deb-src ", text, flags=re.M)
        suffix = os.path.splitext(path)[1]
        with open(f"{folder}/parts/{i}{suffix}", "w", encoding="utf-8") as f:
            f.write(text)
    apt = ["apt-get", "-q", "-o", f"Dir::State::lists={folder}/lists",
           "-o", f"Dir::Cache={folder}/cache",
           "-o", "Dir::Etc::sourcelist=/dev/null",
           "-o", f"Dir::Etc::sourceparts={folder}/parts"]
    said = ""
    for command in (["update"],
                    ["source", "--download-only", "--only-source", *wanted]):
        done = subprocess.run([*apt, *command], cwd=folder, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        said += done.stdout
    missing = [p for p in wanted if not source_of(work, p)]
    if missing:
        raise NoSources(f"no source of {', '.join(missing)}:\n{said[-1000:]}")


# ------------------------------------------------------------------- inputs

def text(nr_bytes, seed=1):
    """Lines of words, of which some come often."""
    def make():
        rng = random.Random(seed)
        words = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(1, 9)))
                 for _ in range(2000)]
        out, size = [], 0
        while size < nr_bytes:
            line = " ".join(words[int(rng.paretovariate(0.7)) % len(words)]
                            for _ in range(10)) + "\n"
            out.append(line)
            size += len(line)
        return "".join(out).encode()[:nr_bytes]
    return make


def here(name):
    def make():
        with open(os.path.join(HERE, "programs", name), "rb") as f:
            return f.read()
    return make


def statements(*pragmas, times=1, error=True):
    """A thousand statements and some more, one of which fails.

    times: as many inserts so many times; error: with the one that fails
    """
    def make():
        rng = random.Random(5)
        out = [*pragmas,
               "create table item(id integer primary key, name text unique, "
               "price real, kind int, note blob);",
               "create index by_kind on item(kind, price);",
               "create table sale(item int references item, day text, n int);",
               "create view total as select kind, sum(n * price) as money "
               "from item join sale on sale.item = item.id group by kind;",
               "create trigger on_sale after insert on sale begin update item "
               "set note = coalesce(note, x'') || x'01' where id = new.item; "
               "end;", "begin;"]
        for i in range(400 * times):
            out.append(f"insert into item(name, price, kind) values ('thing "
                       f"{rng.randrange(10**6)}-{i}', "
                       f"{rng.randrange(1, 10**5) / 100}, {i % 7});")
        for _ in range(500 * times):
            out.append(f"insert into sale values ({rng.randint(1, 400)}, "
                       f"date('2000-01-01', '+{rng.randrange(400)} days'), "
                       f"{rng.randint(1, 9)});")
        out += ["commit;", "select * from total order by kind;"]
        for i in range(60):
            out.append(f"update item set price = round(price * 1.1, 2) where "
                       f"kind = {i % 7} and id % 5 = {i % 5};")
            out.append(f"select count(*), round(sum(price), 2), max(name) from "
                       f"item where kind = {i % 7} and name like '%{i % 10}';")
            if i % 10 == 0:
                out += ["savepoint s;", f"delete from sale where item % 7 = "
                        f"{i // 10};", "select count(*) from sale;",
                        *["rollback to s;"][:i % 20], "release s;"]
        out += ["with recursive n(i) as (select 1 union all select i + 1 from "
                "n where i < 2000) select sum(i), group_concat(i % 3, '') from "
                "n where i % 97 = 0;",
                "select name, price, rank() over (partition by kind order by "
                "price desc) r from item order by r, name limit 20;",
                "select hex(note), length(note) from item order by 2 desc, id "
                "limit 5;", *["insert into item(id) values (1);"][:error],
                "select json_group_array(kind) from total;",
                "vacuum;", "pragma integrity_check;"]
        return "\n".join(out).encode()
    return make


def functions(nr, seed=7):
    """A C program of so many functions, for a compiler of C89 with short
    ints."""
    def make():
        rng = random.Random(seed)
        out = ["struct item { int key; unsigned char kind; struct item *next; };",
               "extern int put(int c);", "static struct item items[8];",
               "static const int table[] = { %s };" % ", ".join(
                   str(rng.randrange(1000)) for _ in range(64))]
        for i in range(nr):
            a, b, c = (rng.randint(1, 99) for _ in range(3))
            called = f"f{rng.randrange(i)}(x - {a}, p)" if i else "x"
            out.append(f"""
static int f{i}(int x, struct item *p)
{{
    int i, sum = {a};

    for (i = 0; i < (x & {b}); ++i) {{
        if (p->kind == {c} && table[i & 63] > x * {a} + sum)
            sum += (p->key << {a % 7}) ^ {b} * {c};
        else
            sum -= items[(x + i) & 7].key / ({a} | 1);
    }}
    switch (x % {b + 2}) {{
    case 0: put('a' + (sum & 15)); break;
    case 1: p = p->next ? p->next : &items[{a % 8}]; /* fall through */
    default: sum = x > {b} ? {called} : sum + {a * b};
    }}
    while (p && p->key < sum) p = p->next;
    return sum + (p ? p->kind : {c});
}}""")
        out.append("int main(void) { return f%d(3, items); }" % (nr - 1))
        return "\n".join(out).encode() + b"\n"
    return make


LUA = Program(
    "lua", "lua5.4",
    ["{cc} -DLUA_USE_LINUX -DLUA_COMPAT_5_3 $(ls src/*.c | grep -v luac.c) "
     "-o lua -Wl,-E -lm -ldl"],
    [Step("{bin}/lua", "work.lua")], {"work.lua": here("work.lua")}, ram="1M",
    heap=True)

ZLIB = Program(
    "zlib", "zlib",
    ["{cc} -I. -D_LARGEFILE64_SOURCE -DHAVE_UNISTD_H *.c test/example.c "
     "-o example",
     "{cc} -I. -D_LARGEFILE64_SOURCE -DHAVE_UNISTD_H *.c test/minigzip.c "
     "-o minigzip"],
    [Step("{bin}/example", "example.gz"),
     *[Step("{bin}/minigzip", "-c", f"-{level}", stdin="text")
       for level in (1, 6, 9)],
     Step("{bin}/minigzip", "-9", "copy"),
     Step("{bin}/minigzip", "-d", "copy.gz")],
    {"text": text(600000), "copy": text(400000, 2)}, ram="1M", heap=True)

BZIP2 = Program(
    "bzip2", "bzip2",
    ["{cc} -D_FILE_OFFSET_BITS=64 blocksort.c huffman.c crctable.c randtable.c "
     "compress.c decompress.c bzlib.c bzip2.c -o bzip2"],
    [Step("{bin}/bzip2", "-1", "-k", "text"), Step("{bin}/bzip2", "-t",
                                                   "text.bz2"),
     Step("{bin}/bzip2", "-9", "-c", "-v", stdin="text"),
     Step("{bin}/bzip2", "-s", "-d", "-c", "text.bz2"),
     Step("{bin}/bzip2", "-d", "-c", "broken.bz2")],
    {"text": text(700000), "broken.bz2": text(2000)}, ram="2560K", heap=True)

XZ = Program(
    "xz", "xz-utils",
    ["./configure -q --host=sparc64-linux-gnu CFLAGS='-O2 -w' --disable-shared "
     "--disable-nls --disable-doc --disable-scripts --disable-lzmadec "
     "--disable-lzmainfo", "make -s -j2"],
    [Step("{bin}/src/xz/xz", "-T4", "-0", "--block-size=128KiB", "-k", "text"),
     Step("{bin}/src/xz/xz", "-T4", "-l", "text.xz"),
     Step("{bin}/src/xz/xz", "-T4", "-d", "-c", "text.xz")],
    {"text": text(700000)}, ram="5M", heap=True)

SQLITE = Program(
    "sqlite", "sqlite3",
    ["mkdir bld && cd bld && ../configure -q && make sqlite3.c shell.c",
     "{cc} -O1 -Ibld bld/shell.c bld/sqlite3.c -o sqlite3 -ldl -lm -lpthread"],
    [Step("{bin}/sqlite3", ":memory:", stdin="memory.sql"),
     Step("{bin}/sqlite3", "disk.db", stdin="disk.sql"),
     Step("{bin}/sqlite3", "wal.db", stdin="wal.sql"),
     Step("{bin}/sqlite3", "wal.db", ".dump")],
    {"memory.sql": statements(), "disk.sql": statements(
        "pragma journal_mode = delete;", "pragma cache_size = 20;"),
     "wal.sql": statements("pragma journal_mode = wal;",
                           "pragma wal_autocheckpoint = 10;")},
    ram="2M", heap=True)

ZSTD = Program(
    "zstd", "libzstd",
    ["make -s -j2 -C programs zstd CC=sparc64-linux-gnu-gcc HAVE_ZLIB=0 "
     "HAVE_LZMA=0 HAVE_LZ4=0 HAVE_THREAD=1"],
    [Step("{bin}/programs/zstd", "-q", "-T4", "-3", "-B200K", "text", "-o",
          "text.zst"),
     Step("{bin}/programs/zstd", "-q", "-19", "-c", stdin="small"),
     Step("{bin}/programs/zstd", "-q", "-d", "-c", "text.zst")],
    {"text": text(1500000), "small": text(100000)}, ram="24M", quick=False,
    heap=True)

GAWK = Program(
    "gawk", "gawk",
    ["./configure -q --host=sparc64-linux-gnu --disable-nls --without-readline "
     "--without-mpfr CFLAGS='-O2 -w'", "make -s -j2 -C support",
     "make -s -j2 gawk"],
    [Step("{bin}/gawk", "{{ for (i = 1; i <= NF; i++) n[$i]++ }} END {{ PROCINFO"
          "[\"sorted_in\"] = \"@val_num_desc\"; for (w in n) if (k++ < 50) "
          "printf \"%-10s %d\\n\", w, n[w] }}", "text"),
     Step("{bin}/gawk", "/^s.*t$/ {{ gsub(/[aeiou]+/, \"<&>\"); print NR, "
          "toupper(substr($0, 1, 30)), length($3), sqrt(NR), NR % 7 }}",
          "text")],
    {"text": text(300000)}, ram="1536K", quick=False, heap=True)

# The applets are the shell's own, but for those that it executes as itself.
CONFIGURE = (
    "make -s {0} defconfig && sed -i -e 's/^CONFIG_TC=y/# CONFIG_TC is not set/'"
    " -e 's/^# \\(CONFIG_FEATURE_\\(SH_STANDALONE\\|PREFER_APPLETS\\)\\) is"
    " not set/\\1=y/' {1}/.config && make -s -j2 {0} SKIP_STRIP=y")
BUSYBOX = Program(
    "busybox", "busybox",
    ["mkdir native sparc", CONFIGURE.format("O=native", "native"),
     CONFIGURE.format("O=sparc CROSS_COMPILE=sparc64-linux-gnu-", "sparc"),
     "cp sparc/busybox busybox"],
    [Step("{bin}/busybox", "sh", "work.sh")], {"work.sh": here("work.sh")},
    ram="3M", quick=False, native=True)

# A digest needs no memory that could be swapped: sort does.
SHA256 = Program(
    "sha256", "busybox",
    ["make -s allnoconfig && sed -i -e 's/^# \\(CONFIG_\\(SHA256SUM\\|"
     "SORT\\)\\) is not set/\\1=y/' .config && "
     "yes '' | make -s oldconfig >/dev/null && "
     "make -s -j2 CROSS_COMPILE=sparc64-linux-gnu- SKIP_STRIP=y"],
    [Step("{bin}/busybox", "sha256sum", "text"),
     Step("{bin}/busybox", "sort", "text")],
    {"text": text(700000)}, ram="1M", quick=False)

# A compiler for another CPU, which this one need not have.
CC65 = Program(
    "cc65", "cc65",
    ["make -s -j2 -C src cc65 CROSS_COMPILE=sparc64-linux-gnu- EXE_SUFFIX="],
    [Step("{bin}/bin/cc65", "-O", "-o", "out.s", "work.c"),
     Step("{bin}/bin/cc65", "-Oirs", "-t", "c64", "-o", "c64.s", "work.c")],
    {"work.c": functions(60)}, ram="1M", quick=False)

# Some of its own tests.  Without those that execute programs of this machine
# (test_subprocess, test_posix, test_os), that want modules in C for tests
# (test_gc, test_threading), or that take minutes under both emulators
# (test_weakref, test_pickle); and without what is skipped where a library is
# missing, or counts on the time that signals take.
CONFIGURE_PYTHON = (
    "configure -q --without-ensurepip --disable-test-modules PKG_CONFIG=false "
    "ac_cv_file__dev_ptmx=yes ac_cv_file__dev_ptc=no "
    "ac_cv_buggy_getaddrinfo=no OPT='-DNDEBUG -O2 -w -fwrapv'")


def python_tests(*names):
    left_out = ("test_ctypes_cast", "test_hash_disallow_instantiation",
                "test_pbkdf2_hmac_c", "test_scrypt", "*StressTest*")
    return Step("{bin}/python", "-m", "test", "-v", "--tempdir=.",
                *[word for name in left_out for word in ("-i", name)], *names,
                lines=r"\.\.\. (ok|FAIL|ERROR)|^(FAIL|ERROR):|tests? OK")


PYTHON = Program(
    "python", os.path.basename(os.path.realpath("/usr/bin/python3")),
    [f"mkdir native && cd native && ../{CONFIGURE_PYTHON} && make -s -j2",
     f"./{CONFIGURE_PYTHON} --with-build-python=native/python "
     "--build=$(sh config.guess) --host=sparc64-linux-gnu && make -s -j2",
     "native/python -m compileall -q -j2 Lib || :"],
    [python_tests("test_dict", "test_float", "test_int", "test_struct",
                  "test_re", "test_array", "test_memoryview", "test_functools",
                  "test_generators", "test_hashlib"),
     python_tests("test_mmap", "test_resource", "test_tempfile", "test_pty",
                  "test_openpty", "test_select", "test_selectors", "test_epoll",
                  "test_thread", "test_queue", "test_fork1", "test_wait3",
                  "test_wait4", "test_signal", "test_eintr")],
    {}, ram="32M", quick=False, native=True)

# Its makefile, for another machine; without what executes itself by a shell.
LUA_SUITE = Program(
    "lua-suite", "lua5.4",
    ["for f in {suite}/lua.h src/lua.h; do sed -n "
     "'s/^#define LUA_VERSION_RELEASE.*\"\\(.*\\)\"/\\1/p' $f; done | "
     "uniq | wc -l | grep -qx 1 || { echo '{suite} has not the tests of this "
     "release'; exit 1; }",
     LUA.commands[0], "cp -r {suite}/testes testes",
     "cd testes/libs && for of in 1:1 11:11 2:2 21:21 2-v2:22; do {cc} "
     "-std=gnu99 -I../../src -fPIC -shared lib${of#*:}.c -o lib${of%:*}.so || "
     "exit; done"],
    [Step("{bin}/lua", "-e_U=true", "all.lua", lines="^testing|final OK")],
    {}, ram="24M", quick=False, suite="lua", tree="testes")

ALL = [LUA, ZLIB, BZIP2, XZ, SQLITE, ZSTD, GAWK, BUSYBOX, SHA256, CC65,
       PYTHON, LUA_SUITE]
