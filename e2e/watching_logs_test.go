package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// logKeys are the keys of a call that writes to the log, or adds to one.
func logKeys(call *ast.CallExpr) []string {
	method, is := call.Fun.(*ast.SelectorExpr)
	if !is {
		return nil
	}
	name, args := method.Sel.Name, call.Args
	if from, is := method.X.(*ast.Ident); is && from.Name == "slog" {
		if len(args) == 2 || name == "Group" {
			return literals(args[:1])
		}
		return nil
	}
	switch name {
	case "DebugContext", "InfoContext", "WarnContext", "ErrorContext":
		args = args[min(2, len(args)):]
	case "With":
	default:
		return nil
	}
	var keys []string
	for len(args) > 0 {
		found := literals(args[:1])
		keys = append(keys, found...)
		args = args[min(1+len(found), len(args)):] // after a key comes its value
	}
	return keys
}

func literals(args []ast.Expr) []string {
	var out []string
	for _, a := range args {
		if l, is := a.(*ast.BasicLit); is && l.Kind == token.STRING {
			text, _ := strconv.Unquote(l.Value)
			out = append(out, text)
		}
	}
	return out
}

// A word means one thing in every line of the log: deploy/LOGS.md says what.
func TestTheKeysOfTheLogAreListed(t *testing.T) {
	t.Parallel()
	used := map[string]string{}
	for _, folder := range []string{"../cmd", "../webhook", "../redis", "../ads", "../masking"} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "redistest") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if call, is := n.(*ast.CallExpr); is {
					for _, key := range logKeys(call) {
						used[key] = path
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(used) < 30 {
		t.Fatalf("only %d keys were found", len(used))
	}
	listed := found("(?m)^\\| `(\\w+)` \\|", deployed(t, "LOGS.md"))
	for _, key := range slices.Sorted(maps.Keys(used)) {
		if !slices.Contains(listed, key) {
			t.Errorf("deploy/LOGS.md does not list %q, which %s logs", key, used[key])
		}
	}
}
