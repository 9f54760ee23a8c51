#!/usr/bin/env bash
# A run by five processes that were started by hand, each in its own network namespace: nothing but the wire between them.
#
#   sudo test/namespaces/run.sh [recipe]        needs root, iproute2 (ip) and a finished set-up
#
# Coordinator, trainer, pruner, retrainer, encoder and the CLI each get a namespace with one address on a bridge that
# lies in a seventh, so that the machine's own network is not touched. Afterwards the same recipe runs in one process,
# and the two artifacts are compared. Writes docs/results/namespaces.json. Exit code 1 when they differ.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
recipe=$(realpath "${1:-$root/recipes/quick.yaml}")
espalier="node $root/tools/cli/bin/espalier.cjs"
prefix=espalier-$$
work=$(mktemp -d)
nodes=(coordinator trainer pruner retrainer encoder cli)
declare -A address
pids=()

cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  for node in "${nodes[@]}" switch; do ip netns del "$prefix-$node" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT

command -v ip >/dev/null || { echo 'ip is missing; it comes with the package iproute2' >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo 'network namespaces need root' >&2; exit 1; }

ip netns add "$prefix-switch"
ip -n "$prefix-switch" link add bridge type bridge
ip -n "$prefix-switch" link set bridge up
number=10
for node in "${nodes[@]}"; do
  ip netns add "$prefix-$node"
  ip -n "$prefix-$node" link add eth0 type veth peer name "to-$node" netns "$prefix-switch"
  ip -n "$prefix-switch" link set "to-$node" master bridge up
  address[$node]=10.77.0.$number
  ip -n "$prefix-$node" addr add "10.77.0.$number/24" dev eth0
  ip -n "$prefix-$node" link set lo up
  ip -n "$prefix-$node" link set eth0 up
  number=$((number + 1))
done

within() { ip netns exec "$prefix-$1" "${@:2}"; }

head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$work/token"
hub=ws://${address[coordinator]}:7000

# Not by `within`: of a function in the background, $! is a shell whose end would not be that of the service.
ip netns exec "$prefix-coordinator" $espalier service coordinator --host "${address[coordinator]}" --port 7000 \
  --token-file "$work/token" --dir "$work/coordinator" >"$work/coordinator.log" 2>&1 &
pids+=($!)
for name in trainer pruner retrainer encoder; do
  ip netns exec "$prefix-$name" $espalier service "$name" --hub "$hub" --token-file "$work/token" \
    --host "${address[$name]}" --dir "$work/$name" >"$work/$name.log" 2>&1 &
  pids+=($!)
done

echo "run over six namespaces, hub at $hub"
if ! within cli $espalier run "$recipe" --hub "$hub" --token-file "$work/token" \
  --host "${address[cli]}" --runs "$work/cli" --quiet; then
  tail -n 5 "$work"/*.log >&2
  exit 1
fi
echo 'run in one process'
$espalier run "$recipe" --in-process --runs "$work/alone" --quiet

for node in "${nodes[@]}"; do
  sent=$(within "$node" cat /sys/class/net/eth0/statistics/tx_bytes 2>/dev/null \
    || ip -n "$prefix-$node" -s -j link show eth0 | node -p 'JSON.parse(require("fs").readFileSync(0))[0].stats64.tx.bytes')
  echo "$node $sent"
done >"$work/sent"
node "$root/tools/cli/bin/child.cjs" "$root/test/namespaces/compare.ts" "$work" "$recipe"
