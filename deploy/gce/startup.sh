#!/usr/bin/env bash
# Runs on each machine of the group at its start: takes its settings from the machine's metadata and
# runs the gateway as a container, with the host's network and a journal on the machine's disk.
set -euo pipefail

attribute() { # attribute <name>: a value of the instance's metadata
  curl -fsS -H 'Metadata-Flavor: Google' \
    "http://metadata/computeMetadata/v1/instance/attributes/$1"
}

image="$(attribute sse-image)"
port="$(attribute sse-port)"
project="$(attribute sse-gcp-project)"
subscription="$(attribute sse-pubsub-subscription)"

sysctl -q -w net.core.somaxconn=4096 net.ipv4.tcp_max_syn_backlog=8192
install -d -o 10001 -g 10001 -m 0750 /var/lib/sse-gateway

# The home of root cannot be written to on this system.
docker_home=/var/lib/docker-home
install -d "$docker_home"
if command -v docker-credential-gcr >/dev/null; then
  HOME="$docker_home" docker-credential-gcr configure-docker --registries="${image%%/*}"
fi
HOME="$docker_home" docker pull "$image"
docker rm -f sse-gateway >/dev/null 2>&1 || true
docker run -d --name sse-gateway --restart=always --network=host --stop-timeout=60 \
  --ulimit nofile=1048576 --read-only --tmpfs /tmp:exec --cap-drop=ALL \
  --security-opt=no-new-privileges -v /var/lib/sse-gateway:/var/lib/sse-gateway \
  -e PORT="$port" -e GCP_PROJECT="$project" -e PUBSUB_SUBSCRIPTION="$subscription" \
  -e SSE_GATEWAY_DRAIN=30s "$image"
