#!/bin/sh
# How fast, as ratios taken in one run, so that they can be compared between machines. It
# never fails on a time. Usage: tests/bench/bench.sh BUILD [SECONDS]. Needs nginx, wrk,
# taskset and curl. The server has one core, the client another. Answers are counted per
# second of processor time that the server used: what its core would do if nothing else
# wanted it.
set -eu
build=$1 seconds=${2:-3}
koppelproef=$build/koppelproef
dir=$(mktemp -d) pids=''
trap 'kill $pids 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
server=0 client=1
if [ "$(nproc)" -lt 2 ]; then
    client=0
    echo "One core only: server and client share it, the ratios say little."
fi

[ "$seconds" -ge 3 ] || seconds=3

line() { # what, figure, against, ratio, wanted
    printf '%-47s %17s %17s %7s  %s\n' "$@"
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", b ? a / b : 0 }'; }
whole() { awk -v a="$1" 'BEGIN { printf "%.0f", a }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# A free port that nobody is given by the kernel.
port=7600
next_port() {
    port=$((port + 1))
    while curl -s -o /dev/null "http://127.0.0.1:$port/"; do port=$((port + 1)); done
}
until_up() {
    tries=0
    until curl -sf -o /dev/null "$1"; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { echo "no answer from $1" >&2; exit 1; }
        sleep 0.05
    done
}

# serve NAME COMMAND...: on the server's core; sets pid
serve() {
    name=$1
    shift
    taskset -c $server "$@" >"$dir/$name.out" 2>"$dir/$name.err" &
    pid=$!
    pids="$pids $pid"
}
stop() {
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# mock NAME OPTION...: sets pid, url and token (the overstapsysteem's, or the SIS's)
mock() {
    next_port
    name=$1
    shift
    serve "$name" "$koppelproef" mock koppelpunt --listen "127.0.0.1:$port" "$@"
    url=http://127.0.0.1:$port
    until_up "$url/v1/gezondheid"
}
token() { # of a client by its name in what the mock printed
    secret=$(awk -v id="$2" '$1 == id { print $2 }' "$dir/$1.out")
    curl -s "$url/oauth2/token" -u "$2:$secret" -d grant_type=client_credentials |
        sed 's/.*"access_token" *: *"\([^"]*\)".*/\1/'
}

ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
now() { awk -v t="$(getconf CLK_TCK)" '{ print $1 * t }' /proc/uptime; }

# load PID WRK-ARGUMENTS...: sets rate (requests/s), core_rate (requests per second of the
# server's processor time), and the shares of their cores that server and client used
load() {
    watched=$1
    shift
    before=$(ticks "$watched")
    taskset -c $client wrk -t1 -d"${seconds}s" "$@" >"$dir/wrk.out" 2>&1 &
    wrk=$!
    sleep 1
    s0=$(ticks "$watched") c0=$(ticks $wrk) t0=$(now)
    sleep $((seconds - 2))
    s1=$(ticks "$watched") c1=$(ticks $wrk) t1=$(now)
    wait $wrk
    rate=$(awk '/Requests\/sec/ { print $2 }' "$dir/wrk.out")
    core_rate=$(awk -v t="$(($(ticks "$watched") - before))" -v hz="$(getconf CLK_TCK)" \
        '/requests in/ { print t ? $1 / t * hz : 0 }' "$dir/wrk.out")
    shares=$(echo "$s0 $s1 $c0 $c1 $t0 $t1" | awk '{
        printf "%.0f %.0f", ($2 - $1) / ($6 - $5) * 100, ($4 - $3) / ($6 - $5) * 100 }')
    server_share=${shares% *} client_share=${shares#* }
    if grep -q 'Non-2xx\|Socket errors' "$dir/wrk.out"; then
        grep 'Non-2xx\|Socket errors' "$dir/wrk.out" >&2
    fi
}
limited() {
    if [ "$server_share" -ge 90 ]; then
        what="the server's core"
    elif [ "$client_share" -ge 90 ]; then
        what="the client's core"
    else
        what="waiting: no core is full"
    fi
    echo "    limited by $what (server $server_share%, client $client_share%)"
}

line "" figure against ratio wanted

# ---- (a) answering, against nginx with a file of 400 bytes ----
mkdir "$dir/www"
printf '{"aanmeldstatussen":["%0376d"]}' 0 >"$dir/www/x"
next_port
cat >"$dir/nginx.conf" <<CONF
daemon off; master_process off; worker_processes 1; pid $dir/pid; error_log /dev/null;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000; sendfile on; tcp_nopush on;
  default_type application/json; open_file_cache max=10; client_body_temp_path $dir/b;
  proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u;
  scgi_temp_path $dir/s; server { listen 127.0.0.1:$port; location / { root $dir/www; } } }
CONF
serve nginx nginx -c "$dir/nginx.conf"
nginx=$pid nginx_url=http://127.0.0.1:$port/x
until_up "$nginx_url"
serve door "$build/door_bench"
door=$pid
until [ -s "$dir/door.out" ]; do sleep 0.05; done
door_url=$(cat "$dir/door.out")/x
mock bare --pupils 1000
bare=$pid bare_url=$url bare_token=$(token bare intergrip)
mock kept --pupils 1000 --journal "$dir/journal.jsonl"
kept=$pid kept_url=$url kept_token=$(token kept intergrip)
page='/v1/aanmeldstatussen?limiet=1'
for _ in 1 2 3; do
    load $nginx -c64 "$nginx_url"
    echo "$core_rate" >>"$dir/a.nginx"
    load $door -c64 "$door_url"
    echo "$core_rate" >>"$dir/a.door"
    load $bare -c64 -H "Authorization: Bearer $bare_token" "$bare_url$page"
    echo "$core_rate" >>"$dir/a.bare"
    load $kept -c64 -H "Authorization: Bearer $kept_token" "$kept_url$page"
    echo "$core_rate" >>"$dir/a.kept"
    : >"$dir/journal.jsonl"
done
n=$(median <"$dir/a.nginx") d=$(median <"$dir/a.door")
b=$(median <"$dir/a.bare") k=$(median <"$dir/a.kept")
line "door alone, 400 bytes, answers/s : nginx" "$(whole "$d")" "$(whole "$n")" \
    "$(ratio "$d" "$n")" ""
line "koppelpunt, page of 1, token, answers/s : nginx" "$(whole "$b")" "$(whole "$n")" \
    "$(ratio "$b" "$n")" ""
line "the same with journal : nginx" "$(whole "$k")" "$(whole "$n")" \
    "$(ratio "$k" "$n")" ">= 0.50"
for p in $nginx $door $bare $kept; do stop "$p"; done

# ---- (b) taking in, durable ----
for size in 1 500; do
    mock "post$size" --state "$dir/state$size"
    sis=$(token "post$size" sis-00GT)
    load "$pid" -c16 -s tests/bench/meldingen.lua "$url/v1/statusmeldingen" -- "$sis" $size
    m=$(awk -v r="$rate" -v s=$size 'BEGIN { print r * s }')
    [ $size = 1 ] && one=$m
    line "taking in, kept on disk, $size a request: meldingen/s" "$(whole "$m")" \
        "$(whole "$one")" "$(ratio "$m" "$one")" ""
    echo "    $(whole "$rate") requests/s, kept before the answer (one write(2), no fsync);" \
        "$(awk -v r="$core_rate" -v s=$size 'BEGIN { printf "%.0f", r * s }')" \
        "meldingen per second of its processor time"
    limited
    stop "$pid"
done

# ---- (c) the store ----
taskset -c $server "$build/store_bench" 10000 100000 1000000 >"$dir/store"
while read -r count bytes page in; do
    [ "$count" = 10000 ] && first=$page first_bytes=$bytes first_in=$in
    line "page of 500 of $count, microseconds : 10000" "$page" "$first" \
        "$(ratio "$page" "$first")" "<= 1.50"
    line "  memory, bytes an aanmelding : 10000" "$bytes" "$first_bytes" \
        "$(ratio "$bytes" "$first_bytes")" "<= 1.50"
    line "  taking in, microseconds each : 10000" "$in" "$first_in" \
        "$(ratio "$in" "$first_in")" ""
done <"$dir/store"

# ---- (d) starting ----
next_port
ms=$("$build/start_bench" 21 "127.0.0.1:$port" /v1/gezondheid \
    "$koppelproef" mock koppelpunt --listen "127.0.0.1:$port")
line "mock: start to first answer, ms" "$ms" 50 "$(ratio "$ms" 50)" "<= 1.00"

# ---- (e) everything ----
began=$(date +%s.%N)
status=0
"$koppelproef" run --seed 1 --quiet --out "$dir/run" || status=$?
took=$(echo "$began $(date +%s.%N)" | awk '{ printf "%.1f", $2 - $1 }')
line "all scenarios on both references, s" "$took" 30 "$(ratio "$took" 30)" "<= 1.00"
[ $status = 0 ] || echo "    that run ended with exit status $status"

# ---- (f) judging, in scenarios of a thousand and all in one ----
n=${EXCHANGES:-1000000}
for per in 1000 "$n"; do
    read -r count took mib <<JUDGED
$("$build/judge_bench" "$dir" "$n" "$per")
JUDGED
    allowed=$(awk -v n="$count" 'BEGIN { print n / 100000 }')
    line "judging $count exchanges, $per in a scenario, s" "$took" "$allowed" \
        "$(ratio "$took" "$allowed")" "<= 1.00"
    line "  memory, MiB" "$mib" 1024 "$(ratio "$mib" 1024)" "<= 1.00"
done
