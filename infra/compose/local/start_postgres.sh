# As much of the upstream image's start as the composition uses.
set -eu
data=/var/lib/postgresql/17/composition
if [ ! -s "$data/PG_VERSION" ]; then
  printf '%s\n' "$POSTGRES_PASSWORD" > /tmp/password
  initdb -D "$data" -U "$POSTGRES_USER" -E UTF8 --locale=C.UTF-8 --auth=scram-sha-256 --pwfile=/tmp/password
  rm /tmp/password
  echo "host all all all scram-sha-256" >> "$data/pg_hba.conf"
  echo "create database $POSTGRES_DB" | postgres --single -D "$data" postgres
fi
exec postgres -D "$data" -c 'listen_addresses=*' -c unix_socket_directories=/tmp
