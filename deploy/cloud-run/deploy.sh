#!/usr/bin/env bash
# Builds the image and deploys it to Cloud Run.
#
#   PROJECT              project that the service runs in
#   PUBSUB_SUBSCRIPTION  subscription that messages come from
#   GCP_PROJECT          project of the subscription; PROJECT if it is not set
#   PORT                 port of the container; 8080 if it is not set
#   REGION               region; europe-west1 if it is not set
#   IMAGE                image to deploy instead of building one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

: "${PROJECT:?PROJECT is not set (expected: the project that the service runs in)}"
: "${PUBSUB_SUBSCRIPTION:?PUBSUB_SUBSCRIPTION is not set (expected: the subscription to read)}"
GCP_PROJECT="${GCP_PROJECT:-$PROJECT}"
PORT="${PORT:-8080}"
REGION="${REGION:-europe-west1}"

if [[ -z "${IMAGE:-}" ]]; then
  IMAGE="$REGION-docker.pkg.dev/$PROJECT/sse-gateway/sse-gateway:$(git rev-parse --short HEAD)"
  docker build -f deploy/docker/Dockerfile -t "$IMAGE" .
  docker push "$IMAGE"
fi

service="$(mktemp --suffix=.yaml)"
trap 'rm -f "$service"' EXIT
text="$(<deploy/cloud-run/service.yaml)"
for name in IMAGE PORT GCP_PROJECT PUBSUB_SUBSCRIPTION; do
  text="${text//"\${$name}"/${!name}}"
done
printf '%s\n' "$text" >"$service"

gcloud run services replace "$service" --project="$PROJECT" --region="$REGION"
gcloud run services describe sse-gateway --project="$PROJECT" --region="$REGION" \
  --format='value(status.url)'
