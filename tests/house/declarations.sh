#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# declarations.sh header|PAGE...: the functions that <wq/wq.h> declares, as the compiler sees it, or
# that the pages' SYNOPSIS does: one a line, equal where the same is meant, sorted.
cd "$(dirname "$0")/../.." || exit 1

tidy() {
	sed 's/_Bool/bool/g; s/[ \t][ \t]*/ /g; s/ *\* */ */g; s/ *( */(/g; s/ *) */)/g; s/ *, */, /g
		s/\([a-z]\)(\*/\1 (*/g; s/^ //; s/ $//' | sort
}

# What stands outside of braces up to a semicolon or an opening brace.
header() {
	printf '#include <wq/wq.h>\n' | ${CC:-cc} -E -P -Ilib/include - | grep -v '^#' |
		sed 's/__attribute__ *((\([^()]\|([^()]*)\)*))//g; s/\b\(static\|inline\|extern\) //g' |
		tr '\n' ' ' | sed 's/\([;{}]\)/\n\1\n/g' | awk '
			$0 == "{" { if (!depth++ && one) print one; one = ""; next }
			$0 == "}" { depth--; one = ""; next }
			$0 == ";" { if (!depth && one) print one; one = ""; next }
			{ one = $0 }' | grep -E '[ *]wq_[a-z_]+ *\(' | tidy
}

synopsis() {
	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$@" | awk '
		/^\.Ft / { type = substr($0, 5) }
		/^\.Fo / { name = $2; args = "" }
		/^\.Fa / { gsub(/^\.Fa |"/, ""); args = args (args ? ", " : "") $0 }
		/^\.Fc/ { print type " " name "(" args ")" }
		/^\.Fn / {
			name = $2
			sub(/^\.Fn [^ ]* */, "")
			gsub(/" "/, ", ")
			gsub(/"/, "")
			print type " " name "(" $0 ")"
		}' | tidy
}

case $1 in
header) header ;;
*) synopsis "$@" ;;
esac
