#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-test.sh TEST: a program is run as it is, a script by sh.
case $1 in
*.sh) exec sh "$@" ;;
*) exec "$@" ;;
esac
