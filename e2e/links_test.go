package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bauta/cmd/bauta/app"
)

// documents are all that people read, from the top of the repository.
func documents(t testing.TB) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.md", "deploy/*.md", "deploy/guides/*.md", "deploy/reference/*.md"} {
		found, err := filepath.Glob("../" + pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("there is no %s (%v)", pattern, err)
		}
		for _, path := range found {
			all = append(all, strings.TrimPrefix(filepath.ToSlash(path), "../"))
		}
	}
	return all
}

// sentences are the prose of a document.
func sentences(t testing.TB, document string) string {
	t.Helper()
	var out strings.Builder
	for _, p := range pieces(t, document) {
		if p.language == prose {
			out.WriteString(p.text)
		}
	}
	return out.String()
}

// anchors are the places in a document that links name, as the usual viewers make them of
// its headings.
func anchors(t testing.TB, document string) []string {
	t.Helper()
	var all []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(sentences(t, document), -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		all = append(all, strings.ReplaceAll(name, " ", "-"))
	}
	return all
}

// Links between documents lead to a file that is there, and to a heading of it.
func TestLinksBetweenDocumentsLead(t *testing.T) {
	t.Parallel()
	links := 0
	for _, document := range documents(t) {
		for _, found := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(sentences(t, document), -1) {
			target, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			links++
			to := document
			if target != "" {
				to = filepath.ToSlash(filepath.Join(filepath.Dir(document), target))
			}
			if _, err := os.Stat(filepath.Join("..", to)); err != nil {
				t.Errorf("%s: %s leads nowhere", document, found[1])
			} else if anchor != "" && !slices.Contains(anchors(t, to), anchor) {
				t.Errorf("%s: %s has no heading for %s", document, to, found[1])
			}
		}
	}
	if links < 50 {
		t.Errorf("only %d links were found", links)
	}
}

// Commands that are named in a sentence are there, with their flags.
func TestCommandsInSentencesAreThere(t *testing.T) {
	t.Parallel()
	named := 0
	for _, document := range documents(t) {
		for _, found := range regexp.MustCompile("`(?:\\./)?bauta ([a-z][^`|<]*)`").FindAllStringSubmatch(sentences(t, document), -1) {
			named++
			line := strings.Fields(found[1])
			command, rest, err := app.Commands().Find(line)
			if err != nil || !command.HasParent() {
				t.Errorf("%s: there is no command `bauta %s` (%v)", document, found[1], err)
				continue
			}
			for _, word := range rest {
				flag, isFlag := strings.CutPrefix(word, "--")
				if flag, _, _ = strings.Cut(flag, "="); isFlag && flag != "help" && command.Flags().Lookup(flag) == nil {
					t.Errorf("%s: `bauta %s`: %s has no flag --%s", document, found[1], command.CommandPath(), flag)
				}
			}
			if command.HasSubCommands() && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
				t.Errorf("%s: `bauta %s`: %s has no command %s", document, found[1], command.CommandPath(), rest[0])
			}
		}
	}
	if named < 40 {
		t.Errorf("only %d commands were found", named)
	}
}

// The guides' pieces of configuration pass the check at the place where they belong.
func TestTheGuidesPiecesOfConfigurationPass(t *testing.T) {
	t.Parallel()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, document := range documents(t) {
		if !strings.HasPrefix(document, "deploy/guides/") {
			continue
		}
		for _, p := range pieces(t, document) {
			if p.language != "yaml" {
				continue
			}
			checked++
			text := small(t) + p.text
			if strings.Contains(p.text, "endpoints:") {
				before, _, _ := strings.Cut(small(t), "    endpoints:\n")
				text = before + "    " + strings.ReplaceAll(strings.TrimSpace(p.text), "\n", "\n    ") + "\n"
			}
			folder := t.TempDir()
			write(t, filepath.Join(folder, "bauta.yaml"), text)
			write(t, filepath.Join(folder, "chatwoot-secret"), crmSecret)
			if out, err := shell(t, folder, "'"+path+"' keys init && '"+path+"' config check --config bauta.yaml"); err != nil {
				t.Errorf("%s:%d: %v: %s", document, p.line, err, out)
			}
		}
	}
	if checked < 2 {
		t.Errorf("only %d pieces were found", checked)
	}
}
