#!/usr/bin/env bash
# Makes a managed instance group that runs the gateway, with a health check that replaces machines
# which do not answer.
#
#   PROJECT              project that the machines run in
#   IMAGE                image of deploy/docker/Dockerfile
#   PUBSUB_SUBSCRIPTION  subscription that messages come from
#   GCP_PROJECT          project of the subscription; PROJECT if it is not set
#   PORT                 port to listen on; 8080 if it is not set
#   ZONE                 zone; europe-west1-b if it is not set
#   MACHINE_TYPE         type of the machines; c3-standard-4 if it is not set
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

: "${PROJECT:?PROJECT is not set (expected: the project that the machines run in)}"
: "${IMAGE:?IMAGE is not set (expected: the image to run)}"
: "${PUBSUB_SUBSCRIPTION:?PUBSUB_SUBSCRIPTION is not set (expected: the subscription to read)}"
GCP_PROJECT="${GCP_PROJECT:-$PROJECT}"
PORT="${PORT:-8080}"
ZONE="${ZONE:-europe-west1-b}"
MACHINE_TYPE="${MACHINE_TYPE:-c3-standard-4}"
template="sse-gateway-$(date +%Y%m%d-%H%M%S)"

if ! gcloud compute health-checks describe sse-gateway --project="$PROJECT" --global >/dev/null 2>&1; then
  gcloud compute health-checks create http sse-gateway --project="$PROJECT" --global \
    --port="$PORT" --request-path=/health \
    --check-interval=10s --timeout=5s --unhealthy-threshold=3
fi

# One machine reads a subscription: two would share its messages. For more, give each its own.
gcloud compute instance-templates create "$template" --project="$PROJECT" \
  --machine-type="$MACHINE_TYPE" --image-family=cos-stable --image-project=cos-cloud \
  --scopes=cloud-platform --tags=sse-gateway \
  --metadata="sse-image=$IMAGE,sse-port=$PORT,sse-gcp-project=$GCP_PROJECT,sse-pubsub-subscription=$PUBSUB_SUBSCRIPTION" \
  --metadata-from-file=startup-script=startup.sh

if gcloud compute instance-groups managed describe sse-gateway --project="$PROJECT" --zone="$ZONE" >/dev/null 2>&1; then
  gcloud compute instance-groups managed rolling-action start-update sse-gateway \
    --project="$PROJECT" --zone="$ZONE" --version="template=$template" \
    --max-surge=1 --max-unavailable=0
else
  gcloud compute instance-groups managed create sse-gateway --project="$PROJECT" --zone="$ZONE" \
    --template="$template" --size=1 --health-check=sse-gateway --initial-delay=120
  gcloud compute instance-groups managed set-named-ports sse-gateway \
    --project="$PROJECT" --zone="$ZONE" --named-ports="http:$PORT"
fi
