# SPDX-License-Identifier: GPL-2.0-or-later
# What programs.py runs with busybox sh: the shell and its applets, each line
# of output the same on every machine.
set -u
export LC_ALL=C TZ=UTC

echo "== arithmetic"
echo $((7 / 2)) $((-7 / 2)) $((7 % -3)) $((1 << 40)) $((0x7fffffffffffffff + 1))
i=0
sum=0
while [ $i -lt 500 ]; do
    sum=$((sum + i * i % 17))
    i=$((i + 1))
done
echo $sum
expr 17 \* 3
expr abcdef : 'abc\(.*\)'
echo "12 4 / 3 + p" | dc
echo "scale=8; sqrt(2); 2^64" | bc

echo "== expansion"
text="one two  three"
set -- $text
echo $# "$1" "$*" "${text#* }" "${text##* }" "${text%% *}" "${#text}"
unset nothing
echo "${nothing:-default}" "${text:+set}" "${text/two/2}" "${text:4:3}"
for f in b a c; do echo "$f"; done | sort
case $text in
one*three) echo matched ;;
*) echo not matched ;;
esac
echo "$(echo nested $(echo deep))" '$quoted' "a\"b"
IFS=:
for part in a:b:c; do echo "$part"; done
set -- a:b:c
for part in $1; do echo "$part"; done
IFS='
 	'

echo "== functions and traps"
factorial() {
    if [ "$1" -le 1 ]; then
        echo 1
    else
        echo $(($1 * $(factorial $(($1 - 1)))))
    fi
}
factorial 7
outer() {
    local x=inside
    inner
    return 3
}
inner() { echo "x is $x"; }
x=outside
outer
echo "status $? x $x"
(
    trap 'echo leaving' EXIT
    trap 'echo usr1' USR1
    kill -USR1 $(sh -c 'echo $PPID')
    echo in the subshell
)
sh -c 'exit 7'
echo "exit $?"
sh -c 'kill -TERM $$'
echo "exit $?"
false || echo or
true && echo and
! true
echo "not $?"

echo "== files"
mkdir -p dir/sub/deep
printf '%s\n' pear apple fig apple kiwi > dir/fruit
cp dir/fruit dir/sub/copy
ln -s ../fruit dir/sub/link
ln dir/fruit dir/hard
mv dir/sub/copy dir/sub/moved
find dir | sort
find dir -type f -name 'm*' -exec cat {} \; | tail -n 2
readlink dir/sub/link
cat dir/sub/link | head -n 1
stat -c '%n %s %F %h' dir/fruit
touch -d '2000-01-02 03:04:05' dir/fruit
date -r dir/fruit '+%F %T'
chmod 640 dir/fruit
ls -l dir/fruit | cut -c1-10
[ dir/fruit -ef dir/hard ] && echo the same file
[ -L dir/sub/link ] && [ ! -d dir/fruit ] && echo tests
du -s dir > /dev/null && echo du
dd if=/dev/zero of=zeros bs=1k count=100 2> /dev/null
wc -c < zeros
truncate -s 10 zeros
od -An -tx1 zeros
cmp dir/fruit dir/hard && echo equal
split -l 2 dir/fruit part.
ls part.*
rm part.*
basename /a/b/c.txt .txt
dirname /a/b/c.txt
realpath dir/sub/../fruit | sed 's,.*/,,'
mktemp -u XXXXXX | wc -c

echo "== text"
sort dir/fruit | uniq -c | sort -k1nr -k2
sort -r dir/fruit | tr a-z A-Z | paste -s -d ,
grep -n 'app' dir/fruit
grep -c -v 'a' dir/fruit
echo "The quick brown fox" | sed -e 's/quick/slow/' -e 's/\([a-z]*\) fox/fox \1/' -e 'y/T/t/'
seq 1 20 | sed -n '5,7p;/^1[89]$/p;$='
seq 1 3 12 | awk '{ s += $1; a[NR] = $1 } END { for (i = NR; i; i--) printf "%d ", a[i]; print s, length("word"), substr("hello", 2, 3), toupper("x") }'
awk 'BEGIN { while (i++ < 5) { x = x i; if (i == 3) continue } print x; print index("abcabc", "ca"), sprintf("%05.1f|%-5s|%x", 3.14159, "ab", 255) }'
echo "a,b;c" | awk -F'[,;]' '{ $1 = $1; print NF, $0; gsub(/[ac]/, "<&>"); print }'
cut -d' ' -f2- << END | rev
first second third
eins zwei drei
END
fold -w 7 << END
a line that is folded
END
printf 'a\tb\n' | expand -t 4 | cat -A
comm -12 dir/sub/link dir/hard | wc -l
seq 10 | tail -n +8 | nl
seq 5 | tac | xargs -n 2 echo pair
seq 3 | while read -r n; do echo "read $n"; done
echo "b 2
a 1
c 3" | sort -k2
diff -u dir/fruit dir/sub/moved && echo no difference
echo changed >> dir/sub/moved
diff dir/fruit dir/sub/moved
patch_me=dir/patched
cp dir/fruit $patch_me
diff -u $patch_me dir/sub/moved | sed 's/\t.*//' > change
patch $patch_me < change > /dev/null && cmp $patch_me dir/sub/moved && echo patched
strings -n 3 dir/fruit | head -n 2
printf '%d %o %X %c %5s|%-5s|\n' 42 42 42 z r l
echo hello | tee tee.out | md5sum
sha256sum < tee.out
sha1sum tee.out
cksum < tee.out
echo hello | base64 | base64 -d
echo 'hello world' | uuencode -m name | tail -n 2
hexdump -C tee.out

echo "== archives"
tar cf all.tar dir/fruit dir/sub
tar tf all.tar
mkdir out
tar xf all.tar -C out
diff -r dir/sub out/dir/sub && echo unpacked
seq 2000 > numbers
gzip -c numbers | gunzip | cmp - numbers && echo gzip
bzip2 -c numbers | bunzip2 | cmp - numbers && echo bzip2
gzip -n -9 numbers
[ -s numbers.gz ] && zcat numbers.gz | tail -n 1
find dir -type f | sort | cpio -o -H newc 2> /dev/null > all.cpio
cpio -t < all.cpio 2> /dev/null | wc -l

echo "== processes"
sleep 0 &
wait $!
echo "waited $?"
(sleep 0; echo background) &
wait
yes | head -n 3
seq 1000 | grep 7 | sort -n | wc -l
{ echo out; echo err >&2; } 2> errors
cat errors
exec 5> five
echo five >&5
exec 5>&-
cat five
cat << 'END' | sh
echo "from a pipe $((1 + 1))"
END
timeout 5 true && echo in time
env -i A=1 env
nice -n 0 true && echo nice
test "$(printf 'a\nb')" = "a
b" && echo lines
date -d '2001-02-03 04:05:06' '+%s %j %a'
cal 2 2000
factor 360360
id -u > /dev/null && echo id
usleep 1 && echo slept
rm -r dir out all.tar all.cpio numbers.gz zeros change tee.out errors five
ls
