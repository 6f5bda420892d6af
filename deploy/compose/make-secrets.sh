#!/bin/sh
# Makes ./secrets, with all that can be made up. What Meta gave you is asked for on standard
# input: the app secret, then the access token, a line each.
set -eu
cd "$(dirname "$0")"
bauta=${BAUTA:-bauta}
mkdir -m 700 secrets
read -r app_secret
read -r access_token
password=$(openssl rand -hex 32)
# The container's user reads them; of this machine nobody else gets into the folder.
umask 022
printf '%s\n' "$app_secret" > secrets/app-secret
printf '%s\n' "$access_token" > secrets/access-token
openssl rand -hex 16 > secrets/verify-token
printf 'whsec_%s\n' "$(openssl rand -base64 32)" > secrets/crm-secret
printf 'redis://:%s@redis:6379/0\n' "$password" > secrets/redis-url
cat > secrets/redis.conf <<CONF
requirepass $password
dir /data
appendonly yes
appendfsync always
maxmemory-policy noeviction
CONF
"$bauta" keys init --out secrets/keys.json
chmod 644 secrets/keys.json
echo "made secrets/: back up secrets/keys.json; the verify token for Meta's dashboard is in secrets/verify-token"
