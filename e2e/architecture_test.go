package e2e

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ARCHITECTURE.md lists promise and test side by side: a test that it names must
// be there, and every promise must name some.
func TestPromisesNameTestsThatExist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "grep", "-rhoE", `^func (Test|Fuzz)[A-Za-z0-9_]+`, "--include=*_test.go", "..").Output()
	if err != nil {
		t.Fatal(err)
	}
	there := strings.Fields(strings.ReplaceAll(string(out), "func ", ""))
	rows := regexp.MustCompile(`(?m)^\| (\d) \|.*$`).FindAllStringSubmatch(string(text), -1)
	if len(rows) != 9 {
		t.Fatalf("%d promises in the table, want 9", len(rows))
	}
	for _, row := range rows {
		named := regexp.MustCompile(`\b(Test|Fuzz)[A-Z][A-Za-z0-9_]+`).FindAllString(row[0], -1)
		if len(named) == 0 {
			t.Errorf("promise %s names no test", row[1])
		}
		for _, name := range named {
			if !slices.Contains(there, name) {
				t.Errorf("promise %s names %s, which is not there", row[1], name)
			}
		}
	}
}
