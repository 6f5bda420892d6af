package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"bauta/cmd/bauta/app"
)

// documents are what every archive holds beside the program.
func (r *release) documents(ctx context.Context) ([]file, error) {
	var all []file
	// What makes the release and the image needs the sources.
	names, err := r.run(ctx, nil, "git", "ls-files", "--", "LICENSE", "*.md", "deploy", "e2e/testdata/local.yaml",
		":!deploy/release", ":!deploy/check", ":!deploy/go.*", ":!deploy/Dockerfile", ":!*_test.yml")
	if err != nil {
		return nil, err
	}
	for name := range strings.Lines(string(names)) {
		name = strings.TrimSpace(name)
		content, err := os.ReadFile(filepath.Join(r.root, name))
		if err != nil {
			return nil, err
		}
		all = append(all, file{name: name, content: content, program: strings.HasSuffix(name, ".sh")})
	}
	for _, more := range []func(context.Context) ([]file, error){r.licences, r.manual, r.completions} {
		files, err := more(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}

// manual is the manual pages, one a command.
func (r *release) manual(context.Context) ([]file, error) {
	dir, err := os.MkdirTemp("", "bauta-man")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	root := app.Commands()
	root.DisableAutoGenTag = true
	listBelow(root)
	// Without a title each page has its command's.
	header := &doc.GenManHeader{Section: "1", Source: "Bauta " + r.version, Manual: "Bauta", Date: &r.at}
	if err := doc.GenManTree(root, header, dir); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []file
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, file{name: "man/man1/" + e.Name(), content: content})
	}
	return all, nil
}

// listBelow adds to the description of a command that has others below it what these are
// for: a page names them by name only.
func listBelow(c *cobra.Command) {
	var list strings.Builder
	for _, sub := range c.Commands() {
		listBelow(sub)
		if sub.IsAvailableCommand() {
			list.WriteString("\n\n**" + sub.CommandPath() + "**\n: " + sub.Short)
		}
	}
	if list.Len() > 0 {
		c.Long = cmp.Or(c.Long, c.Short) + list.String()
	}
}

// completions are those of the shells.
func (r *release) completions(context.Context) ([]file, error) {
	root := app.Commands()
	var all []file
	for _, shell := range []struct {
		name     string
		generate func(io.Writer) error
	}{
		{"bauta.bash", func(w io.Writer) error { return root.GenBashCompletionV2(w, true) }},
		{"_bauta", root.GenZshCompletion},
		{"bauta.fish", func(w io.Writer) error { return root.GenFishCompletion(w, true) }},
		{"bauta.ps1", root.GenPowerShellCompletionWithDesc},
	} {
		var out bytes.Buffer
		if err := shell.generate(&out); err != nil {
			return nil, err
		}
		all = append(all, file{name: "completions/" + shell.name, content: out.Bytes()})
	}
	return all, nil
}

// licences are those of everything that is linked in on some platform, in one file.
func (r *release) licences(ctx context.Context) ([]file, error) {
	modules := map[string]string{} // folder by path and version
	for _, platform := range r.platforms {
		system, processor, _ := strings.Cut(platform, "/")
		out, err := r.run(ctx, []string{"CGO_ENABLED=0", "GOOS=" + system, "GOARCH=" + processor}, "go", "list", "-deps", "-json=Module", "./cmd/bauta")
		if err != nil {
			return nil, err
		}
		for d := json.NewDecoder(bytes.NewReader(out)); ; {
			var p struct {
				Module *struct {
					Path, Version, Dir string
					Main               bool
				}
			}
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, err
			}
			if p.Module != nil && !p.Module.Main {
				modules[p.Module.Path+" "+p.Module.Version] = p.Module.Dir
			}
		}
	}
	var text bytes.Buffer
	text.WriteString("Bauta is made with the following, each under its own licence.\n")
	names := make([]string, 0, len(modules))
	for name := range modules {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		found, err := filepath.Glob(filepath.Join(modules[name], "[LNC][IOo][CTp]*"))
		if err != nil || len(found) == 0 {
			return nil, fmt.Errorf("%s has no file LICENSE: %w", name, err)
		}
		for _, path := range found {
			content, err := os.ReadFile(path) //nolint:gosec // of a module that is linked in
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&text, "\n%s\n%s, %s\n\n%s", strings.Repeat("=", 80), name, filepath.Base(path), content)
		}
	}
	return []file{{name: "THIRD_PARTY_LICENSES.txt", content: text.Bytes()}}, nil
}
