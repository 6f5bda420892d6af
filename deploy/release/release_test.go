package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app"
)

// A release of one platform, built twice: the same bytes, whose checksums hold, a program
// that runs, all that belongs to it, and a bill of materials that says what is linked in.
func TestAReleaseIsReproducibleAndWhole(t *testing.T) {
	t.Parallel()
	platform := runtime.GOOS + "/" + runtime.GOARCH
	var first, second string
	for _, out := range []*string{&first, &second} {
		*out = filepath.Join(t.TempDir(), "dist")
		r := release{root: "../..", out: *out, platforms: []string{platform}}
		if err := r.make(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sums := read(t, filepath.Join(first, "SHA256SUMS"))
	if again := read(t, filepath.Join(second, "SHA256SUMS")); again != sums {
		t.Errorf("built twice, it is not the same:\n%s\n%s", sums, again)
	}
	var bill, packed string
	for line := range strings.Lines(sums) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		content := read(t, filepath.Join(first, name))
		if got := fmt.Sprintf("%x", sha256.Sum256([]byte(content))); got != sum {
			t.Errorf("%s has the checksum %s, not %s", name, got, sum)
		}
		switch {
		case strings.HasSuffix(name, ".cdx.json"):
			bill = content
		case strings.HasSuffix(name, ".tar.gz"):
			packed = content
		}
	}
	files := unpack(t, packed)
	for _, name := range []string{
		"bauta", "LICENSE", "README.md", "PRIVACY.md", "deploy/README.md", "deploy/reference/redis.md", "deploy/guides/node-bot.md",
		"deploy/guides/bot.mjs", "deploy/systemd/bauta.service", "deploy/prometheus/alerts.yml", "deploy/kubernetes/deployment.yaml", "cmd/bauta/app/config/REFERENCE.md", "THIRD_PARTY_LICENSES.txt", "man/man1/bauta.1", "man/man1/bauta-config-check.1",
		"completions/bauta.bash", "completions/_bauta", "completions/bauta.fish", "completions/bauta.ps1",
	} {
		if files[name] == "" {
			t.Errorf("the archive has no %s", name)
		}
	}
	checkManual(t, app.Commands(), files)
	if strings.Contains(files["bauta"], os.Getenv("HOME")+"/go/pkg") {
		t.Error("the program holds a path of this machine")
	}
	program := filepath.Join(t.TempDir(), "bauta")
	if err := os.WriteFile(program, []byte(files["bauta"]), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), program, "version").CombinedOutput(); err != nil || !bytes.HasPrefix(said, []byte("bauta ")) {
		t.Errorf("bauta version: %v, %s", err, said)
	}
	checkBill(t, bill, program)
}

// checkManual wants a page for a command and each below it, under its own title, which
// says what it is for and, where it has others below it, what these are for.
func checkManual(t *testing.T, c *cobra.Command, files map[string]string) {
	t.Helper()
	name := strings.ReplaceAll(c.CommandPath(), " ", "-")
	page := files["man/man1/"+name+".1"]
	first, _, _ := strings.Cut(c.Short, ",")
	if title := ".TH \"" + strings.ToUpper(name) + "\" \"1\""; !strings.Contains(page, title) || !strings.Contains(page, first) {
		t.Errorf("the manual has no page for %s with its title and what it is for: %.200s", c.CommandPath(), page)
	}
	for _, sub := range c.Commands() {
		if !sub.IsAvailableCommand() {
			continue
		}
		if !strings.Contains(page, "\\fB"+sub.CommandPath()+"\\fP") {
			t.Errorf("the page of %s does not list %s", c.CommandPath(), sub.Name())
		}
		checkManual(t, sub, files)
	}
}

// checkBill holds a bill of materials against what the Go tool says of the program.
func checkBill(t *testing.T, bill, program string) {
	t.Helper()
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(strings.NewReader(bill), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, c := range *bom.Components {
		listed[c.Name+" "+c.Version] = true
	}
	said, err := exec.CommandContext(t.Context(), "go", "version", "-m", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := 0
	for line := range strings.Lines(string(said)) {
		if words := strings.Fields(line); len(words) > 2 && words[0] == "dep" {
			deps++
			if !listed[words[1]+" "+words[2]] {
				t.Errorf("%s %s is linked in and not listed", words[1], words[2])
			}
		}
	}
	if deps == 0 || len(listed) != deps+1 {
		t.Errorf("%d modules are listed, %d are linked in beside Go's own", len(listed), deps)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path) //nolint:gosec // of this test
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// unpack returns the files of an archive by their names below its folder.
func unpack(t *testing.T, packed string) map[string]string {
	t.Helper()
	stream, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for r := tar.NewReader(stream); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_, name, _ := strings.Cut(header.Name, "/")
		files[name] = string(content)
	}
}
