#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Assemble the files of an image: a program, the shared libraries that it needs, the records of their packages (which
# scanners read, as in distroless images) and their licences. Of each PACKAGE also the libraries and the files below
# /etc, for programs that load them while they run, as libibverbs does with its drivers.
#
#     deploy/image-root.sh PROGRAM ROOT [PACKAGE...]
set -eu

if [ $# -lt 2 ]; then
    echo "usage: deploy/image-root.sh PROGRAM ROOT [PACKAGE...]" >&2
    exit 2
fi
program=$1
root=$2
shift 2

# What the packages add: paths of files and links.
loaded() {
    for package; do
        dpkg-query -L "$package" | grep -E '\.so(\.|$)|^/etc/.+/[^/]+$'
    done
}

# The libraries of programs and libraries, the loader too. A path's folder has no link in it any more.
libraries() {
    ldd "$@" | awk '$2 == "=>" { print $3 } $1 ~ /^\// && NF > 1 { print $1 }' | sort -u | while IFS= read -r path; do
        folder=$(dirname "$path")
        echo "$(cd "$folder" && pwd -P)/$(basename "$path")"
    done | sort -u
}

# "PACKAGE: FILE" of every file. dpkg knows it by one of its two names where /lib is a link to /usr/lib; of a line
# "diversion by PACKAGE from: FILE" the package is not the file's.
owners() {
    xargs readlink -f | sed 'p; s,^/usr,,' | sort -u | xargs dpkg-query -S 2>/dev/null | grep -v '^diversion '
}

# A file's other names stay links to it, so that a library with two names is loaded once.
copy() { # path file
    mkdir -p "$root$(dirname "$1")" "$root$(dirname "$2")"
    cp "$2" "$root$2"
    if [ "$1" != "$2" ]; then
        ln -srf "$root$2" "$root$1"
    fi
}

if ldd "$program" | grep 'not found' >&2; then
    exit 1
fi
mkdir -p "$root/usr/bin" "$root/etc" "$root/var/lib/dpkg/status.d"
for folder in lib lib64; do
    if [ -L "/$folder" ]; then
        mkdir -p "$root/usr/$folder"
        ln -sfn "usr/$folder" "$root/$folder"
    fi
done
strip -o "$root/usr/bin/$(basename "$program")" "$program"
echo 'efa:x:65532:65532::/nonexistent:/usr/sbin/nologin' >"$root/etc/passwd"
echo 'efa:x:65532:' >"$root/etc/group"

added=$(loaded "$@")
# shellcheck disable=SC2046 # a list of paths
all=$(libraries "$program" $(echo "$added" | grep '\.so') && echo "$added")
owned=$(echo "$all" | owners)
for path in $all; do
    file=$(readlink -f "$path")
    if ! echo "$owned" | grep -qE ": (/usr)?${file#/usr}\$"; then
        echo "$path is of no package" >&2
        exit 1
    fi
    copy "$path" "$file"
done
echo "$owned" | sed 's/: .*//' | sort -u | while IFS= read -r package; do
    name=${package%:*}
    dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$name"
    mkdir -p "$root/usr/share/doc/$name"
    cp -L "/usr/share/doc/$name/copyright" "$root/usr/share/doc/$name/"
done
