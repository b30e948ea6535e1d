#!/bin/sh
# Makes the certificates of the tests anew, with OpenSSL 3. They are valid from 2020 to 2120, so that
# no test depends on the date. The authority's own key is not kept.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: > "$work/index"

cat > "$work/ca.cnf" <<CONFIG
[ca]
default_ca = test
[test]
database = $work/index
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, DNS:intake.test, IP:127.0.0.1, IP:::1
[named]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost
[addressed]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1
[client]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = clientAuth
CONFIG

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2> /dev/null; }
sign() { # extensions, subject, key, certificate, then who signs
  openssl req -new -key "$3" -subj "/CN=$2" -out "$work/request.pem"
  extensions=$1 certificate=$4
  shift 4
  openssl ca -batch -notext -config "$work/ca.cnf" -extensions "$extensions" -in "$work/request.pem" \
    -startdate 20200101000000Z -enddate 21200101000000Z -out "$certificate" "$@" 2> /dev/null
}

key "$work/ca.key.pem"
sign authority "TEST ONLY authority" "$work/ca.key.pem" test-only-ca.pem -selfsign -keyfile "$work/ca.key.pem"
for role in server named addressed client; do
  key "test-only-$role.key.pem"
  sign "$role" "TEST ONLY $role" "test-only-$role.key.pem" "test-only-$role.pem" -cert test-only-ca.pem -keyfile "$work/ca.key.pem"
done
