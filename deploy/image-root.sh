#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Assemble the files of an image: a program, the shared libraries that it needs, the records of their packages (which
# scanners read, as in distroless images) and their licences.
#
#     deploy/image-root.sh PROGRAM ROOT
set -eu

if [ $# != 2 ]; then
    echo "usage: deploy/image-root.sh PROGRAM ROOT" >&2
    exit 2
fi
program=$1
root=$2

# The paths of the libraries, the loader's too.
libraries() {
    ldd "$program" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }'
}

# "PACKAGE: FILE" of every library. dpkg knows a file by one of its two names where /lib is a link to /usr/lib; of a
# line "diversion by PACKAGE from: FILE" the package is not the file's.
owners() {
    libraries | sed 'p; s,^,/usr,' | xargs dpkg-query -S 2>/dev/null | grep -v '^diversion '
}

if ldd "$program" | grep 'not found' >&2; then
    exit 1
fi
mkdir -p "$root/usr/bin" "$root/etc" "$root/var/lib/dpkg/status.d"
strip -o "$root/usr/bin/$(basename "$program")" "$program"
echo 'efa:x:65532:65532::/nonexistent:/usr/sbin/nologin' >"$root/etc/passwd"
echo 'efa:x:65532:' >"$root/etc/group"

owned=$(owners)
libraries | while IFS= read -r library; do
    if ! echo "$owned" | grep -q ": \(/usr\)\{0,1\}$library\$"; then
        echo "$library is of no package" >&2
        exit 1
    fi
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done
echo "$owned" | sed 's/: .*//' | sort -u | while IFS= read -r package; do
    name=${package%:*}
    dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$name"
    mkdir -p "$root/usr/share/doc/$name"
    cp -L "/usr/share/doc/$name/copyright" "$root/usr/share/doc/$name/"
done
