package e2e

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// Bounds on the tails, which tell good code from bad where medians do not.
const (
	maxFileLines  = 400
	maxFuncLines  = 80
	maxParameters = 5
)

// eachFile parses every file that goes into the program.
func eachFile(t *testing.T, visit func(pkg listed, path string, set *token.FileSet, file *ast.File)) {
	t.Helper()
	seen := 0
	for _, p := range ownPackages(t) {
		for _, name := range p.GoFiles {
			set := token.NewFileSet()
			path := filepath.Join(p.Dir, name)
			file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
			if err != nil {
				t.Errorf("%s/%s cannot be parsed: %v", p.name(), name, err)
				continue
			}
			seen++
			visit(p, p.name()+"/"+name, set, file)
		}
	}
	if seen < 20 {
		t.Fatalf("only %d files were looked at", seen)
	}
}

func TestFilesAndFunctionsAreSmall(t *testing.T) {
	t.Parallel()
	eachFile(t, func(_ listed, path string, set *token.FileSet, file *ast.File) {
		if lines := set.Position(file.FileEnd).Line; lines > maxFileLines {
			t.Errorf("%s has %d lines, more than %d: split it", path, lines, maxFileLines)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			var kind *ast.FuncType
			name := "a function literal"
			switch f := node.(type) {
			case *ast.FuncDecl:
				kind, name = f.Type, f.Name.Name
			case *ast.FuncLit:
				kind = f.Type
			default:
				return true
			}
			if lines := set.Position(node.End()).Line - set.Position(node.Pos()).Line + 1; lines > maxFuncLines {
				t.Errorf("%s: %s has %d lines, more than %d", path, name, lines, maxFuncLines)
			}
			if n := kind.Params.NumFields(); n > maxParameters {
				t.Errorf("%s: %s has %d parameters, more than %d: use a struct", path, name, n, maxParameters)
			}
			return true
		})
	})
}

func TestEveryPackageIsExplainedOnce(t *testing.T) {
	t.Parallel()
	docs := map[string]int{}
	eachFile(t, func(p listed, path string, _ *token.FileSet, file *ast.File) {
		docs[p.name()] += 0
		if file.Doc == nil {
			return
		}
		docs[p.name()]++
		want := "Package " + file.Name.Name + " "
		if file.Name.Name == "main" {
			want = "Command "
		}
		if !strings.HasPrefix(file.Doc.Text(), want) {
			t.Errorf("%s: the package's doc must begin with %q", path, want)
		}
	})
	for name, n := range docs {
		if n != 1 {
			t.Errorf("%s has %d package docs, want 1", name, n)
		}
	}
}

func TestNoGlobalsAndNoInit(t *testing.T) {
	t.Parallel()
	eachFile(t, func(_ listed, path string, _ *token.FileSet, file *ast.File) {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has an init: build it in a constructor", path)
			}
			general, ok := decl.(*ast.GenDecl)
			if !ok || general.Tok != token.VAR {
				continue
			}
			for _, spec := range general.Specs {
				checkGlobal(t, path, general, spec)
			}
		}
	})
}

// checkGlobal allows sentinel errors, interface assertions and embedded files.
func checkGlobal(t *testing.T, path string, decl *ast.GenDecl, spec ast.Spec) {
	t.Helper()
	value, ok := spec.(*ast.ValueSpec)
	if !ok || embeds(decl.Doc) || embeds(value.Doc) {
		return
	}
	for _, name := range value.Names {
		if name.Name != "_" && !strings.HasPrefix(strings.ToLower(name.Name), "err") {
			t.Errorf("%s: the package variable %s: pass it in or build it in a constructor", path, name.Name)
		}
	}
}

// embeds looks at the comments themselves: Text leaves directives out.
func embeds(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, comment := range doc.List {
		if strings.HasPrefix(comment.Text, "//go:embed ") {
			return true
		}
	}
	return false
}
