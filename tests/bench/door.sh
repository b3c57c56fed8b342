#!/bin/sh
# The server door against nginx: one core each side, 64 keep-alive connections, a reply of
# 400 bytes. Usage: tests/bench/door.sh DOOR_BENCH [seconds]. Needs nginx, wrk and taskset.
set -eu
door=$1
seconds=${2:-3}
dir=$(mktemp -d)
trap 'kill $nginx $bench 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
nginx='' bench=''

mkdir "$dir/www"
head -c 400 /dev/zero | tr '\0' x >"$dir/www/x"
cat >"$dir/nginx.conf" <<CONF
daemon off; master_process off; worker_processes 1; pid $dir/pid; error_log /dev/null;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000; sendfile on; tcp_nopush on;
  default_type application/json;
  open_file_cache max=10; client_body_temp_path $dir/b; proxy_temp_path $dir/p;
  fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
  server { listen 127.0.0.1:18399; location / { root $dir/www; } } }
CONF
taskset -c 0 nginx -c "$dir/nginx.conf" 2>/dev/null &
nginx=$!
taskset -c 0 "$door" >"$dir/url" &
bench=$!
until [ -s "$dir/url" ] && curl -sfo /dev/null http://127.0.0.1:18399/x; do :; done

rate() {
    taskset -c 1 wrk -t1 -c64 -d"${seconds}s" "$1" | awk '/Requests\/sec/ { print $2 }'
}
for round in 1 2 3; do
    n=$(rate http://127.0.0.1:18399/x)
    d=$(rate "$(cat "$dir/url")/x")
    echo "$round nginx $n door $d ratio $(echo "$d $n" | awk '{ printf "%.2f", $1 / $2 }')"
done
