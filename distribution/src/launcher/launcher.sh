#!/bin/sh
# Starts Entrepot with the Java runtime beside it.
#   ENTREPOT_JAVA_OPTIONS   more options for the Java machine, for instance -Xmx512m
set -eu

here=$0
while [ -L "$here" ]; do
  link=$(readlink "$here")
  case $link in
    /*) here=$link ;;
    *) here=${here%/*}/$link ;;
  esac
done
case $here in
  */*) ;;
  *) here=./$here ;;
esac
home=$(cd "${here%/*}/.." && pwd -P)
. "$home/app/kind.sh"
kind_of "${1:-}"
# What other Java programs of this machine are told is not meant for this one.
unset JDK_JAVA_OPTIONS JAVA_TOOL_OPTIONS _JAVA_OPTIONS
directives=$home/app/$kind.directives
[ -e "$directives" ] || directives=
# Without a cache that fits nothing is lost but some tenths of a second.
# shellcheck disable=SC2086
exec "$home/runtime/bin/java" "@$home/app/common.options" "@$home/app/$kind.options" \
  ${directives:+"-XX:CompilerDirectivesFile=$directives"} "-XX:AOTCache=$home/app/$kind.aot" -Xlog:aot=off -Xlog:cds=off "-Djava.library.path=$home/app/native" \
  ${ENTREPOT_JAVA_OPTIONS:-} --enable-native-access=entrepot -m entrepot "$@"
