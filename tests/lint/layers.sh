#!/bin/sh
# Includes go downwards only: a room uses those below it, and of those only the headers
# that are meant for others. A library's header is included in one file. One line of TAP
# for each rule; run from the top of the tree.
set -eu

# file, line and what is included, for every include in the tree
# shellcheck disable=SC2016 # awk expands it
includes() {
    find harness mocks -name '*.[ch]' | sort | xargs awk '
        /^[ \t]*#[ \t]*include/ {
            what = $0
            sub(/^[^<"]*/, "", what)
            print FILENAME, FNR, what
        }'
}

report() { # what the rule says; standard input: what breaks it
    found=$(cat)
    if [ -z "$found" ]; then
        echo "ok - $1"
    else
        echo "not ok - $1"
        echo "$found"
        exit 1
    fi
}

rooms() {
    awk '
    BEGIN {
        # A room, and all that it may include besides its own headers.
        may["base"] = ""
        may["wire"] = "base/"
        may["profile"] = "base/ wire/http.h"
        may["mocks"] = "base/ wire/wire.h wire/http.h wire/journal.h profile/profile.h"
        may["scenario"] = may["mocks"] " wire/pki.h wire/process.h wire/tcp.h" \
                          " profile/schema.h mocks/host.h mocks/koppelpunt.h" \
                          " mocks/overstapsysteem.h mocks/population.h mocks/role.h" \
                          " mocks/sources.h"
        may["judge"] = "base/ wire/journal.h"
        may["report"] = "base/ judge/judge.h wire/journal.h"
        may["cli"] = may["scenario"] " scenario/ judge/judge.h report/report.h" \
                     " mocks/mutants.h mocks/null_role.h"
    }
    $3 ~ /^"/ {
        split($1, part, "/")
        room = part[1] == "harness" ? part[2] : part[1]
        what = substr($3, 2, length($3) - 2)
        sub(/^harness\//, "", what)
        ok = room in may && index(what, room "/") == 1
        n = split(may[room], allowed, " ")
        for (i = 1; i <= n; i++)
            if (allowed[i] ~ /\/$/ ? index(what, allowed[i]) == 1 : what == allowed[i])
                ok = 1
        if (!ok)
            print $1 ":" $2 ": " room " may not include " what
    }'
}

libraries() {
    awk '
    BEGIN {
        only["<uthash.h>"] = "harness/base/map.c"
        only["<openssl/evp.h>"] = "harness/base/digest.c harness/wire/pki.c"
        only["<openssl/sha.h>"] = "harness/base/digest.c"
        only["<openssl/pem.h>"] = "harness/wire/pki.c"
        only["<openssl/x509v3.h>"] = "harness/wire/pki.c"
        only["<uv.h>"] = "harness/wire/real.h"
        only["<curl/curl.h>"] = "harness/wire/client.h"
        only["<microhttpd.h>"] = "harness/wire/server.h"
        only["<gnutls/x509.h>"] = "harness/wire/tls_peer.c"
        only["<pcre2.h>"] = "harness/profile/schema_regex.c"
        only["<zlib.h>"] = "harness/base/tarball.c"
        only["<jansson.h>"] = "*"
        libc = "assert ctype dirent errno fcntl float ftw getopt inttypes limits locale" \
               " math netdb poll pwd regex setjmp signal stdarg stdbool stddef stdint" \
               " stdio stdlib string strings termios time unistd"
        n = split(libc, word, " ")
        for (i = 1; i <= n; i++)
            only["<" word[i] ".h>"] = "*"
    }
    $3 ~ /^</ && $3 !~ /^<(sys|arpa|net|netinet|linux)\// {
        if (!($3 in only))
            print $1 ":" $2 ": " $3 " belongs to no room"
        else if (only[$3] != "*" && index(" " only[$3] " ", " " $1 " ") == 0)
            print $1 ":" $2 ": " $3 " is for " only[$3] " only"
    }'
}

includes | rooms | report "includes go downwards"
includes | libraries | report "one file for a library's header"
