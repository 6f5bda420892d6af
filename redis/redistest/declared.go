package redistest

import (
	"regexp"
	"strings"
	"testing"
)

// DeclaredKeysOnly fails unless every key that a script can touch is one it
// declares, and it uses nothing but redis.call and cjson. Every first argument
// of a command must be KEYS[..], or a name that is only ever given one: a local,
// or the value of a loop over KEYS. Commands without a key are named here.
func DeclaredKeysOnly(t testing.TB, source string) {
	t.Helper()
	for _, fault := range UndeclaredKeys(source) {
		t.Error(fault)
	}
}

// UndeclaredKeys lists what DeclaredKeysOnly objects to.
func UndeclaredKeys(source string) []string {
	text := withoutComments(source)
	var faults []string
	for _, use := range regexp.MustCompile(`redis\.(\w+)`).FindAllStringSubmatch(text, -1) {
		if use[1] != "call" && use[1] != "error_reply" && use[1] != "status_reply" {
			faults = append(faults, "uses redis."+use[1])
		}
	}
	for _, bad := range []string{"EVAL", "loadstring", "_G", "cmsgpack", "struct.", "bit."} {
		if strings.Contains(text, bad) {
			faults = append(faults, "uses "+bad)
		}
	}
	declared := names(text)
	calls := regexp.MustCompile(`redis\.call\s*\(\s*([^,()]+?)\s*(?:,\s*([^,()]+?|[^,()]+?\([^()]*\))\s*)?[,)]`)
	matched := calls.FindAllStringSubmatch(text, -1)
	if len(matched) != strings.Count(text, "redis.call") {
		faults = append(faults, "has a redis.call whose first arguments cannot be read: give the command as a literal and the key as KEYS[n] or a local")
	}
	for _, call := range matched {
		command := strings.Trim(call[1], `"'`)
		if command == call[1] {
			faults = append(faults, "calls a command that is not a literal: "+call[1])
			continue
		}
		if keyless(command) || isKey(call[2], declared) {
			continue
		}
		faults = append(faults, "calls "+command+" on "+call[2]+", which is not a declared key")
	}
	return faults
}

func keyless(command string) bool {
	switch strings.ToUpper(command) {
	case "TIME", "PUBLISH":
		return true
	}
	return false
}

func isKey(expression string, declared map[string]bool) bool {
	return strings.HasPrefix(expression, "KEYS[") || declared[expression]
}

// names are the identifiers that stand for keys: every assignment to them is a
// KEYS[..], and every parameter of that name would be one too, which callers in
// the script are checked for by their own redis.call.
func names(text string) map[string]bool {
	out := map[string]bool{}
	assigned := regexp.MustCompile(`(?m)(?:^|[\s;])(?:local\s+)?([A-Za-z_]\w*)\s*=\s*([^=\n][^\n;]*)`)
	for _, a := range assigned.FindAllStringSubmatch(text, -1) {
		isKey := strings.HasPrefix(strings.TrimSpace(a[2]), "KEYS[")
		if before, seen := out[a[1]]; seen {
			isKey = isKey && before
		}
		out[a[1]] = isKey
	}
	for _, l := range regexp.MustCompile(`for\s+\w+\s*,\s*(\w+)\s+in\s+ipairs\(KEYS\)`).FindAllStringSubmatch(text, -1) {
		out[l[1]] = true
	}
	return out
}

func withoutComments(source string) string {
	return regexp.MustCompile(`--[^\n]*`).ReplaceAllString(source, "")
}
