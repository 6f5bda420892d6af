package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every fuzz target has seeds: it adds them, or they lie in testdata/fuzz. (That there
// is one in the end, make fuzz sees by what the fuzzer begins with.) None hides behind a
// build tag or a name that go test does not list.
func TestEveryFuzzTargetHasSeeds(t *testing.T) {
	t.Parallel()
	found := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "*testing.F") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			target, ok := decl.(*ast.FuncDecl)
			if !ok || !fuzzes(target) {
				continue
			}
			found++
			if !strings.HasPrefix(target.Name.Name, "Fuzz") {
				t.Errorf("%s: go test does not list %s: call it Fuzz...", path, target.Name.Name)
			}
			kept, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "testdata", "fuzz", target.Name.Name, "*"))
			if len(kept) == 0 && !calls(target, "Add") {
				t.Errorf("%s: %s has no seeds: add some with f.Add", path, target.Name.Name)
			}
			if strings.Contains(string(text), "\n//go:build ") || strings.HasPrefix(string(text), "//go:build ") {
				t.Errorf("%s: %s stands behind a build tag, where make fuzz does not find it", path, target.Name.Name)
			}
		}
		return nil
	})
	if err != nil || found < 40 {
		t.Errorf("%d fuzz targets were found: %v", found, err)
	}
}

// fuzzes tells that a function is a fuzz target, whatever its name.
func fuzzes(f *ast.FuncDecl) bool {
	if f.Recv != nil || f.Type.Params.NumFields() != 1 {
		return false
	}
	pointer, ok := f.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	of, ok := pointer.X.(*ast.SelectorExpr)
	return ok && of.Sel.Name == "F" && calls(f, "Fuzz")
}

// calls tells that a function calls a method of that name.
func calls(f *ast.FuncDecl, method string) (does bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if of, ok := call.Fun.(*ast.SelectorExpr); ok && of.Sel.Name == method {
				does = true
			}
		}
		return !does
	})
	return does
}
